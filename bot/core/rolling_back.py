"""Going back has rules of its own: which pipeline does it, who must agree, and what it need not wait for."""

from __future__ import annotations

from dataclasses import replace

from bot.core.catalog import Catalog, Environment, Policy
from bot.core.errors import UserError
from bot.core.naming import done
from bot.core.people import Who
from bot.core.records import Deployment, Wish
from bot.core.rules import Checklist
from bot.core.values import Kind


def under(environment: Environment, kind: Kind) -> Environment:
    """The environment as it rules what is asked for: a rollback has the plan of the catalog."""
    match kind:
        case Kind.DEPLOY | Kind.PROMOTE:
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


def asked_already(other: Deployment) -> UserError:
    """Pressed twice, or by two people: one of them is enough."""
    database = "The database of " if other.wish.kind is Kind.RESTORE else ""
    return UserError(
        f"{database}{other.wish.service} in {other.wish.environment} is being {done(other.wish)} already:"
        f" #{other.number}.",
        f"{other.requested_by.name} asked for it.",
        f"`/state #{other.number}` shows how it stands. Cancel it on its card to choose another release.",
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
