"""Says once, in the threads of its cards, what a run that nobody asked us for wrote when it failed."""

from __future__ import annotations

from bot.core.following import RunRecord, run_key, run_of
from bot.core.ports import UnitOfWork
from bot.core.records import Lease
from bot.core.run_news import shows_logs
from bot.core.runs import Run, RunStatus
from bot.core.steps import Step
from bot.core.tails import RUN_KEYS, again_after
from bot.engine.again import NEVER, Again
from bot.engine.hearing import hear_what_it_wrote
from bot.engine.tailing import DELAY, read_aside
from bot.engine.world import World

PREFIX = RUN_KEYS


async def watch(uow: UnitOfWork, run: Run) -> None:
    """In the commit in which channels hear that it failed: want a look."""
    if run.status is RunStatus.FAILURE:
        await uow.work.want(f"{PREFIX}{run.attempt}/{run_key(run.ref)}", uow.now + DELAY)


async def look(world: World, lease: Lease) -> Again:
    """Read it, say it, and never again."""
    record = await _record(world, lease)
    if record is None or not _may_be_shown(world, record):
        return NEVER
    age = await world.watch.now() - (record.run.ended_at or record.observed_at)
    tail = await read_aside(world, record.run, again_after(age))
    if isinstance(tail, Again):
        return tail
    async with world.units.begin(lease.workspace, Step.SAY_TAIL, lease=lease) as uow:
        if await uow.turns.take(lease.key, "said"):
            await hear_what_it_wrote(world.catalog(), uow, record, tail)
    return NEVER


async def _record(world: World, lease: Lease) -> RunRecord | None:
    attempt, _, key = lease.key.removeprefix(PREFIX).partition("/")
    found = await world.runs.attempts(lease.workspace, run_of(key))
    return next((each for each in found if each.run.attempt == int(attempt)), None)


def _may_be_shown(world: World, record: RunRecord) -> bool:
    """By today's catalog: it only decides what is said."""
    return shows_logs(world.catalog(), record.run.ref, record.about.path if record.about else "")
