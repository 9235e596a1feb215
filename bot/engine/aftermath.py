"""What follows a rollback, in the commit that says that it was verified: none of it is lost or doubled."""

from __future__ import annotations

from dataclasses import replace

from bot.core.aftermath import failure_of, held_for, kept_out_after
from bot.core.effects import Announce, Announcement, ShowCard
from bot.core.failure_events import FailureEnded, FailureOpened
from bot.core.lifecycle import State
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.undone_authors import authors_of
from bot.core.values import SLIPWAY, Kind
from bot.engine.locking import hold
from bot.engine.quarantining import keep_out

HAS_RUN = frozenset({State.RUNNING, State.VERIFYING, State.SUCCEEDED})


async def what_follows(uow: UnitOfWork, deployment: Deployment, target: State) -> None:
    """Before it moves there, which may free its slot: what is locked here comes first for everybody."""
    if target not in HAS_RUN or deployment.wish.kind is Kind.RESTORE:
        return
    if deployment.wish.kind is Kind.ROLLBACK and deployment.undoes is not None:
        undone = await uow.deployments.get(deployment.undoes)
        await _failed(uow, deployment, undone)
        if target is State.SUCCEEDED:
            await after_rollback(uow, deployment, undone)
    if target is State.SUCCEEDED:
        await _recovered(uow, deployment)


async def after_rollback(uow: UnitOfWork, back: Deployment, undone: Deployment) -> None:
    """It is verified: what it took away stays away. Locks come before quarantines, here as for everybody."""
    if undone.undone_by is None:
        await uow.deployments.save(replace(undone, undone_by=back.number))
        await uow.show(ShowCard(undone.id))
    lasts = held_for(back)
    if lasts is not None and undone.release_sha is not None:
        await hold(uow, back, lasts, undone.release_sha)
    if authors_of(back.resolution):
        await uow.show(Announce(back.id, Announcement.UNDONE))
    kept_out = kept_out_after(back, undone)
    if kept_out is not None:
        await keep_out(uow, kept_out, SLIPWAY)


async def _failed(uow: UnitOfWork, back: Deployment, undone: Deployment) -> None:
    """On record from the moment that the rollback runs, so that one that does not succeed leaves it open."""
    failure = failure_of(back, undone)
    if await uow.failures.open(failure):
        opened = FailureOpened(undone.id, undone.number, failure.source, failure.summary)
        await uow.record(opened, SLIPWAY)


async def _recovered(uow: UnitOfWork, deployment: Deployment) -> None:
    """By the rollback, or by whatever else took the place of what failed."""
    wish, release = deployment.wish, deployment.release_sha
    if release is None:
        return
    for each in await uow.failures.recover(wish.service, wish.environment, release):
        ended = FailureEnded(deployment.id, deployment.number, each.source, each.external_id)
        await uow.record(ended, SLIPWAY)
