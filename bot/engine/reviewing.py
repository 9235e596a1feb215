"""The review after an emergency: begun when it is sent, closed by two others, asked for once when late."""

from __future__ import annotations

from dataclasses import replace

from bot.core.catalog import Catalog
from bot.core.effects import Announce, Announcement, ShowCard
from bot.core.events import ReviewClosed, ReviewGiven, ReviewOpened, ReviewOverdue
from bot.core.intents import GiveReview
from bot.core.naming import what_of
from bot.core.policy import Permission, authorise_on
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment, Lease
from bot.core.reviewing import open_review, review_text
from bot.core.reviews import Opinion, opened
from bot.core.steps import Step
from bot.core.text import Icon, bold, line
from bot.core.values import SLIPWAY, Actor, DeploymentId
from bot.engine.again import NEVER, Again
from bot.engine.emergencies import tell_auditors
from bot.engine.world import World

PREFIX = "review/"  # of the keys under which a deadline is looked at


async def begin(uow: UnitOfWork, deployment: Deployment) -> Deployment:
    """In the commit that says that it is sent, so that none starts without."""
    if deployment.review is not None:
        return deployment
    review = opened(uow.now)
    kept = await uow.deployments.save(replace(deployment, review=review))
    await uow.record(ReviewOpened(kept.id, kept.number, review.due_at.isoformat()), SLIPWAY)
    await uow.work.want(f"{PREFIX}{kept.id}", review.due_at)
    return kept


async def give(
    uow: UnitOfWork, deployment: Deployment, intent: GiveReview, actor: Actor, catalog: Catalog
) -> Deployment:
    """Keep what they say; the second person's word closes it."""
    review = open_review(deployment)
    authorise_on(Permission.REVIEW, intent.by, catalog, deployment)
    opinion = Opinion(actor.id, actor.name, intent.by.human, intent.finding, intent.reason, uow.now)
    said = review.with_opinion(opinion)
    kept = await uow.deployments.save(replace(deployment, review=said))
    await uow.record(ReviewGiven(kept.id, kept.number, intent.finding, intent.reason), actor)
    await uow.show(ShowCard(kept.id))
    if said.closed:
        await uow.record(ReviewClosed(kept.id, kept.number, said.well), actor)
        await _tell(uow, kept, catalog, "The emergency is reviewed")
    return kept


async def look(world: World, lease: Lease) -> Again:
    """The deadline has come, perhaps; whoever is asked is asked once."""
    id = DeploymentId(lease.key.removeprefix(PREFIX))
    async with world.units.begin(lease.workspace, Step.REMIND_REVIEW, lease=lease) as uow:
        deployment = await uow.deployments.get(id)
        review = deployment.review
        if review is None or review.closed or review.reminded:
            return NEVER
        if not review.overdue(uow.now):
            return Again(review.due_at - uow.now)
        kept = await uow.deployments.save(replace(deployment, review=replace(review, reminded=True)))
        await uow.record(ReviewOverdue(kept.id, kept.number), SLIPWAY)
        await uow.show(ShowCard(kept.id))
        await uow.show(Announce(kept.id, Announcement.REVIEW))
        await _tell(uow, kept, world.catalog(), "The review of an emergency is overdue")
    return NEVER


async def _tell(uow: UnitOfWork, deployment: Deployment, catalog: Catalog, what: str) -> None:
    wish, number = deployment.wish, f"#{deployment.number}"
    text = line(Icon("rotating_light"), " ", bold(f"{what}: {number} {what_of(wish)}"))
    await tell_auditors(uow, deployment, catalog, text + review_text(deployment), f"{what}: {number}.")
