"""Where a rule asks for accounts, whoever asked must have linked theirs, and may write with it."""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Unreadable, Verdict
from bot.core.identity import NEEDED, Identity, asks_for_account
from bot.core.records import Deployment
from bot.core.values import ActorKind
from bot.core.verdicts import OF_LATE
from bot.core.wall_clock import WallClock

NAME = "identity"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Waits for the link, which can still be made; without the right to write it is refused."""
    fact = facts[FactKind.IDENTITY]
    if isinstance(fact, Unreadable):
        return Verdict(NAME, GateState.WAITING, "It can't be read what who asked for it may do.", fact.why)
    asker, found = deployment.requested_by, fact.value
    if not asks_for_account(policy) or asker.kind is not ActorKind.PERSON:
        return Verdict(NAME, GateState.OPEN, "No rule here asks for an account at the code host.")
    if not isinstance(found, Identity) or found.login is None:
        return Verdict(
            NAME,
            GateState.WAITING,
            f"{asker.name} has linked no account of the code host.",
            "A rule of this environment compares people with accounts, and names prove nothing.",
            f"{asker.name} can link theirs with `/slipway link`; it goes on by itself then.",
        )
    if found.role < NEEDED:
        return Verdict(
            NAME,
            GateState.REFUSED,
            f"{asker.name} may not write to the repository any more.",
            f"At the code host {found.login} has the permission {found.role.name.lower()} there.",
            "Somebody who may write to it can ask again.",
        )
    said = f"{asker.name} is {found.login}, who may write to the repository"
    if found.read_at is None:
        return Verdict(NAME, GateState.OPEN, f"{said}.")
    at = WallClock("UTC").said(found.read_at)
    return Verdict(NAME, GateState.OPEN, f"{said}, as read on {at}.", OF_LATE)


IDENTITY = Gate(NAME, frozenset({FactKind.IDENTITY}), judge)
