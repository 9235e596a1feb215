"""Going back has rules of its own: which pipeline does it, who must agree, and what it need not wait for."""

from __future__ import annotations

from dataclasses import replace

from bot.core.catalog import Catalog, Environment, Policy
from bot.core.errors import UserError
from bot.core.lifecycle import ENDS, State
from bot.core.naming import done
from bot.core.people import Who
from bot.core.records import Deployment, Wish
from bot.core.rules import Checklist
from bot.core.values import ActorKind, Kind


def under(environment: Environment, kind: Kind) -> Environment:
    """The environment as it rules what is asked for: a rollback has the plan of the catalog."""
    match kind:
        case Kind.DEPLOY | Kind.PROMOTE | Kind.RUN:
            return environment
        case Kind.ROLLBACK:
            return replace(environment, policy=of_rollback(environment.policy))
        case Kind.RESTORE:
            return replace(environment, policy=of_restore(environment.policy))


def place_of(catalog: Catalog, wish: Wish) -> Environment | None:
    """Where a wish goes, with the rules that hold for it there."""
    found = catalog.environment(wish.service, wish.environment)
    return under(found, wish.kind) if found else None


def rollers(policy: Policy) -> Who:
    """Who may go back here; an owner may, who might not be asked to deploy."""
    return tuple(dict.fromkeys((*policy.who, *policy.owners)))


def is_unattended(deployment: Deployment) -> bool:
    """Whether it goes back and nobody of the chat asked for that, so that its end would ring for nobody."""
    return deployment.wish.kind is Kind.ROLLBACK and deployment.requested_by.kind is not ActorKind.PERSON


def is_in_the_way(other: Deployment, wish: Wish) -> bool:
    """Of one place: one rollback is enough. What came back and is only looked at yet may not help, though.

    Whoever wants another release then does not wait until that is known.
    """
    if other.wish.kind is not wish.kind or other.state in ENDS:
        return False
    return other.state is not State.VERIFYING or _release_of(other.wish) == _release_of(wish)


def _release_of(wish: Wish) -> str:
    """The commit, with or without the tag that it went by."""
    return (wish.ref or "").rpartition("@")[2]


def asked_already(other: Deployment) -> UserError:
    """Pressed twice, or by two people: one of them is enough."""
    wish = other.wish
    database = "The database of " if wish.kind is Kind.RESTORE else ""
    another = "Cancel it on its card to choose another release."
    if wish.kind is Kind.RESTORE:
        another = "Cancel it on its card to ask for another one."
    elif other.state is State.VERIFYING:
        another = f"To choose another release, name it: `/rollback {wish.service} {wish.environment} to ...`."
    return UserError(
        f"{database}{wish.service} in {wish.environment} is being {done(wish)} already: #{other.number}.",
        f"{other.requested_by.name} asked for it.",
        f"`/state #{other.number}` shows how it stands. {another}",
    )


def of_rollback(policy: Policy) -> Policy:
    """What proves a release, this one has passed: it was verified in this very place.

    Locks, quarantines, migrations, the line and the one slot hold for it as for any other.
    """
    plan = policy.rollback
    return replace(
        policy,
        pipeline=plan.pipeline or policy.pipeline,
        approvals=plan.approvals,
        checks=(),
        promote_from=(),
        checklist=replace(policy.checklist, before=()),
        freezes=() if plan.despite_freeze else policy.freezes,
    )


def of_restore(policy: Policy) -> Policy:
    """As for a rollback; what runs there stays, so there is no release to look at afterwards."""
    back = of_rollback(policy)
    return replace(back, pipeline=policy.restore, checklist=Checklist(), verify=(), alerts=None)
