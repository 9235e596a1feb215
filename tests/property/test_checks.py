"""The gate of the checks against an oracle that asks each source by itself, over any history of a commit."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalog import Tier
from bot.core.checks import ACTIONS_APP, Check, CheckState, FromAccount, FromApp, newest
from bot.core.gates.checks import CHECKS
from bot.core.gates.model import FactKind, GateState, Known
from bot.core.rules import CheckRule
from tests.fakes.samples import NOON, frozen, policy

FOLDER = ".github/workflows/"
NAMES = ("lint", "test")
LISTED, UNLISTED = FOLDER + "ci.yml", FOLDER + "evil.yml"
SOURCES = (
    FromApp(ACTIONS_APP, LISTED, on_default_branch=True, event="push"),
    FromApp(ACTIONS_APP, LISTED, on_default_branch=True, event="schedule"),
    FromApp(ACTIONS_APP, LISTED, on_default_branch=True, event="pull_request", on_this_commit=False),
    FromApp(ACTIONS_APP, UNLISTED),
    FromApp(ACTIONS_APP),
    FromApp("scanner"),
    FromAccount("jenkins"),
    FromAccount("deputy"),
    FromAccount("mallory"),
)
histories = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(SOURCES), st.sampled_from(CheckState)), max_size=12
).flatmap(lambda events: st.tuples(st.just(events), st.permutations(range(len(events)))))
rules = st.builds(
    CheckRule,
    name=st.sampled_from(NAMES),
    app=st.sampled_from((None, ACTIONS_APP, "scanner")),
    workflow=st.sampled_from((None, "ci.yml", UNLISTED)),
    creators=st.sampled_from(((), ("jenkins", "deputy"))),
)


def admitted(rule: CheckRule, source: FromApp | FromAccount, production: bool) -> bool:
    """In plain words: named accounts set statuses, else the app made it, as a job of the right file,
    in a run of this commit's own tree."""
    if rule.creators or isinstance(source, FromAccount):
        return isinstance(source, FromAccount) and source.creator in rule.creators
    if rule.app not in (None, source.app) or not source.on_this_commit:
        return False
    if rule.workflow:
        return source.workflow is not None and source.workflow.endswith(rule.workflow)
    return source.on_default_branch or not (production and rule.app == ACTIONS_APP)


def opens(rule: CheckRule, history: Sequence[Check], production: bool) -> bool:
    """There is a last word, and each last word is green; named accounts share one."""
    mine = [one for one in history if one.name == rule.name and admitted(rule, one.source, production)]
    speakers = {None if rule.creators else one.source for one in mine}
    lasts = [
        max((one for one in mine if speaker in (None, one.source)), key=lambda one: one.id)
        for speaker in speakers
    ]
    return bool(lasts) and all(last.state is CheckState.GREEN for last in lasts)


@given(told=histories, asked=st.lists(rules, max_size=3), tier=st.sampled_from(Tier))
def test_it_opens_exactly_when_each_rule_has_its_last_word_green(
    told: tuple[list[tuple[str, FromApp | FromAccount, CheckState]], list[int]],
    asked: list[CheckRule],
    tier: Tier,
) -> None:
    events, order = told
    history = [Check(id, name, source, state, state) for id, (name, source, state) in enumerate(events, 1)]
    fact = Known(newest([history[index] for index in order]), NOON)  # in whatever order it is listed
    verdict = CHECKS.judge(frozen(), policy(tier=tier, checks=tuple(asked)), {FactKind.CHECKS: fact}, NOON)
    expected = all(opens(rule, history, tier is Tier.PRODUCTION) for rule in asked)
    assert (verdict.state is GateState.OPEN) is expected
    assert verdict.state in (GateState.OPEN, GateState.WAITING)
    assert verdict.state is GateState.OPEN or (verdict.what and verdict.next and verdict.who)
