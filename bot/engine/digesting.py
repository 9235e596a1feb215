"""Digests: each minute whatever is due is put into the outbox, once for each slot, whoever of us looks.

The turn of a slot commits with the effect. What is posted is read anew when it is delivered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.core.catalog import Catalog
from bot.core.chat_ports import Channels
from bot.core.digest_events import DigestSet, DigestSnoozed, DigestStopped
from bot.core.digest_intents import DigestIntent, SetDigest, SnoozeDigest, StopDigest
from bot.core.digest_jobs import Job, jobs
from bot.core.digest_ports import DigestBook
from bot.core.digesting import Reading, gather
from bot.core.effects import PostDigest, Tell
from bot.core.errors import ChannelClosed, NeedsHuman, Transient
from bot.core.happenings import Happenings
from bot.core.ports import Queries, UnitOfWork, Units, Watch
from bot.core.schedules import Slot, Window, window_of
from bot.core.steps import Step
from bot.core.text import line
from bot.core.values import SLIPWAY, Actor, ActorKind

log = logging.getLogger(__name__)


async def apply_digest(uow: UnitOfWork, intent: DigestIntent, actor: Actor) -> None:
    """In the unit of work that also keeps the answer and the audit record."""
    match intent:
        case SetDigest(channel, schedule, services):
            await uow.digests.put(channel, schedule, services, actor)
            set_ = DigestSet(channel, schedule.every, schedule.said, " ".join(services))
            await uow.record(set_, actor)
        case StopDigest(channel, every):
            for each in await uow.digests.stop(channel, every):
                await uow.record(DigestStopped(channel, each.schedule.every, "asked for"), actor)
        case SnoozeDigest(channel, job, until):
            await uow.digests.snooze(job, until)
            await uow.record(DigestSnoozed(channel, job, until.isoformat()), actor)


def _posted(job: Job, window: Window) -> PostDigest:
    wanted, asked = job.wanted, job.asked
    by = asked.by.id if asked is not None and asked.by.kind is ActorKind.PERSON else ""
    return PostDigest(
        channel=wanted.channel,
        job=job.name,
        schedule=wanted.schedule,
        services=wanted.services,
        window=window,
        by_catalog=wanted.by_catalog,
        by=by,
    )


@dataclass(frozen=True, slots=True)
class DigestRound:
    """One look at all that may be due."""

    units: Units
    watch: Watch
    book: DigestBook
    queries: Queries
    happenings: Happenings
    channels: Channels
    catalog: Callable[[], Catalog]
    _settled: dict[tuple[str, str], str] = field(default_factory=dict)  # by job: its last slot, once done

    async def look(self) -> int:
        """How many were put into the outbox."""
        posted = 0
        for workspace in await self.watch.workspaces():
            asked = await self.book.asked(workspace)
            for job in jobs(self.catalog(), asked):
                posted += await self._look_at(workspace, job)
        return posted

    async def close(self, workspace: str, channel: str, why: str) -> None:
        """Nothing can be posted there any more: who asked for it is told, once."""
        async with self.units.begin(workspace, Step.CLOSE_DIGEST) as uow:
            for each in await uow.digests.stop(channel):
                await uow.record(DigestStopped(channel, each.schedule.every, why), SLIPWAY)
                if each.by.kind is ActorKind.PERSON:
                    told = line(f"The digest {each.schedule.said} in {channel} is stopped. {why}")
                    told += line("Ask for it again in a channel that I can write to: `/digest` explains how.")
                    await uow.show(Tell(each.by.id, told))

    async def _look_at(self, workspace: str, job: Job) -> bool:
        slot = job.due(await self.watch.now())
        if slot is None or self._settled.get((workspace, job.name)) == slot.key:
            return False
        try:
            return await self._settle(workspace, job, slot)
        except ChannelClosed as error:
            log.warning("the digest %s can't be posted: %s", job.name, error)
            if job.asked is not None:
                await self.close(workspace, job.asked.channel, f"{error.what} {error.why}".strip())
            return False
        except (Transient, NeedsHuman) as error:
            log.warning("the digest %s of %s comes a minute later: %s", job.name, slot.key, error)
            return False

    async def _settle(self, workspace: str, job: Job, slot: Slot) -> bool:
        """Silence is settled, too: what happens later belongs to the next one."""
        window = window_of(job.wanted.schedule, slot)
        reading = Reading(workspace, self.catalog(), self.queries, self.happenings, self.channels)
        found = await gather(reading, job.wanted, window)
        async with self.units.begin(workspace, Step.POST_DIGEST) as uow:
            mine = await uow.turns.take(job.name, slot.key)
            snoozed = await uow.digests.snoozed(job.name)
            put_off = snoozed is not None and slot.moment < snoozed
            speaks = mine and not found.quiet and not put_off
            if speaks:
                await uow.show(_posted(job, window))
        self._settled[workspace, job.name] = slot.key
        return speaks
