"""Waits for the time that a deployment is due; then every gate is asked as if it had just been made."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.due import Due
from bot.core.durations import format_duration
from bot.core.errors import Bug
from bot.core.falling_back import PAUSE, is_automatic
from bot.core.gates import Verdict
from bot.core.gates.model import passes
from bot.core.gates.queue import QUEUE
from bot.core.lifecycle import State, Trigger
from bot.core.records import Deployment, Lease
from bot.core.steps import Step
from bot.engine.again import AT_ONCE, Again
from bot.engine.changes import move, note
from bot.engine.judging import keep_verdicts, verdicts_at
from bot.engine.reminding import remind
from bot.engine.world import World

LOOK_AHEAD = timedelta(hours=1)  # how often the card says anew what would stand in the way


async def await_due(world: World, lease: Lease, deployment: Deployment) -> Again:
    """Before it is due, only say on the card what would stand in the way then."""
    due = deployment.wish.due
    if due is None:
        raise Bug("a deployment is scheduled for no time")
    if world.clock.now() < due.at:
        return await _look_ahead(world, lease, deployment, due)
    async with world.units.begin(lease.workspace, Step.COME_DUE, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is State.SCHEDULED and uow.now >= due.at:
            await move(uow, replace(fresh, verdicts=()), Trigger.COME_DUE, "")
            return AT_ONCE
    return Again(timedelta(seconds=1))


async def _look_ahead(world: World, lease: Lease, deployment: Deployment, due: Due) -> Again:
    """Who is in line then, nobody knows; all else is judged as of that time."""
    found = await verdicts_at(world, deployment, due.at)
    verdicts = tuple(each for each in found if each.gate != QUEUE.name)
    async with world.units.begin(lease.workspace, Step.JUDGE_GATES, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version:
            return AT_ONCE
        fresh = await keep_verdicts(uow, fresh, verdicts)
        fresh = await note(uow, fresh, _begins(fresh, due), _in_the_way(verdicts))
        await remind(uow, fresh)
        await uow.work.want(lease.key, due.at)  # that moment, however long this look takes
        left = due.at - uow.now
    return Again(max(timedelta(seconds=1), min(left, LOOK_AHEAD)))


def _begins(deployment: Deployment, due: Due) -> str:
    if is_automatic(deployment):
        return f"It goes back by itself within {format_duration(PAUSE)}. Cancel it, if it shall not."
    return f"Starts on {due.said}."


def _in_the_way(verdicts: tuple[Verdict, ...]) -> str:
    closed = next((each for each in verdicts if not passes(each)), None)
    if closed is None:
        return "Every rule is asked again then."
    return f"As things stand it will not start then: {closed.what} {closed.why}".strip()
