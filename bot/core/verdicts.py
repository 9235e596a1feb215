"""What a gate says of a request, for people to read; kept with the request, so that its card can show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.rules import ChecklistItem
from bot.core.text import Link

OF_LATE = "The code host did not answer."


class GateState(StrEnum):
    """Whether a gate lets a request pass."""

    OPEN = "open"
    WAITING = "waiting"
    REFUSED = "refused"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One gate's answer: what, why, who can change it, and what to do next."""

    gate: str
    state: GateState
    what: str
    why: str = ""
    next: str = ""
    who: str = ""
    links: tuple[Link, ...] = ()  # where a person can see it for themselves
    held: tuple[str, ...] = ()  # fingerprints of what closes it, for an override to be bound to
    seen: tuple[str, ...] = ()  # what it was judged by, where more of that may come in before it starts
    items: tuple[ChecklistItem, ...] = ()  # what the card lists below
    left: str = ""  # who can still change it, by name


def read_of_late(verdict: Verdict) -> bool:
    """Whether it is open by what was read before the code host fell silent."""
    return verdict.state is GateState.OPEN and verdict.why == OF_LATE


def passes(verdict: Verdict) -> bool:
    """Whether this gate lets the deployment go on."""
    match verdict.state:
        case GateState.OPEN | GateState.OVERRIDDEN:
            return True
        case GateState.WAITING | GateState.REFUSED:
            return False
