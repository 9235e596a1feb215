"""Votes, inside the unit of work that holds the request's row: whoever commits first has decided."""

from __future__ import annotations

from bot.core.catalog import Catalog
from bot.core.deciding import must_decide
from bot.core.effects import ShowCard
from bot.core.errors import UserError
from bot.core.events import VoteCast, VoteTakenBack
from bot.core.expiring import expired
from bot.core.intents import CastVote
from bot.core.lifecycle import ENDS, Trigger
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.values import Actor
from bot.core.votes import Vote, VoteKind
from bot.core.voting import OPEN_TO_VOTES
from bot.engine.changes import move
from bot.engine.world import work_key


async def cast(
    uow: UnitOfWork, deployment: Deployment, intent: CastVote, actor: Actor, catalog: Catalog
) -> Deployment:
    """Keep the vote; a rejection is the end of the request in the same commit."""
    _must_be_open(deployment, intent.digest)
    over = expired(deployment, uow.now)
    if over is not None:
        raise UserError(f"#{deployment.number} has expired.", *over)
    must_decide(intent.voter, deployment, catalog, uow.now, intent.kind)
    if any(_same(vote, intent, deployment) for vote in deployment.votes):
        raise UserError(f"You have approved #{deployment.number} already.", "Your vote counts once.")
    vote = Vote(actor.id, actor.name, intent.kind, intent.digest, uow.now, intent.reason)
    voted = await uow.votes.cast(deployment, vote)
    await uow.record(VoteCast(voted.id, voted.number, intent.kind, intent.digest, intent.reason), actor)
    if intent.kind is VoteKind.REJECT:
        why = f"Rejected by {actor.name}: {intent.reason}" if intent.reason else f"Rejected by {actor.name}."
        return await move(uow, voted, Trigger.REJECT, why, actor=actor)
    await _go_on(uow, voted)
    return voted


async def take_back(uow: UnitOfWork, deployment: Deployment, actor: Actor) -> Deployment:
    """Only while it still waits: what runs was approved."""
    if not any(vote.person == actor.id for vote in deployment.votes):
        raise UserError(f"You have not voted on #{deployment.number}.")
    _must_be_open(deployment, deployment.digest or "")
    left = await uow.votes.take_back(deployment, actor.id)
    await uow.record(VoteTakenBack(left.id, left.number, left.digest or ""), actor)
    await _go_on(uow, left)
    return left


async def _go_on(uow: UnitOfWork, deployment: Deployment) -> None:
    await uow.show(ShowCard(deployment.id))
    await uow.work.want(work_key(deployment.id))


def _must_be_open(deployment: Deployment, digest: str) -> None:
    if digest != (deployment.digest or ""):
        raise UserError(
            f"This vote was meant for another #{deployment.number}.",
            "What it would approve is not what stands there now.",
            "Look at its card again.",
        )
    if deployment.state in ENDS:
        raise UserError(f"#{deployment.number} has been decided: it is {deployment.state}.", deployment.note)
    if deployment.state not in OPEN_TO_VOTES:
        raise UserError(
            f"#{deployment.number} is {deployment.state} already.",
            "Every gate has opened, so there is nothing left to vote on.",
            "Cancel it on its card to stop it.",
        )


def _same(vote: Vote, intent: CastVote, deployment: Deployment) -> bool:
    return (vote.person, vote.kind, vote.digest) == (intent.voter.id, intent.kind, deployment.digest)
