"""Whoever asked must still be allowed to when it starts: people leave, and catalogs change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core.catalog import Policy
from bot.core.emergencies import is_emergency, may_break_glass
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.people import Who, as_of_late, is_member
from bot.core.records import Deployment
from bot.core.rolling_back import rollers
from bot.core.rules import Right
from bot.core.values import ActorKind, Kind, Origin, Person
from bot.core.verdicts import OF_LATE
from bot.core.wall_clock import WallClock

NAME = "requester"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Open while the person is one of those who may deploy here."""
    fact = facts[FactKind.REQUESTER]
    if isinstance(fact, Unreadable):
        return Verdict(NAME, GateState.WAITING, "It can't be read who asked for it.", fact.why)
    goes_back = deployment.wish.kind is Kind.ROLLBACK
    if goes_back and deployment.origin is Origin.AUTOMATIC:
        return _by_itself(deployment, policy)
    at_the_host = deployment.requested_by.kind is ActorKind.OPERATOR
    if at_the_host and goes_back and not deployment.wish.emergency and not is_emergency(deployment):
        return Verdict(NAME, GateState.OPEN, "Whoever can run commands on Slipway's own host may go back.")
    found = _judged(deployment, policy, fact)
    person = fact.value
    hurries = goes_back or is_emergency(deployment)
    if found.state is GateState.OPEN or not hurries or not isinstance(person, Person) or not person.of_late:
        return found
    again = _judged(deployment, policy, replace(fact, value=as_of_late(person)))
    if again.state is not GateState.OPEN:
        return found
    at = WallClock("UTC").said(person.of_late)
    return replace(again, what=f"{again.what} Their teams were read on {at}.", why=OF_LATE)


def _judged(deployment: Deployment, policy: Policy, fact: Known) -> Verdict:
    goes_back = deployment.wish.kind is Kind.ROLLBACK
    able = able_to_ask(deployment, policy)
    if deployment.origin is Origin.PROVIDER and not _may(fact, able):
        return _at_the_provider(deployment, policy)
    if _may(fact, able) and is_emergency(deployment):
        return _emergency(deployment, policy, fact)
    restores = deployment.wish.kind is Kind.RESTORE
    do = "roll back in" if goes_back else "restore the database in" if restores else "deploy to"
    if _may(fact, able):
        return Verdict(NAME, GateState.OPEN, f"Who asked for it may {do} {deployment.wish.environment}.")
    who = ", ".join(each.name for each in able) or "nobody"
    return Verdict(
        NAME,
        GateState.REFUSED,
        f"{deployment.requested_by.name} may not {do} {deployment.wish.environment} any more.",
        f"That is for {who}.",
        f"Somebody of {who} can ask again.",
    )


def able_to_ask(deployment: Deployment, policy: Policy) -> Who:
    """Whose wish it may be, by its kind."""
    match deployment.wish.kind:
        case Kind.DEPLOY | Kind.PROMOTE | Kind.RUN:
            return policy.who
        case Kind.ROLLBACK:
            return rollers(policy)
        case Kind.RESTORE:
            return policy.rights.of(Right.OVERRIDE_MIGRATIONS)


def _by_itself(deployment: Deployment, policy: Policy) -> Verdict:
    """Nobody asked but the catalog, and it may have changed its mind."""
    if policy.rollback.automatic:
        return Verdict(NAME, GateState.OPEN, "The catalog wants it to go back by itself.")
    return Verdict(
        NAME,
        GateState.REFUSED,
        f"The catalog does not let {deployment.wish.environment} go back by itself any more.",
        "It was changed since this was begun.",
        f"Somebody can: `/rollback {deployment.wish.service} {deployment.wish.environment}`",
    )


def _at_the_provider(deployment: Deployment, policy: Policy) -> Verdict:
    """Whoever pushed or merged made a run wait; that starts nothing, so those who approve it decide."""
    who, asker = ", ".join(each.name for each in policy.who) or "nobody", deployment.requested_by.name
    if policy.approvals.rules:
        return Verdict(NAME, GateState.OPEN, f"{asker} started the run; those who approve it decide.")
    return Verdict(
        NAME,
        GateState.REFUSED,
        f"{asker} may not deploy to {deployment.wish.environment}, and nobody has to approve it.",
        f"That is for {who}.",
        f"Somebody of {who}, with a linked account, can start the run; or the catalog can ask for approvals.",
    )


def _emergency(deployment: Deployment, policy: Policy, fact: Known) -> Verdict:
    if isinstance(fact.value, Person) and may_break_glass(fact.value, policy):
        return Verdict(NAME, GateState.OPEN, "Who asked for it may deploy here in an emergency.")
    who = ", ".join(each.name for each in policy.rights.of(Right.EMERGENCY)) or "nobody"
    return Verdict(
        NAME,
        GateState.REFUSED,
        f"{deployment.requested_by.name} may not break the glass for {deployment.wish.environment} any more.",
        f"That is for {who}.",
        "Without `emergency` it can be asked for again, and waits for every rule.",
    )


def _may(fact: Known, able: Who) -> bool:
    person = fact.value
    return isinstance(person, Person) and not person.stranger and is_member(able, person)


REQUESTER = Gate(NAME, frozenset({FactKind.REQUESTER}), judge)
