"""What a gate is: named facts in, a verdict out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.catalog import Policy
from bot.core.records import Deployment
from bot.core.values import Person


class FactKind(StrEnum):
    """What a gate may need to know of the world."""

    AHEAD = "ahead"  # the number of the deployment that goes first here, 0 when there is none
    REACHABLE = "reachable"  # whether the release is on a branch that this policy asks for
    REQUESTER = "requester"  # who asked, as the directory knows them now


@dataclass(frozen=True, slots=True)
class Known:
    """A fact, and when it was read."""

    value: int | bool | Person
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The fact could not be read: it waits, it never opens."""

    why: str


Facts = Mapping[FactKind, Known | Unreadable]


class GateState(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    REFUSED = "refused"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate says of a request, for people to read."""

    gate: str
    state: GateState
    what: str
    why: str = ""
    next: str = ""


Judge = Callable[[Deployment, Policy, Facts, datetime], Verdict]


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that must hold before dispatch."""

    name: str
    needs: frozenset[FactKind]
    judge: Judge


def passes(verdict: Verdict) -> bool:
    """Whether this gate lets the deployment go on."""
    match verdict.state:
        case GateState.OPEN | GateState.OVERRIDDEN:
            return True
        case GateState.WAITING | GateState.REFUSED:
            return False
