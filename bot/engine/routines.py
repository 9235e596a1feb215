"""Verifications on a schedule: who is in its turn is measured over several looks, and told when it turns.

Nothing of this moves a deployment or goes back. A crash repeats a reading at most: the end of a measuring,
its event and what is told of it are one commit.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.calls import Call
from bot.core.courses import Course, Turn
from bot.core.effects import Tell
from bot.core.lifecycle import HOLDING
from bot.core.owning import listed
from bot.core.policy import visible
from bot.core.ports import UnitOfWork
from bot.core.records import Lease, Live
from bot.core.routine_events import RoutineTurned
from bot.core.routine_words import News, discreetly, told
from bot.core.routines import Post, concluded, due_slot, post_at, posts_of
from bot.core.steps import Step
from bot.core.text import NOTHING
from bot.core.values import SLIPWAY
from bot.core.verifications import Measured
from bot.core.verify_answers import release_of
from bot.core.verifying import begin, due_at, named
from bot.engine.again import NEVER, Again
from bot.engine.probing import look_once
from bot.engine.world import World

log = logging.getLogger(__name__)

CALLS = {  # what worked until now can't wait for the morning: nothing mends it by itself
    Turn.FAILS: Call.URGENT,
    Turn.UNMEASURED: Call.TASK,
    Turn.HOLDS: Call.NEWS,
}

SHORTLY = timedelta(seconds=1)
LEAST = timedelta(milliseconds=100)


async def take_turns(world: World) -> None:
    """Want a look at each whose slot has come, and forget those that left the catalog."""
    now = await world.watch.now()
    for workspace in await world.watch.workspaces():
        known = {each.place: each for each in await world.courses.of(workspace)}
        posts = {each.place: each for each in posts_of(world.catalog())}
        await _forget(world, workspace, [each for place, each in known.items() if place not in posts])
        for place, post in posts.items():
            last = known[place].slot if place in known else None
            slot = due_slot(post.routine.every, post.key, last, now)
            if slot is not None and await _at_rest(world, workspace, post) is not None:
                await _take(world, workspace, post, slot)


async def _forget(world: World, workspace: str, gone: list[Course]) -> None:
    if not gone:
        return
    async with world.units.begin(workspace, Step.TAKE_TURN) as uow:
        for each in gone:
            await uow.courses.forget(each)


async def _at_rest(world: World, workspace: str, post: Post) -> Live | None:
    """What runs there; None while another release is on its way, whose own verification speaks then."""
    live = await world.queries.live(workspace, post.service.name, post.environment.name)
    if live is None:
        return None
    line = await world.queries.in_line(workspace, live.deployment.wish)
    return None if any(each.state in HOLDING for each in line) else live


async def _take(world: World, workspace: str, post: Post, slot: datetime) -> None:
    """One of us has the turn. A slot that nobody may measure in stays free, and can be taken afterwards."""
    async with world.units.begin(workspace, Step.TAKE_TURN) as uow:
        if not await uow.turns.take(post.key, slot.isoformat()):
            return
        known = await uow.courses.get(*post.place) or Course(*post.place, slot)
        fresh = Measured(named(post.routine.rule))
        await uow.courses.put(replace(known, slot=slot, measured=fresh, number=0))
        await uow.work.want(post.key)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at one of them: what was known before it, and what it is about."""

    post: Post
    known: Course
    live: Live


async def look(world: World, lease: Lease) -> Again:
    """One more reading, if it is due."""
    post = post_at(world.catalog(), lease.key)
    known = await _under_way(world, lease.workspace, post) if post else None
    if post is None or known is None or known.measured is None:
        return NEVER
    live = await _at_rest(world, lease.workspace, post)
    if live is None:
        return await _leave(world, lease, known)
    now = await world.watch.now()
    rule, measured = post.routine.rule, known.measured
    if measured.begun_at is None or known.number != live.deployment.number:
        measured = begin(rule, Measured(named(rule)), now)
    due = due_at(rule, measured)
    if due is not None and now < due:
        return Again(due - now)
    release = release_of(live.deployment) if live.deployment.resolution else None
    found = await look_once(world, rule, measured, release, now)
    return await _keep(world, lease, _Look(post, known, live), found)


async def _under_way(world: World, workspace: str, post: Post) -> Course | None:
    found = await world.courses.at(workspace, post.service.name, post.environment.name)
    return next((each for each in found if each.place == post.place), None)


async def _leave(world: World, lease: Lease, known: Course) -> Again:
    """Another release has begun: what was read of the one before says nothing any more."""
    async with world.units.begin(lease.workspace, Step.KEEP_READING, lease=lease) as uow:
        if await uow.courses.get(*known.place) == known:
            await uow.courses.put(replace(known, measured=None))
    return NEVER


async def _keep(world: World, lease: Lease, seen: _Look, found: Measured) -> Again:
    """What was found, and what is told of it, in one commit."""
    post, known = seen.post, seen.known
    number = seen.live.deployment.number
    course, turn = concluded(replace(known, number=number), found)
    news = await _news(world, lease.workspace, seen, found, turn) if turn else None
    async with world.units.begin(lease.workspace, Step.KEEP_READING, lease=lease) as uow:
        if await uow.courses.get(*known.place) != known:
            return Again(SHORTLY)  # somebody took it up anew, or it left the catalog
        if await uow.slots.holder(post.service.name, post.environment.name) is not None:
            await uow.courses.put(replace(known, measured=None))
            return NEVER
        await uow.courses.put(course)
        if news is not None:
            event = RoutineTurned(*post.place[:2], number, found.what, news.turn, found.said)
            await uow.record(event, SLIPWAY)
            await _tell(uow, world, news)
        due = due_at(post.routine.rule, course.measured) if course.measured else None
        return NEVER if due is None else Again(max(due - uow.now, LEAST))


async def _news(world: World, workspace: str, seen: _Look, found: Measured, turn: Turn) -> News:
    """Whatever has to be asked for is asked for before the commit."""
    post, live = seen.post, seen.live
    owners = await listed(world.directory, workspace, post.service.owners)
    arrivals = await world.releases.arrivals(workspace, *post.place[:2])
    later = [each for each in arrivals if each.number > live.deployment.number and not each.settled]
    return News(post, seen.known, found, turn, live, later[-1] if later else None, owners)


async def _tell(uow: UnitOfWork, world: World, news: News) -> None:
    """Where the cards go; the auditors are not told of what not everybody may know.

    Where there is no channel for it, the owners hear it each by themselves.
    """
    catalog, post = world.catalog(), news.post
    channel = catalog.channel_of(post.service, post.environment)
    if channel is not None and (post.service.visible_to is None or channel != catalog.channels.audit):
        discreet = NOTHING if post.service.external else discreetly()
        await uow.show(Tell(channel, told(news), discreet=discreet, call=CALLS[news.turn]))
        return
    people = [each.id for each in news.owners.people if visible(each, post.service)]
    for id in people:
        await uow.show(Tell(id, told(news), call=CALLS[news.turn]))
    if not people:
        log.warning("nobody could be told that a verification of %s in %s %s", *post.place[:2], news.turn)
