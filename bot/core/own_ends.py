"""Who hears by direct message that what they asked for has ended, and what still says something later."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from bot.core.lifecycle import State
from bot.core.my_settings import MySettings, OwnEnds
from bot.core.records import Deployment
from bot.core.values import ActorKind


class Ending(StrEnum):
    """How something ended, for whoever asked for it."""

    WELL = "well"
    BADLY = "badly"  # it is not there, and they did not say so
    STOPPED = "stopped"  # somebody took it back


def ending_of(state: State) -> Ending | None:
    """None as long as it goes on."""
    match state:
        case State.SUCCEEDED:
            return Ending.WELL
        case (
            State.FAILED
            | State.REFUSED
            | State.REJECTED
            | State.EXPIRED
            | State.STALE
            | State.ROLLED_BACK
            | State.BYPASSED
        ):
            return Ending.BADLY
        case State.CANCELLED | State.WITHDRAWN | State.SUPERSEDED:
            return Ending.STOPPED
        case (
            State.REQUESTED
            | State.SCHEDULED
            | State.WAITING
            | State.READY
            | State.DISPATCHING
            | State.RUNNING
            | State.VERIFYING
            | State.CANCELLING
            | State.UNKNOWN
        ):
            return None


def hears_of(deployment: Deployment, settings: MySettings) -> bool:
    """Whether whoever asked for it wants this end told. What they stopped themselves they know."""
    ending, asker = ending_of(deployment.state), deployment.requested_by
    if ending is None or asker.kind is not ActorKind.PERSON:
        return False
    if ending is Ending.STOPPED and deployment.cancelled_by == asker:
        return False
    match settings.ends:
        case OwnEnds.NEVER:
            return False
        case OwnEnds.FAILURES:
            return ending is Ending.BADLY
        case OwnEnds.ALWAYS:
            return True


def still_news(ended: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """Of several ends at one place only the last one says how it stands there."""
    last = {(each.wish.service, each.wish.environment): each for each in _in_order(ended)}
    return _in_order(last.values())


def _in_order(ended: Iterable[Deployment]) -> tuple[Deployment, ...]:
    return tuple(sorted(ended, key=lambda each: (each.ended_at or each.updated_at, each.number)))
