"""The few writes that every pass shares; each inside a unit of work that is already open."""

from __future__ import annotations

from dataclasses import replace

from bot.core.effects import Announce, Announcement, ShowCard
from bot.core.events import DeploymentAsked
from bot.core.lifecycle import ENDS, State, Trigger, allowed, follow
from bot.core.pinning import sent_at
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.values import SLIPWAY, Actor
from bot.core.verifying import rules_of
from bot.engine import alarming, tailing
from bot.engine.aftermath import what_follows
from bot.engine.world import work_key


async def move(
    uow: UnitOfWork,
    deployment: Deployment,
    trigger: Trigger,
    why: str,
    next_step: str = "",
    actor: Actor = SLIPWAY,
    *,
    announce: Announcement | None = None,
) -> Deployment:
    """The next state with its reason on the card, and the announcement that belongs to it, or this one.

    What follows from it for other deployments and for the place is written with it.
    Whoever was told that it is cancelled finds it so: a run that shows up later goes on to its cancelling.
    """
    noted = replace(deployment, note=why, next_step=next_step)
    if allowed(noted.state, trigger):
        await what_follows(uow, noted, follow(noted.state, trigger))
    else:
        noted = await uow.deployments.save(noted)
    moved = await uow.deployments.move(noted, trigger, actor, why)
    announcement = announce or _announcement(moved.state)
    if announcement is not None:
        await uow.show(Announce(moved.id, announcement))
    await tailing.watch(uow, moved)
    if moved.state is State.VERIFYING or (moved.state in ENDS and sent_at(moved) is not None):
        await alarming.watch(uow, moved)
    if moved.state is State.RUNNING and moved.cancelled_by is not None:
        return await move(uow, moved, Trigger.CANCEL, f"Cancelled by {moved.cancelled_by.name}.")
    if moved.state is State.VERIFYING and not rules_of(moved):
        return await move(uow, moved, Trigger.VERIFY, "")  # nobody need see that nothing is measured
    return moved


async def begin(uow: UnitOfWork, added: Deployment, actor: Actor) -> None:
    """A new row begins to live: in the trail, on a card, and looked at."""
    wish = added.wish
    asked = DeploymentAsked(
        added.id, added.number, wish.service, wish.environment, wish.ref or "", wish.reason
    )
    await uow.record(asked, actor)
    await uow.show(ShowCard(added.id))
    await uow.work.want(work_key(added.id))


async def note(uow: UnitOfWork, deployment: Deployment, why: str, next_step: str = "") -> Deployment:
    """Say on the card what holds it, once."""
    if (deployment.note, deployment.next_step) == (why, next_step):
        return deployment
    noted = await uow.deployments.save(replace(deployment, note=why, next_step=next_step))
    await uow.show(ShowCard(noted.id))
    return noted


def _announcement(state: State) -> Announcement | None:
    match state:
        case State.FAILED | State.REFUSED | State.STALE | State.REJECTED | State.EXPIRED:
            return Announcement.FAILED
        case State.UNKNOWN:
            return Announcement.UNKNOWN
        case State.BYPASSED:
            return Announcement.BYPASSED
        case _:
            return None
