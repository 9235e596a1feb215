"""Which release is kept from where, what people read of it, and whose word lets one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.core.gates.model import FactKind, GateState, Known, Verdict
from bot.core.gates.quarantine import QUARANTINE
from bot.core.locks import Scope
from bot.core.mending import Bearing, Kin, Quarantined
from bot.core.overrides import Overridable, Override, with_word
from bot.core.quarantine import Quarantine
from bot.core.rules import Right, Rights
from bot.core.values import Person
from tests.fakes.samples import ADA, FORMER, LINUS, NOON, OWNERS, SHA_A, SRE, actor, frozen, policy

RIGHTS = Rights(((Right.OVERRIDE_QUARANTINE, (SRE,)),))
STAGING = Scope("api", "staging")
KEPT = Quarantine("q1", STAGING, SHA_A, "v1.4.2", actor(ADA), "it corrupts carts", NOON)


def judge(
    *held: Quarantine | Kin, words: Sequence[Override] = (), people: Sequence[Person] = (), **rules: Any
) -> Verdict:
    deployment = replace(frozen(), overrides=tuple(words))
    kin = tuple(each if isinstance(each, Kin) else Kin(each, Bearing.ITSELF) for each in held)
    facts = {
        FactKind.QUARANTINES: Known(Quarantined(kin), NOON),
        FactKind.LIFTERS: Known(tuple(people), NOON),
    }
    return QUARANTINE.judge(deployment, policy(rights=RIGHTS, owners=(OWNERS,), **rules), facts, NOON)


@pytest.mark.parametrize(
    ("bearing", "words", "what", "next_step"),
    [
        (
            Bearing.MADE_OF,
            "",
            "It is made of v1.4.2, aaaaaaa, which is quarantined",
            "fixed by aaaaaaa because",
        ),
        (Bearing.CUT_OFF, "Too many.", "Nobody can say whether it mends v1.4.2", "fixed by aaaaaaa because"),
        (
            Bearing.UNREAD,
            "Gone.",
            "Nobody can say whether it is made of v1.4.2",
            "Ask for a release that mends it",
        ),
    ],
)
def test_what_is_made_of_it_is_held_too(bearing: Bearing, words: str, what: str, next_step: str) -> None:
    verdict = judge(Kin(KEPT, bearing, words))
    assert (verdict.state, verdict.held, verdict.seen) == (GateState.WAITING, ("q1",), ("q1",))
    assert what in verdict.what
    assert verdict.why.startswith(words)
    assert next_step in verdict.next
    assert "`/override #7 quarantine because ...`" in verdict.next
    passed = judge(Kin(KEPT, bearing, words), words=[word(ADA, "q1")], people=[ADA])
    assert (passed.state, passed.seen) == (GateState.OVERRIDDEN, ("q1",))


def test_what_mends_it_goes_and_says_how_that_is_known() -> None:
    apart = judge(Kin(KEPT, Bearing.APART))
    assert (apart.state, apart.what, apart.seen) == (
        GateState.OPEN,
        "This release is not quarantined.",
        ("q1",),
    )
    mended = judge(Kin(KEPT, Bearing.MENDED, "bbbbbbb reverts aaaaaaa."), Kin(KEPT, Bearing.APART))
    assert (mended.state, mended.why) == (GateState.OPEN, "bbbbbbb reverts aaaaaaa.")
    assert mended.what == "It mends v1.4.2, aaaaaaa, which is quarantined."
    assert judge(Kin(KEPT, Bearing.MENDED), replace(KEPT, id="q2")).held == ("q2",)


def test_it_says_who_why_since_when_and_what_next() -> None:
    verdict = judge(KEPT)
    assert verdict.what == "v1.4.2, aaaaaaa is quarantined: api in staging."
    assert verdict.why == "Ada did so at 2026-03-02 12:00 UTC: “it corrupts carts”."
    assert "Ask for a release that mends it." in verdict.next
    assert "`/quarantine api staging aaaaaaa lift because ...`" in verdict.next
    assert "`/override #7 quarantine because ...`" in verdict.next
    assert verdict.who == "payments or sre"
    assert judge(replace(KEPT, ref="aaaaaaa")).what == "aaaaaaa is quarantined: api in staging."


def word(person: Person, *held: str, **changes: Any) -> Override:
    digest = frozen().digest or ""
    said = Override(Overridable.QUARANTINE, person.id, person.name, digest, NOON, "no carts here", held)
    return replace(said, **changes)


@pytest.mark.parametrize(
    ("said", "person", "state"),
    [
        (word(ADA, "q1"), ADA, GateState.OVERRIDDEN),
        (word(ADA, "q0"), ADA, GateState.WAITING),  # of one that was put there since
        (word(ADA, "q1", digest="another"), ADA, GateState.WAITING),
        (word(ADA, "q1", gate=Overridable.MIGRATIONS), ADA, GateState.WAITING),
        (word(ADA, "q1"), replace(ADA, groups=frozenset()), GateState.WAITING),
        (word(FORMER, "q1"), FORMER, GateState.WAITING),
        (word(LINUS, "q1"), LINUS, GateState.WAITING),
    ],
)
def test_whose_word_lets_one_pass(said: Override, person: Person, state: GateState) -> None:
    assert judge(KEPT, words=[said], people=[person]).state is state


def test_each_quarantine_wants_a_word_of_its_own() -> None:
    everywhere = replace(KEPT, id="q2", scope=Scope("api"), reason="it is slow")
    verdict = judge(KEPT, everywhere, words=[word(ADA, "q1")], people=[ADA])
    assert verdict.held == ("q2",)
    assert "it is slow" in verdict.why
    both = judge(KEPT, everywhere, words=[word(ADA, "q1", "q2")], people=[ADA])
    assert both.state is GateState.OVERRIDDEN
    assert "Ada let this one pass" in both.what
    assert both.why == "The reason: no carts here."


def test_a_second_word_leaves_the_first_where_it_is_about_something_else() -> None:
    """Or whoever lets two quarantines pass, one after the other, would never be done."""
    everywhere = replace(KEPT, id="q2", scope=Scope("api"))
    first, second = word(ADA, "q1"), word(ADA, "q2")
    said = with_word(with_word((), first), second)
    assert said == (first, second)
    assert judge(KEPT, everywhere, words=said, people=[ADA]).state is GateState.OVERRIDDEN
    again = replace(second, reason="nobody buys anything now")
    assert with_word(said, again) == (first, again)
    assert with_word((word(FORMER, "q2"), first), second)[0].person == FORMER.id
