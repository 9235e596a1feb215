"""Which rules ask for accounts, when a link is old enough, and what the gate says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Tier
from bot.core.errors import UserError
from bot.core.gates.identity import IDENTITY
from bot.core.gates.model import FactKind, GateState, Known, Unreadable, Verdict
from bot.core.identity import Identity, RepositoryRole, asks_for_account, too_new_to_vote
from bot.core.people import mentioned
from bot.core.rules import ApprovalRule, Approvals, Exclusion
from bot.core.values import SLIPWAY
from tests.fakes.samples import LINUS, NOON, SRE, frozen, policy

RULES = (ApprovalRule(1, (SRE,)),)
ASKING = policy(approvals=Approvals(RULES))
OPENS = {role: role >= RepositoryRole.WRITE for role in RepositoryRole}
ROLES = [(role, GateState.OPEN if opens else GateState.REFUSED) for role, opens in OPENS.items()]


def judge(value: Identity | bool, asks: bool = True) -> Verdict:
    rules = ASKING if asks else policy()
    return IDENTITY.judge(frozen(), rules, {FactKind.IDENTITY: Known(value, NOON)}, NOON)


@pytest.mark.parametrize("excluded", Exclusion)
def test_accounts_are_asked_for_where_authors_may_not_approve(excluded: Exclusion) -> None:
    rules = policy(approvals=Approvals(RULES, (excluded,)))
    assert asks_for_account(rules) is (excluded is not Exclusion.REQUESTER)
    assert not asks_for_account(policy(approvals=Approvals((), (excluded,))))


@pytest.mark.parametrize(("role", "state"), ROLES)
def test_who_asked_must_be_able_to_write(role: RepositoryRole, state: GateState) -> None:
    assert judge(Identity("linus", role)).state is state
    assert judge(Identity("linus", role), asks=False).state is GateState.OPEN


def test_without_a_link_it_waits_and_says_how_to_make_one() -> None:
    for value in (Identity(), Identity(None, RepositoryRole.ADMIN), True):
        verdict = judge(value)
        assert verdict.state is GateState.WAITING
        assert "/slipway link" in verdict.next


def test_what_cannot_be_read_waits() -> None:
    fact = {FactKind.IDENTITY: Unreadable("GitHub does not answer.")}
    assert IDENTITY.judge(frozen(), ASKING, fact, NOON).state is GateState.WAITING


def test_slipway_itself_has_no_account() -> None:
    fact = {FactKind.IDENTITY: Known(Identity(), NOON)}
    asked = replace(frozen(), requested_by=SLIPWAY)
    assert IDENTITY.judge(asked, ASKING, fact, NOON).state is GateState.OPEN


@pytest.mark.parametrize(
    ("hours", "tier", "confirmed", "too_new"),
    [
        (0, Tier.PRODUCTION, False, True),
        (23.99, Tier.PRODUCTION, False, True),
        (24, Tier.PRODUCTION, False, False),
        (1, Tier.PRODUCTION, True, False),
        (1, Tier.STANDARD, False, False),
    ],
)
def test_a_link_of_today_does_not_vote_in_production(
    hours: float, tier: Tier, confirmed: bool, too_new: bool
) -> None:
    person = replace(LINUS, login="linus", linked_at=NOON, link_confirmed=confirmed)
    assert too_new_to_vote(person, policy(tier=tier), NOON + timedelta(hours=hours)) is too_new
    assert not too_new_to_vote(replace(person, linked_at=None), policy(tier=tier), NOON)


def test_a_mention_names_one_person_and_a_name_nobody() -> None:
    assert mentioned("<@U123|ada>") == mentioned("<@U123>") == "U123"
    for word in ("ada", "@ada", "<@U123> ", "<#C123|x>", "<@u1>", "U123"):
        with pytest.raises(UserError, match="no mention"):
            mentioned(word)
