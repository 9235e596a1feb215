"""Nothing moves while the environment is frozen; it opens by itself when the last of its freezes is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.catalog import Policy
from bot.core.cron import parse_cron
from bot.core.gates.model import Facts, Gate, GateState, Verdict
from bot.core.records import Deployment
from bot.core.rules import FixedFreeze, Freeze, RecurringFreeze, Right
from bot.core.wall_clock import WallClock

NAME = "freeze"
LONGEST_TURN = timedelta(days=2)  # no clock is ever turned further than that
AHEAD_AT_MOST = 400  # freezes that follow on each other, before we only say “at least until”


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Open while none of the freezes holds."""
    holding = tuple(each for each in policy.freezes if frozen_until(each, now) is not None)
    if not holding:
        return Verdict(NAME, GateState.OPEN, "It is not frozen now.")
    end, certain = thaw(policy.freezes, now)
    reasons = "; ".join(dict.fromkeys(each.reason for each in holding))
    until = f"{'' if certain else 'at least '}until {_said(end, holding[0].zone)}"
    who = _who(holding, policy)
    return Verdict(
        NAME,
        GateState.WAITING,
        f"{deployment.wish.environment} is frozen {until}.",
        f"The reason: {reasons}.",
        "It goes on by itself then." + (f" Somebody of {who} may deploy all the same." if who else ""),
        who,
    )


def frozen_until(freeze: Freeze, now: datetime) -> datetime | None:
    """When this freeze ends, if it holds now.

    It covers each moment at which the wall clock reads inside it, and all that lies between those.
    """
    match freeze:
        case FixedFreeze():
            clock = WallClock(freeze.zone)
            end = clock.past(freeze.ends)
            return end if clock.first(freeze.starts) <= now < end else None
        case RecurringFreeze():
            return _recurring(freeze, now)


def thaw(freezes: tuple[Freeze, ...], now: datetime) -> tuple[datetime, bool]:
    """The first moment from now at which none of them holds, and whether that is certain."""
    moment = now
    for _ in range(AHEAD_AT_MOST):
        ends = [end for each in freezes if (end := frozen_until(each, moment)) is not None]
        if not ends:
            return moment, True
        moment = max(ends)
    return moment, False


def _recurring(freeze: RecurringFreeze, now: datetime) -> datetime | None:
    """The latest window that has begun also ends last, so it alone decides."""
    clock = WallClock(freeze.zone)
    shown = clock.reading(now)
    earliest = shown - freeze.lasts - LONGEST_TURN
    for start in parse_cron(freeze.cron).backwards(shown + LONGEST_TURN, earliest):
        if clock.first(start) <= now:
            end = clock.past(start + freeze.lasts)
            return end if now < end else None
    return None


def _said(moment: datetime, zone: str) -> str:
    local = WallClock(zone).reading(moment)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} ({zone})"


def _who(holding: tuple[Freeze, ...], policy: Policy) -> str:
    """Who may override every one of those that hold."""
    fallback = policy.rights.of(Right.OVERRIDE_FREEZE)
    named = [tuple(one.name for one in each.override or fallback) for each in holding]
    return ", ".join(name for name in dict.fromkeys(named[0]) if all(name in names for names in named))


FREEZE = Gate(NAME, frozenset(), judge)
