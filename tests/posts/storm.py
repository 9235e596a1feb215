"""Cards and announcements in a storm of faults, and what stands in the channels after it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
from sqlalchemy import select

from bot.core.effects import Announce, Announcement, ShowCard
from bot.core.steps import Step
from bot.core.values import DeploymentId
from bot.playground.control import ANYWHERE, Fault, FaultKind
from bot.playground.slack import SlackStandIn
from bot.playground.slack.seed import TEAM
from bot.playground.slack.world import Message
from bot.slack.messenger import REPEAT
from bot.store.store import Store
from bot.store.tables import outbox
from tests.contract.playground_slack import BOT_TOKEN, MANIFEST, SECRET, write_manifest
from tests.contract.store_support import new
from tests.databases import Backend
from tests.fakes.clock import ScaledClock
from tests.posts.replica import Replica
from tests.scenario.crash.process import until
from tests.scenario.crash.switch import watch_tasks
from tests.scenario.rest import left_to_tell

FACTOR = 20.0
CHANNELS = ("#deploys", "#api-deploys", "#web-deploys")
SAID = (Announcement.FAILED, Announcement.APPROVAL, Announcement.ALARM, Announcement.BYPASSED)
CALLS = ("chat.postMessage", "chat.update", ANYWHERE)  # anywhere: also when one looks for a post
POSTS_OF_A_CARD = 10  # with itself
DIES_EVERY = 40  # posts
PATIENCE = 120.0  # real seconds until all is told


@dataclass
class Outcome:
    """What was seen."""

    posts: int = 0
    deaths: int = 0
    faults: Counter[FaultKind] = field(default_factory=Counter)
    flaws: list[str] = field(default_factory=list)


async def storm(backend: Backend, url: str, folder: Path, random: Random, posts: int) -> Outcome:
    """So many posts; two replicas where the database lets two."""
    watch_tasks(asyncio.get_running_loop())
    clock, outcome = ScaledClock(FACTOR), Outcome()
    async with (
        _slack(folder, clock) as slack,
        Store(url, clock, owner="writer", database_time=False) as store,
    ):
        async with _replicas(backend, url, clock, slack) as crew:
            breaking = asyncio.create_task(_break(slack, random))
            await _write(store, random, posts, crew)
            await until(partial(_all_told, store), "all is told", PATIENCE)
            breaking.cancel()
        outcome.deaths = crew.deaths
        outcome.faults.update(FaultKind(each.fault) for each in slack.control.journal if each.fault)
        outcome.posts, outcome.flaws = await _judge(store, slack)
    return outcome


class Crew:
    """Those who deliver, and who takes the place of one that died."""

    def __init__(
        self, url: str, clock: ScaledClock, slack: SlackStandIn, session: aiohttp.ClientSession
    ) -> None:
        self._url, self._clock, self._slack, self._session = url, clock, slack, session
        self.alive: list[Replica] = []
        self.deaths = 0

    async def hire(self) -> None:
        """One more; with SQLite it takes over at once what the one before it had leased."""
        name = f"replica {self.deaths + len(self.alive)}"
        fresh = Replica(self._url, name, self._clock, f"{self._slack.url}/api/", BOT_TOKEN)
        if fresh.store.database.sqlite:
            await fresh.store.take_over()
        fresh.start(self._session)
        self.alive.append(fresh)

    async def lose_one(self, random: Random) -> None:
        """Another begins in its place."""
        await self.alive.pop(random.randrange(len(self.alive))).die()
        self.deaths += 1
        await self.hire()


@asynccontextmanager
async def _slack(folder: Path, clock: ScaledClock) -> AsyncIterator[SlackStandIn]:
    slack = SlackStandIn(
        clock=clock,
        manifest_path=write_manifest(folder, MANIFEST),
        signing_secret=SECRET,
        bot_token=BOT_TOKEN,
        app_token="",
        deliver_to=None,
    )
    await slack.start()
    try:
        yield slack
    finally:
        await slack.stop()


@asynccontextmanager
async def _replicas(
    backend: Backend, url: str, clock: ScaledClock, slack: SlackStandIn
) -> AsyncIterator[Crew]:
    async with aiohttp.ClientSession() as session:
        crew = Crew(url, clock, slack, session)
        for _ in range(1 if backend is Backend.SQLITE else 2):
            await crew.hire()
        try:
            yield crew
        finally:
            for each in crew.alive:
                await each.die()


async def _write(store: Store, random: Random, posts: int, crew: Crew) -> None:
    """Cards first come with their deployments, then news of any of them."""
    cards: list[DeploymentId] = []
    for number in range(posts):
        async with store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            if number % POSTS_OF_A_CARD == 0:
                added = await uow.deployments.add(replace(new(), channel=random.choice(CHANNELS)))
                cards.append(added.id)
            else:
                id = random.choice(cards)
                await uow.show(Announce(id, random.choice(SAID)))
                await uow.deployments.save(replace(await uow.deployments.get(id), note=f"News {number}."))
                cards.append(id)
            await uow.show(ShowCard(cards[-1]), urgent=random.random() < 0.3)
        await asyncio.sleep(random.random() * 0.02)
        if number % DIES_EVERY == DIES_EVERY - 1:
            await crew.lose_one(random)


async def _break(slack: SlackStandIn, random: Random) -> None:
    """About every third call goes wrong, in its own way."""
    while True:
        if len(slack.control.faults) < 3:
            slack.control.faults.append(Fault(random.choice(CALLS), random.choice(list(FaultKind)), 1))
        await asyncio.sleep(random.random() * 0.03)
        if slack.control.holding and random.random() < 0.1:
            await slack.control.acts["release"]({})


async def _all_told(store: Store) -> bool:
    return await left_to_tell(store) == 0


async def _judge(store: Store, slack: SlackStandIn) -> tuple[int, list[str]]:
    """Each effect stands there once, in its thread and in its order, and each card says the newest."""
    async with store.database.read() as connection:
        rows = (await connection.execute(select(outbox).order_by(outbox.c.card, outbox.c.position))).all()
    said = [each for channel in CHANNELS for each in slack.messages(channel) if each.by_app]
    standing: dict[str, list[Message]] = {row.id: [] for row in rows}
    for each in said:
        standing.setdefault(_operation(each), []).append(each)
    flaws = [f"{row.kind} {row.id} was given up: {row.why}" for row in rows if row.dead_at]
    flaws += [f"{id} stands {len(found)} times" for id, found in standing.items() if len(found) != 1]
    flaws += [f"nobody asked for {id}" for id in standing.keys() - {row.id for row in rows}]
    flaws += [f"marked as a repeat: {each.text}" for each in said if REPEAT in each.text]
    if not flaws:
        flaws = await _threads(store, {id: found[0] for id, found in standing.items()}, rows)
    return len(rows), flaws


async def _threads(store: Store, standing: dict[str, Message], rows: Any) -> list[str]:
    flaws, cards = [], {row.card: standing[row.id] for row in rows if row.kind == "show_card"}
    for id, card in cards.items():
        deployment = await store.queries.deployment_by_id(TEAM, DeploymentId(id))
        assert deployment is not None
        if deployment.note not in str(card.blocks):
            flaws.append(f"the card does not say {deployment.note!r}")
        replies = [standing[row.id] for row in rows if row.card == id and row.kind == "announce"]
        if any(each.thread_ts != card.ts for each in replies):
            flaws.append(f"#{deployment.number}: a reply stands outside its thread")
        if [each.ts for each in replies] != sorted(each.ts for each in replies):
            flaws.append(f"#{deployment.number}: the replies are out of order")
    return flaws


def _operation(message: Message) -> str:
    payload = (message.metadata or {}).get("event_payload", {})
    return str(payload.get("operation", ""))
