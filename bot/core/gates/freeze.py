"""Nothing moves while the environment is frozen; it opens by itself when the last of its freezes is over.

Those whom a freeze names may let one deployment pass, with a reason.
"""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.emergencies import is_emergency, skipped
from bot.core.freezing import frozen_until, thaw
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Unreadable, Verdict, people_in
from bot.core.lifting import lifted_by, lifters_of_all
from bot.core.overrides import Override
from bot.core.records import Deployment
from bot.core.rules import Freeze
from bot.core.wall_clock import WallClock

NAME = "freeze"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:
    """Open while none of the freezes holds, or each of them was lifted for this deployment."""
    holding = tuple(each for each in policy.freezes if frozen_until(each, now) is not None)
    if is_emergency(deployment) and holding:
        return skipped(deployment, NAME, f"{deployment.wish.environment} is frozen.")
    fact = facts[FactKind.LIFTERS]
    if isinstance(fact, Unreadable):
        return Verdict(NAME, GateState.WAITING, "It can't be read who lifted the freeze.", fact.why)
    if not holding:
        return Verdict(NAME, GateState.OPEN, "It is not frozen now.")
    lifted = {each: lifted_by(each, policy, deployment, people_in(fact), now) for each in holding}
    closed = tuple(each for each, word in lifted.items() if word is None)
    if closed:
        return _closed(deployment, policy, closed, now)
    return _overridden(deployment, [word for word in lifted.values() if word is not None])


def _closed(deployment: Deployment, policy: Policy, closed: tuple[Freeze, ...], now: datetime) -> Verdict:
    end, certain = thaw(policy.freezes, now)
    reasons = "; ".join(dict.fromkeys(each.reason for each in closed))
    until = f"{'' if certain else 'at least '}until {WallClock(closed[0].zone).said(end)}"
    who = lifters_of_all(closed, policy)
    override = f" Somebody of {who} may let it pass: `/override #{deployment.number} because ...`"
    return Verdict(
        NAME,
        GateState.WAITING,
        f"{deployment.wish.environment} is frozen {until}.",
        f"The reason: {reasons}.",
        _then(deployment, end) + (override if who else ""),
        who,
    )


def _then(deployment: Deployment, end: datetime) -> str:
    """An approval does not outlast every freeze."""
    request = deployment.request
    if request is not None and request.expires_at is not None and request.expires_at <= end:
        return "It runs out before that, so ask again then."
    return "It goes on by itself then."


def _overridden(deployment: Deployment, words: list[Override]) -> Verdict:
    names = " and ".join(dict.fromkeys(each.name for each in words))
    return Verdict(
        NAME,
        GateState.OVERRIDDEN,
        f"{deployment.wish.environment} is frozen; {names} let this one pass.",
        f"The reason: {'; '.join(dict.fromkeys(each.reason for each in words))}.",
    )


FREEZE = Gate(NAME, frozenset({FactKind.LIFTERS}), judge)
