"""What waits for people to decide: for this person, who may do so now, and for others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.accounts import identity_of
from bot.core.command import Context
from bot.core.deciding import compared_in, deciding_policies
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.expiring import expired
from bot.core.gates.approvals import awaits_votes
from bot.core.identity import NEEDED
from bot.core.pipelines import Repository
from bot.core.policy import Permission, authorise, visible_names
from bot.core.records import Deployment, Shown
from bot.core.votes import VoteKind
from bot.core.voting import OPEN_TO_VOTES, may_vote

LOOKED_AT = 200  # of those that wait; a page of them is read at most, however many there are


@dataclass(frozen=True, slots=True)
class Pending:
    """The oldest first."""

    mine: tuple[Shown, ...]
    others: tuple[Shown, ...]
    cut: bool  # more wait than were looked at


async def pending(ctx: Context) -> Pending:
    """A list to look at: whoever presses a button in it is judged anew."""
    found = await ctx.queries.in_states(ctx.workspace, OPEN_TO_VOTES, LOOKED_AT + 1)
    known = visible_names(ctx.person, ctx.catalog)
    waiting = [each for each in found[:LOOKED_AT] if each.deployment.wish.service in known]
    waiting = [each for each in waiting if _open(ctx, each.deployment)]
    allowed = [each for each in waiting if _may_approve(ctx, each.deployment)]
    barred = await _barred(ctx, (each.deployment for each in allowed))
    mine = [each for each in allowed if compared_in(each.deployment, ctx.catalog) not in barred]
    numbers = {each.deployment.number for each in mine}
    others = [each for each in waiting if each.deployment.number not in numbers]
    return Pending(tuple(mine), tuple(others), cut=len(found) > LOOKED_AT)


def _open(ctx: Context, deployment: Deployment) -> bool:
    return awaits_votes(deployment) and expired(deployment, ctx.now) is None


def _may_approve(ctx: Context, deployment: Deployment) -> bool:
    """By the same rules as a click, and they have not done so yet."""
    wish = deployment.wish
    service = ctx.catalog.service(wish.service)
    try:
        authorise(
            Permission.DECIDE,
            ctx.person,
            ctx.catalog,
            service,
            service.environment(wish.environment) if service else None,
        )
    except UserError:
        return False
    given = (ctx.person.id, VoteKind.APPROVE, deployment.digest)
    if any((vote.person, vote.kind, vote.digest) == given for vote in deployment.votes):
        return False
    policies = deciding_policies(deployment, ctx.catalog)
    return any(may_vote(ctx.person, deployment, policy, ctx.now) for policy in policies)


async def _barred(ctx: Context, deployments: Iterable[Deployment]) -> frozenset[Repository]:
    """Where this person's account may not write; each repository is asked for once."""
    if ctx.person.login is None:
        return frozenset()
    compared = {compared_in(each, ctx.catalog) for each in deployments}
    barred = set()
    for repository in [each for each in compared if each is not None]:
        try:
            identity = await identity_of(ctx.accounts, repository, ctx.person)
        except (UserError, NeedsHuman, Transient):
            break  # what can't be read now is left in the list: the click asks again, and is closed then
        if identity.role < NEEDED:
            barred.add(repository)
    return frozenset(barred)
