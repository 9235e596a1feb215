"""The gate of the checks: green, of the exact commit, from the right source; all else is closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.catalog import Tier
from bot.core.checks import ACTIONS_APP, Check, Checks, CheckState, FromAccount, FromApp, newest
from bot.core.errors import Bug
from bot.core.gates.checks import CHECKS, LINKS, find
from bot.core.gates.model import FactKind, GateState, Known, Unreadable, Verdict
from bot.core.rules import CheckRule
from bot.core.text import Link
from tests.fakes.samples import NOON, asked, frozen, policy

CI, OTHER = ".github/workflows/ci.yml", ".github/workflows/other.yml"
ACTIONS = FromApp(ACTIONS_APP, CI, on_default_branch=True, event="push")
FOR_A_PULL_REQUEST = replace(ACTIONS, event="pull_request", on_this_commit=False)
ON_A_BRANCH = FromApp(ACTIONS_APP, OTHER)
BY_THE_API = FromApp(ACTIONS_APP)
LINT = CheckRule("lint", ACTIONS_APP)
URL = "https://github.com/acme/api/actions/runs/1/job/2"


def check(
    source: FromApp | FromAccount = ACTIONS,
    state: CheckState = CheckState.GREEN,
    id: int = 1,
    name: str = "lint",
    said: str = "",
    url: str = URL,
) -> Check:
    return Check(id, name, source, state, said or state.value, url)


def judge(*checks: Check, rules: tuple[CheckRule, ...] = (LINT,), tier: Tier = Tier.PRODUCTION) -> Verdict:
    facts = {FactKind.CHECKS: Known(newest(checks), NOON)}
    return CHECKS.judge(frozen(), policy(tier=tier, checks=rules), facts, NOON)


def test_green_from_the_right_source_opens() -> None:
    assert judge(check()) == Verdict("checks", GateState.OPEN, "Green: lint.")


def test_none_asked_for_is_open() -> None:
    assert judge(rules=()).state is GateState.OPEN
    assert judge(check(state=CheckState.NOT_GREEN), rules=()).state is GateState.OPEN


@pytest.mark.parametrize("said", ["failure", "cancelled", "skipped", "neutral", "stale", "a word of 2031"])
def test_whatever_is_not_green_is_named_with_its_link(said: str) -> None:
    verdict = judge(check(state=CheckState.NOT_GREEN, said=said))
    assert verdict.state is GateState.WAITING
    assert "lint is not green" in verdict.what
    assert said in verdict.why
    assert verdict.links == (Link(URL, "lint"),)
    assert verdict.next
    assert verdict.who


def test_missing_pending_and_unreadable_are_closed_and_say_what_to_do() -> None:
    deployment = frozen()
    facts = {FactKind.CHECKS: Unreadable("GitHub answered with error 502")}
    unreadable = CHECKS.judge(deployment, policy(checks=(LINT,)), facts, NOON)
    for verdict, words in (
        (judge(), "lint is missing"),
        (judge(check(name="Lint")), "lint is missing"),  # names know capitals
        (judge(check(state=CheckState.PENDING)), "lint has not ended"),
        (unreadable, "can't be read"),
    ):
        assert verdict.state is GateState.WAITING
        assert words in verdict.what
        assert verdict.next
        assert verdict.who
    assert "502" in unreadable.why


def test_the_newest_of_a_source_counts() -> None:
    red, green = CheckState.NOT_GREEN, CheckState.GREEN
    assert judge(check(state=red, id=1), check(id=2)).state is GateState.OPEN
    assert judge(check(state=red, id=2), check(id=1)).state is GateState.WAITING
    assert judge(check(state=CheckState.PENDING, id=2), check(id=1)).state is GateState.WAITING
    assert green in {each.state for each in newest([check(state=red, id=1), check(id=2)]).each}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (FromApp("helpful-bot"), "made by the app helpful-bot; it must come from the app github-actions"),
        (FromApp("helpful-bot", CI, on_default_branch=True), "must come from the app github-actions"),
        (ON_A_BRANCH, f"is a job of {OTHER}; it must be a job of a workflow that stands on the default"),
        (BY_THE_API, "is not a job of any workflow here"),
        (FromAccount("mallory"), "is a commit status that mallory set"),
        (FromAccount(""), "is a commit status that nobody set"),
    ],
)
def test_the_right_name_from_elsewhere_does_not_count(source: FromApp | FromAccount, words: str) -> None:
    verdict = judge(check(source))
    assert verdict.state is GateState.WAITING
    assert "lint does not count" in verdict.what
    assert words in verdict.why
    assert "slipway.yml" in verdict.next


@pytest.mark.parametrize(
    "source",
    [FromApp("helpful-bot"), BY_THE_API, ON_A_BRANCH, FOR_A_PULL_REQUEST, FromAccount("mallory")],
)
def test_nothing_from_elsewhere_hides_what_counts(source: FromApp | FromAccount) -> None:
    forged = check(source, id=9)
    assert judge(check(state=CheckState.NOT_GREEN), forged).state is GateState.WAITING
    assert judge(check(), forged).state is GateState.OPEN
    broken = replace(forged, state=CheckState.NOT_GREEN)
    assert judge(check(), broken).state is GateState.OPEN  # and nobody can block it from there


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("pull_request", "lint ran for a pull request, on another tree; it does not count."),
        ("pull_request_target", "lint ran for a pull request, on another tree; it does not count."),
        ("issue_comment", "lint ran for the event issue_comment, on another tree; it does not count."),
        (None, "lint ran for the event unknown, on another tree; it does not count."),
    ],
)
@pytest.mark.parametrize("tier", Tier)
def test_a_run_on_another_tree_alone_is_closed_and_says_what_to_do(
    tier: Tier, event: str | None, words: str
) -> None:
    verdict = judge(check(replace(FOR_A_PULL_REQUEST, event=event)), tier=tier)
    assert verdict.state is GateState.WAITING
    assert "lint ran on another tree" in verdict.what
    assert verdict.why == words
    assert "on the branch of this commit" in verdict.next
    assert "`push`" in verdict.next
    assert verdict.links == (Link(URL, "lint"),)


@pytest.mark.parametrize("rule", [LINT, CheckRule("lint"), CheckRule("lint", ACTIONS_APP, "ci.yml")])
def test_a_run_on_another_tree_takes_the_place_of_none(rule: CheckRule) -> None:
    green, red = check(FOR_A_PULL_REQUEST, id=9), check(FOR_A_PULL_REQUEST, CheckState.NOT_GREEN, id=9)
    assert judge(check(state=CheckState.NOT_GREEN), green, rules=(rule,)).state is GateState.WAITING
    assert judge(check(state=CheckState.PENDING), green, rules=(rule,)).state is GateState.WAITING
    assert judge(check(), red, rules=(rule,)).state is GateState.OPEN


def test_a_run_by_hand_does_not_hide_the_red_one_of_the_push() -> None:
    by_hand = check(replace(ACTIONS, event="workflow_dispatch"), id=9)
    assert judge(check(state=CheckState.NOT_GREEN), by_hand).state is GateState.WAITING
    assert judge(by_hand).state is GateState.OPEN


def test_one_that_is_missing_is_told_how_to_run() -> None:
    assert "needs `push` under its `on:`" in judge().next


def test_a_named_workflow_is_the_only_one() -> None:
    rule = CheckRule("lint", ACTIONS_APP, "other.yml")
    assert judge(check(ON_A_BRANCH), rules=(rule,)).state is GateState.OPEN
    assert judge(check(), rules=(rule,)).state is GateState.WAITING
    whole = replace(rule, workflow=OTHER)
    assert judge(check(ON_A_BRANCH), rules=(whole,)).state is GateState.OPEN
    staging = judge(check(), rules=(CheckRule("lint", workflow="other.yml"),), tier=Tier.STANDARD)
    assert staging.state is GateState.WAITING


def test_outside_production_any_check_run_counts_and_no_status() -> None:
    rule = CheckRule("lint")
    for source in (FromApp("helpful-bot"), BY_THE_API, ON_A_BRANCH):
        assert judge(check(source), rules=(rule,), tier=Tier.STANDARD).state is GateState.OPEN
    assert judge(check(FromAccount("ada")), rules=(rule,), tier=Tier.STANDARD).state is GateState.WAITING
    both = (check(), check(FromApp("helpful-bot"), CheckState.NOT_GREEN, id=2))
    assert judge(*both, rules=(rule,), tier=Tier.STANDARD).state is GateState.WAITING


def test_a_status_counts_from_the_named_creators_alone() -> None:
    rule = CheckRule("lint", creators=("Jenkins[bot]", "ada"))
    assert judge(check(FromAccount("jenkins[BOT]")), rules=(rule,)).state is GateState.OPEN
    assert judge(check(FromAccount("mallory")), rules=(rule,)).state is GateState.WAITING
    assert "must be a commit status" in judge(check(), rules=(rule,)).why
    red = check(FromAccount("ada"), CheckState.NOT_GREEN, id=1)
    again = check(FromAccount("jenkins[bot]"), id=2)
    assert judge(red, again, rules=(rule,)).state is GateState.OPEN  # one status, whoever of them set it
    assert judge(replace(red, id=3), again, rules=(rule,)).state is GateState.WAITING


def test_every_closed_check_is_named_and_the_worst_comes_first() -> None:
    rules = tuple(
        CheckRule(name, ACTIONS_APP) for name in ("docs", "gone", "unit", "lint", "merge", "forged")
    )
    verdict = judge(
        check(name="docs"),
        check(name="unit", state=CheckState.PENDING),
        check(name="lint", state=CheckState.NOT_GREEN),
        check(FromAccount("mallory"), name="forged"),
        check(FOR_A_PULL_REQUEST, name="merge"),
        rules=rules,
    )
    said = verdict.what.split(": ")[1]
    assert said == (
        "lint is not green, merge ran on another tree, forged does not count, gone is missing,"
        " unit has not ended."
    )
    assert "docs" not in verdict.what
    assert frozen().resolution is not None
    assert "Run it again" in verdict.next


def test_names_and_addresses_of_others_are_shown_as_they_are() -> None:
    rule = CheckRule("li\u202ent", ACTIONS_APP)
    red = check(state=CheckState.NOT_GREEN, name=rule.name, said="x" * 500)
    verdict = judge(red, rules=(rule,))
    assert "\u202e" not in verdict.what + verdict.why
    assert len(verdict.why) < 300
    for url in ("javascript:alert(1)", "", "ftp://x.test", "https://x.test/\u202e", "https://" + "x" * 5_000):
        assert judge(replace(red, url=url), rules=(rule,)).links == ()


def test_a_few_links_are_enough() -> None:
    names = [f"check-{number}" for number in range(20)]
    rules = tuple(CheckRule(name, ACTIONS_APP) for name in names)
    verdict = judge(*(check(name=name, state=CheckState.NOT_GREEN) for name in names), rules=rules)
    assert len(verdict.links) == LINKS
    assert all(name in verdict.what for name in names)


def test_a_wrong_fact_or_an_unresolved_request_is_a_bug() -> None:
    with pytest.raises(Bug):
        CHECKS.judge(frozen(), policy(checks=(LINT,)), {FactKind.CHECKS: Known(True, NOON)}, NOON)
    with pytest.raises(Bug):
        CHECKS.judge(asked(), policy(checks=(LINT,)), {FactKind.CHECKS: Known(Checks(), NOON)}, NOON)


def test_a_finding_points_at_the_check_that_stands_in_the_way() -> None:
    red = check(FromApp("b"), CheckState.NOT_GREEN, id=5)
    found = find(CheckRule("lint"), [check(FromApp("a")), red], production=False)
    assert found.check == red
