"""Whose tick counts, on what, and who may let a deployment pass without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.core.catalog import Catalog, Environment, Policy
from bot.core.errors import Denied, UserError
from bot.core.gates.checklist import CHECKLIST
from bot.core.gates.model import FactKind, Facts, GateState, Known, Unreadable, Verdict
from bot.core.lifecycle import State
from bot.core.overrides import Overridable, Override
from bot.core.passing import closed_gates, covers
from bot.core.policy_version import fingerprint
from bot.core.records import Deployment
from bot.core.rules import AutomaticItem, AutoTick, Checklist, Right, Rights, Tick
from bot.core.ticking import open_items
from bot.core.ticks import Ticked
from bot.core.values import Person
from tests.fakes.samples import ADA, FORMER, LINUS, NOON, OWNERS, SRE, catalog, frozen, policy, service

BACKUP, TOLD = "backup verified", "team told"
LIST = Checklist(
    before=(Tick(BACKUP), AutoTick(AutomaticItem.CHECKS), Tick(TOLD)), after=(Tick("metrics watched"),)
)
OWNER = Person("U0OWNER001", "Olive", NOON)
RIGHTS = Rights(((Right.OVERRIDE_CHECKLIST, (OWNERS,)),))


def rules(**changes: Any) -> Policy:
    return policy(**({"checklist": LIST, "who": (SRE,), "rights": RIGHTS} | changes))


def known(**changes: Any) -> Catalog:
    return catalog(service("api", Environment("staging", rules(**changes))))


def ticked(*given: tuple[str, Person], digest: str = "", **changes: Any) -> Deployment:
    deployment = frozen(known=known(), **changes)
    seen = digest or deployment.digest or ""
    return replace(
        deployment, ticks=tuple(Ticked(item, each.id, each.name, seen, NOON) for item, each in given)
    )


def judge(deployment: Deployment, people: Sequence[Person] = (), **changes: Any) -> Verdict:
    passed = tuple(
        each for each in (ADA, LINUS, OWNER) if each.id in {o.person for o in deployment.overrides}
    )
    facts = {FactKind.TICKERS: Known(tuple(people), NOON), FactKind.LIFTERS: Known(passed, NOON)}
    return CHECKLIST.judge(deployment, rules(**changes), facts, NOON)


def test_it_waits_for_each_item_and_says_who_may_tick() -> None:
    verdict = judge(ticked((BACKUP, ADA)), [ADA])
    assert (verdict.state, verdict.what) == (GateState.WAITING, f"Not ticked yet: {TOLD}.")
    assert verdict.who == "sre"
    assert "`/override #7 checklist because ...`" in verdict.next
    assert "payments" in verdict.next
    assert judge(ticked((BACKUP, ADA), (TOLD, ADA)), [ADA]).state is GateState.OPEN


@pytest.mark.parametrize(
    "person",
    [LINUS, FORMER, replace(ADA, guest=True), replace(ADA, stranger=True), replace(ADA, groups=frozenset())],
)
def test_a_tick_of_who_may_not_tick_any_more_opens_nothing(person: Person) -> None:
    verdict = judge(ticked((BACKUP, person), (TOLD, person)), [person])
    assert verdict.state is GateState.WAITING
    assert f"“{BACKUP}” has to be ticked anew" in verdict.why


def test_a_tick_belongs_to_one_digest_and_to_one_wording() -> None:
    both = ((BACKUP, ADA), (TOLD, ADA))
    assert judge(ticked(*both, digest="another"), [ADA]).state is GateState.WAITING
    reworded = Checklist(before=(Tick("backup restored somewhere"), Tick(TOLD)))
    assert judge(ticked(*both), [ADA], checklist=reworded).state is GateState.WAITING


def test_owners_may_tick_and_whom_the_catalog_does_not_name_may_not_be_missing() -> None:
    both = ticked((BACKUP, OWNER), (TOLD, OWNER))
    assert judge(both, [OWNER]).state is GateState.WAITING
    assert judge(both, [OWNER], owners=(OWNERS,)).state is GateState.OPEN
    assert judge(both, []).state is GateState.WAITING  # nobody could say who that is


def test_who_ticked_must_be_readable() -> None:
    facts: Facts = {FactKind.TICKERS: Unreadable("Slack is silent."), FactKind.LIFTERS: Known((), NOON)}
    verdict = CHECKLIST.judge(ticked((BACKUP, ADA), (TOLD, ADA)), rules(), facts, NOON)
    assert (verdict.state, verdict.why) == (GateState.WAITING, "Slack is silent.")


def overridden(person: Person, **changes: Any) -> Deployment:
    deployment = ticked()
    word = Override(
        Overridable.CHECKLIST,
        person.id,
        person.name,
        deployment.digest or "",
        NOON,
        "it burns",
        (fingerprint(LIST.before),),
    )
    return replace(deployment, overrides=(replace(word, **changes),))


def test_an_override_opens_it_and_says_who_and_why() -> None:
    verdict = judge(overridden(OWNER))
    assert verdict.state is GateState.OVERRIDDEN
    assert "Olive let this one pass" in verdict.what
    assert "it burns" in verdict.why


@pytest.mark.parametrize(
    "changes", [{"digest": "another"}, {"gate": Overridable.FREEZE}, {"held": ()}, {"held": ("another",)}]
)
def test_an_override_is_of_this_list_on_this_request(changes: dict[str, Any]) -> None:
    assert judge(overridden(OWNER, **changes)).state is GateState.WAITING


def test_an_override_counts_for_whom_the_right_names() -> None:
    assert judge(overridden(ADA)).state is GateState.WAITING
    longer = Checklist(before=(*LIST.before, Tick("one more")))
    assert judge(overridden(OWNER), checklist=longer).state is GateState.WAITING


def test_an_override_covers_what_was_judged_closed() -> None:
    deployment = ticked()
    assert closed_gates(deployment) == ()
    with pytest.raises(UserError, match="does not hold #7"):
        covers(Overridable.CHECKLIST, OWNER, deployment, known(), NOON)
    held = replace(deployment, verdicts=(judge(deployment),))
    assert closed_gates(held) == (Overridable.CHECKLIST,)
    assert covers(Overridable.CHECKLIST, OWNER, held, known(), NOON) == (fingerprint(LIST.before),)
    with pytest.raises(Denied, match="You can't override the checklist of staging"):
        covers(Overridable.CHECKLIST, ADA, held, known(), NOON)
    nobody = replace(held, policy=None)
    with pytest.raises(Denied) as denied:
        covers(Overridable.CHECKLIST, OWNER, nobody, known(rights=Rights()), NOON)
    assert denied.value.why == "The catalog allows nobody to."


def test_what_can_be_ticked_in_which_state() -> None:
    for state, items in (
        (State.WAITING, (BACKUP, TOLD)),
        (State.SCHEDULED, (BACKUP, TOLD)),
        (State.READY, ()),
        (State.RUNNING, ()),
        (State.SUCCEEDED, ("metrics watched",)),
        (State.FAILED, ()),
    ):
        assert open_items(replace(ticked(), state=state), known()) == items
