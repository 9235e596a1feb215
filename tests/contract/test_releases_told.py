"""Channels hear once of each release, whatever webhooks and crashes come between, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import delete, select

from bot.core.catalog import Catalog
from bot.core.effects import Effect, Notice
from bot.core.errors import NeedsHuman, Transient
from bot.core.lifecycle import Trigger
from bot.core.ports import Provider
from bot.core.publishing import EVERY, LATE, Published
from bot.core.publishing_ports import ReleaseListing
from bot.core.steps import Step
from bot.core.subscriptions import FixedSubscription, Topic, made
from bot.engine import publishing, seeking
from bot.engine.hearing import hear
from bot.engine.reconciler import Reconciler
from bot.engine.world import World
from bot.store.effects import read_effect
from bot.store.store import Store
from bot.store.tables import outbox
from tests.contract.store_support import (
    ADA,
    SHA_A,
    T1,
    T2,
    TO_RUNNING,
    HandClock,
    follow,
    new,
    open_store,
    resolution,
)
from tests.fakes.forge import seeded
from tests.fakes.git import TAGS
from tests.fakes.queues import Bell
from tests.fakes.samples import SRE, catalog, service
from tests.fakes.world import world_of

API = "acme/api"
FIXED = FixedSubscription("#fixed", made(["vault"], topics=[Topic.RELEASE]))
SERVICES = (service(), service("web"), service("vault", visible_to=(SRE,)))
KNOWN = replace(catalog(*SERVICES), subscriptions=(FIXED,))
NEXT = EVERY + timedelta(seconds=1)


@dataclass
class Reader:
    """The port ReleaseReader: releases as a test published them, and which calls came."""

    clock: HandClock
    releases: dict[str, Published] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)  # what the listing does not show
    fails: list[Exception] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    async def release(self, repository: str, id: str) -> Published | None:
        self._call(f"{repository} {id}")
        return self.releases.get(id)

    async def newest(self, repository: str, etag: str) -> ReleaseListing | None:
        self._call(f"{repository} {etag}")
        rows = tuple(each for id, each in reversed(self.releases.items()) if id not in self.hidden)
        now = str(hash(rows))
        return None if now == etag else ReleaseListing(rows, now)

    def publishes(self, id: str, tag: str = "v2.0.0", **changes: object) -> None:
        plain = Published(
            external_id=id,
            tag=tag,
            name=f"Release {tag}",
            notes="* Refunds <!channel>",
            by="grace",
            at=self.clock.now(),
            prerelease=False,
            url=f"https://code.test/releases/tag/{tag}",
            compare="https://code.test/compare/{before}..." + tag,
        )
        self.releases[id] = replace(plain, **changes)  # type: ignore[arg-type]

    def _call(self, what: str) -> None:
        self.calls.append(what)
        if self.fails:
            raise self.fails.pop()


@dataclass
class Shop:
    """One process over a database, and what channels were told."""

    store: Store
    clock: HandClock

    def __post_init__(self) -> None:
        self.forge, self.reader = seeded(self.clock), Reader(self.clock)
        self.world = self.process()

    def process(self) -> World:
        """One that remembers nothing."""
        forge = self.forge
        provider = Provider(forge.code, forge.pins, forge.ci, forge.doors, releases=self.reader)
        return world_of(self.store, forge, self.clock, known, providers={"github": provider})

    async def hears(self, id: str) -> None:
        """A webhook came."""
        await self.world.queue.want(T1, publishing.key("github", API, id))
        await self.settle()

    async def passes(self, time: timedelta = NEXT) -> None:
        self.clock.move(time.total_seconds())
        await seeking.seek(self.world)
        await self.settle()

    async def settle(self) -> None:
        """Look at whatever is due; what is not of releases waits."""
        for _ in range(3):
            for lease in await self.world.queue.claim(20):
                ours = lease.key.startswith((publishing.ONE, publishing.LIST))
                again = await Reconciler(self.world, Bell()).look(lease) if ours else None
                await self.world.queue.requeue(lease, again.delay if again else None)

    async def subscribes(self, channel: str, *services: str, environment: str = "") -> None:
        wanted = made(services, [environment] if environment else [], [Topic.RELEASE])
        async with self.store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.subscriptions.put(channel, "", wanted, ADA)

    async def told(self, *, fixed: bool = False) -> list[tuple[str, str]]:
        """The channels, without that of the catalog, and what they were told since this was last asked."""
        async with self.store.database.write() as connection:
            rows = (await connection.execute(select(outbox))).all()
            await connection.execute(delete(outbox))
        found: list[Effect] = [read_effect(row.kind, row.effect) for row in rows]
        heard = [each for each in found if isinstance(each, Notice)]
        return [(each.channel, each.text.plain()) for each in heard if fixed or each.channel != "#fixed"]


def known() -> Catalog:
    return KNOWN


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    clock = HandClock()
    async with open_store(database_url, clock, hear=partial(hear, known)) as store:
        await store.register_workspace(T1, "Acme", "U0")
        yield Shop(store, clock)


async def test_a_release_is_told_to_who_asked_with_what_came_before_and_where_it_runs(shop: Shop) -> None:
    await shop.subscribes("C1")
    await shop.subscribes("C2", "web", environment="staging")
    shop.reader.publishes("6", "v1.9.0", at=shop.clock.now() - timedelta(days=30))
    await shop.passes()
    assert await shop.told() == []
    async with shop.store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        deployment = await uow.deployments.save(
            replace(await uow.deployments.add(new()), resolution=resolution(), attempted_at=uow.now)
        )
        await follow(uow, deployment, *TO_RUNNING, Trigger.RUN_SUCCEEDED, Trigger.VERIFY)
    await shop.told()
    shop.forge.git.refs[TAGS + "v2.0.0"] = SHA_A
    shop.reader.publishes("7")
    await shop.hears("7")
    told = dict(await shop.told(fixed=True))
    assert set(told) == {"C1", "C2", "#fixed"}
    said = told["C1"]
    assert "Released: acme/api v2.0.0" in said
    assert "Changes since v1.9.0 (https://code.test/compare/v1.9.0...v2.0.0)" in said
    assert "• Refunds <!channel>" in said
    assert "For api, web. It runs already: api in staging (#1)." in said
    assert "Deploy it: `/deploy api staging v2.0.0`" in said
    assert "For web. It runs nowhere yet." in told["C2"]
    assert "For vault. It runs nowhere yet." in told["#fixed"]


async def test_webhooks_that_come_again_and_edits_tell_nothing_more(shop: Shop) -> None:
    await shop.subscribes("C1", "api")
    await shop.passes()
    shop.reader.publishes("7")
    for _ in range(2):
        await shop.hears("7")
        await shop.passes()
    assert len(await shop.told()) == 1
    shop.reader.publishes("7", notes="other words", name="other")
    await shop.hears("7")
    await shop.passes()
    shop.reader.publishes("8")  # somebody deleted it, and made it anew
    await shop.hears("8")
    assert await shop.told() == []


async def test_what_no_webhook_told_of_is_found_by_looking(shop: Shop) -> None:
    await shop.subscribes("C1", "api")
    await shop.passes()
    shop.reader.publishes("7")
    await shop.passes()
    assert [channel for channel, _ in await shop.told()] == ["C1"]
    calls = len(shop.reader.calls)
    for _ in range(9):
        await shop.passes(timedelta(minutes=1))
    assert len(shop.reader.calls) == calls


async def test_what_the_listing_no_longer_shows_is_read_by_its_number(shop: Shop) -> None:
    await shop.subscribes("C1", "api")
    await shop.passes()
    shop.reader.publishes("7", "v1.0.9")
    shop.reader.hidden.add("7")
    await shop.hears("7")
    assert len(await shop.told()) == 1


async def test_history_is_not_told_and_what_was_missed_while_away_is(shop: Shop) -> None:
    await shop.subscribes("C1", "api")
    shop.reader.publishes("1", "v1.0.0", at=shop.clock.now() - timedelta(days=1))
    await shop.hears("1")
    await shop.passes()
    assert await shop.told() == []
    shop.reader.publishes("2", "v1.1.0")
    shop.clock.move(LATE.total_seconds() / 2)
    shop.reader.publishes("3", "v1.2.0")
    await shop.passes(LATE / 2 + NEXT)
    assert ["v1.2.0" in text for _, text in await shop.told()] == [True]


async def test_a_prerelease_is_told_when_it_becomes_a_release(shop: Shop) -> None:
    await shop.subscribes("C1", "api")
    await shop.passes()
    shop.reader.publishes("7", prerelease=True)
    await shop.hears("7")
    await shop.passes()
    assert await shop.told() == []
    shop.clock.move(timedelta(days=9).total_seconds())
    shop.reader.publishes("7", at=shop.clock.now() - timedelta(days=9))
    for _ in range(2):
        await shop.hears("7")
        await shop.passes()
    assert len(await shop.told()) == 1


async def test_of_several_who_read_it_at_once_one_tells(shop: Shop) -> None:
    await shop.subscribes("C1", "api")
    await shop.passes()
    shop.reader.publishes("7")
    await shop.world.queue.want(T1, publishing.key("github", API, "7"))
    await shop.world.queue.want(T1, publishing.list_key("github", API))
    shop.clock.move(NEXT.total_seconds())
    leases = [each for each in await shop.world.queue.claim(9) if each.key.startswith("release")]
    assert len(leases) == 2
    await asyncio.gather(*(Reconciler(shop.process(), Bell()).look(each) for each in leases))
    assert len(await shop.told()) == 1


async def test_what_did_not_commit_was_not_told(shop: Shop) -> None:
    await shop.subscribes("C1", "api")
    await shop.passes()
    shop.reader.publishes("7")
    with pytest.raises(ZeroDivisionError):
        async with shop.store.units.begin(T1, Step.KEEP_RELEASES) as uow:
            assert await uow.published.keep("github", API, shop.reader.releases["7"])
            raise ZeroDivisionError
    await shop.hears("7")
    assert len(await shop.told()) == 1


async def test_one_that_does_not_answer_is_asked_again_and_one_that_refuses_is_not(shop: Shop) -> None:
    await shop.subscribes("C1", "api")
    await shop.passes()
    shop.reader.publishes("7")
    shop.reader.fails = [Transient("it is down."), Transient("it is down.")]
    await shop.hears("7")
    await shop.passes(publishing.BUSY)
    await shop.passes(publishing.BUSY)
    assert len(await shop.told()) == 1
    shop.reader.fails = [NeedsHuman("GitHub refused.", "", "")]
    await shop.passes()
    calls = len(shop.reader.calls)
    await shop.passes(publishing.REFUSED / 2)
    assert len(shop.reader.calls) == calls


async def test_other_repositories_are_neither_read_nor_told_of(shop: Shop) -> None:
    await shop.world.queue.want(T1, publishing.key("github", "acme/none", "7"))
    await shop.world.queue.want(T1, publishing.list_key("github", "acme/none"))
    await shop.settle()
    assert shop.reader.calls == []


async def test_each_workspace_has_its_own_shelf(shop: Shop) -> None:
    shop.reader.publishes("7")
    release = shop.reader.releases["7"]
    for workspace, news in ((T1, True), (T2, True), (T1, False)):
        async with shop.store.units.begin(workspace, Step.KEEP_RELEASES) as uow:
            assert await uow.published.keep("github", API, release) is news
    assert await shop.store.shelf.of(T1, "github", API) == (release.known,)
    assert await shop.store.shelf.of(T1, "github", "acme/web") == ()
