"""What was read of late counts for a day, for going back and in an emergency, and only where it said yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.gates.identity import IDENTITY
from bot.core.gates.model import FactKind, GateState, Known
from bot.core.identity import Identity, RepositoryRole
from bot.core.pipelines import Provider, Repository
from bot.core.readings import COUNTS_FOR, Reading, of_late
from bot.core.rules import ApprovalRule, Approvals, Exclusion
from bot.core.values import Kind
from bot.core.verdicts import read_of_late
from tests.fakes.samples import NOON, SRE, frozen, policy, wish

READ = Reading(
    Repository(Provider.GITHUB, "acme/api"), "7", Identity("ada", RepositoryRole.WRITE), NOON - COUNTS_FOR
)
LATE = Identity("ada", RepositoryRole.WRITE, read_at=READ.at)
BACK = wish(kind=Kind.ROLLBACK)
ASKING = policy(approvals=Approvals((ApprovalRule(1, (SRE,)),), (Exclusion.AUTHORS,)))


@pytest.mark.parametrize("emergency", [False, True])
@pytest.mark.parametrize("kind", Kind)
def test_for_going_back_and_in_an_emergency(kind: Kind, emergency: bool) -> None:
    counts = emergency or kind is Kind.ROLLBACK
    asked = wish(kind=kind, emergency=emergency)
    assert of_late(READ, asked, NOON) == (LATE if counts else None)


def test_no_longer_than_a_day() -> None:
    assert of_late(READ, BACK, NOON + timedelta(microseconds=1)) is None
    assert of_late(None, BACK, NOON) is None


@pytest.mark.parametrize("role", RepositoryRole)
def test_only_where_it_said_yes(role: RepositoryRole) -> None:
    """A no of yesterday refuses nobody for good: it waits until the code host answers."""
    found = of_late(replace(READ, identity=Identity("ada", role)), BACK, NOON)
    assert (found is not None) is (role >= RepositoryRole.WRITE)


def test_the_gate_says_that_it_is_of_late() -> None:
    verdict = IDENTITY.judge(frozen(), ASKING, {FactKind.IDENTITY: Known(LATE, READ.at)}, NOON)
    assert verdict.state is GateState.OPEN
    assert "as read on " in verdict.what
    assert read_of_late(verdict)
    fresh = Known(Identity("ada", RepositoryRole.WRITE), NOON)
    assert not read_of_late(IDENTITY.judge(frozen(), ASKING, {FactKind.IDENTITY: fresh}, NOON))
