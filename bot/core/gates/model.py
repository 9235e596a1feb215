"""What a gate is: named facts in, a verdict out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.catalog import Policy
from bot.core.checks import Checks
from bot.core.going_back import TakenBack
from bot.core.identity import Identity
from bot.core.locks import Held
from bot.core.mending import Quarantined
from bot.core.promoting import Verified
from bot.core.records import Deployment
from bot.core.values import Person
from bot.core.verdicts import GateState, Verdict, passes
from bot.core.voting import Voters


class FactKind(StrEnum):
    """What a gate may need to know of the world."""

    CHECKS = "checks"  # the checks of the release, where the policy asks for any
    AHEAD = "ahead"  # the number of the deployment that goes first here, 0 when there is none
    LIFTERS = "lifters"  # who let it pass a rule, as the directory knows them now
    LOCKS = "locks"  # who holds what in this workspace
    REACHABLE = "reachable"  # whether the release is on a branch that this policy asks for
    QUARANTINES = "quarantines"  # what is quarantined here, and what the release has to do with it
    TAKEN_BACK = "taken back"  # what only what runs there now has, where files are guarded
    TICKERS = "tickers"  # who ticked its checklist, as the directory knows them now
    VOTERS = "voters"  # who voted, as the directory knows them now
    VERIFIED = "verified"  # what is on record of the release where it is promoted from
    IDENTITY = "identity"  # the account of who asked, and what it may do in the repository
    REQUESTER = "requester"  # who asked, as the directory knows them now


@dataclass(frozen=True, slots=True)
class Known:
    """A fact, and when it was read."""

    value: (
        int
        | bool
        | Person
        | tuple[Person, ...]
        | Verified
        | Voters
        | Held
        | Checks
        | Identity
        | TakenBack
        | Quarantined
    )
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The fact could not be read: it waits, it never opens."""

    why: str


Fact = Known | Unreadable
Facts = Mapping[FactKind, Fact]


def people_in(fact: Fact) -> tuple[Person, ...]:
    """Those whom it names; nobody where it could not be read."""
    return fact.value if isinstance(fact, Known) and isinstance(fact.value, tuple) else ()


Judge = Callable[[Deployment, Policy, Facts, datetime], Verdict]


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that must hold before dispatch."""

    name: str
    needs: frozenset[FactKind]
    judge: Judge


__all__ = [
    "Fact",
    "FactKind",
    "Facts",
    "Gate",
    "GateState",
    "Judge",
    "Known",
    "Unreadable",
    "Verdict",
    "passes",
    "people_in",
]
