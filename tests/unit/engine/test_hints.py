"""A webhook only says where to look, and the metronome looks at everything; both are harmless twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.core.errors import Transient
from bot.core.hints import Hint
from bot.core.records import Delivery, Lane, Receipt, Source
from bot.core.runs import RunRef
from bot.core.values import DeploymentId, Sha
from bot.engine import following, publishing
from bot.engine.hints import HintHandler
from bot.engine.scheduler import Metronome
from bot.engine.world import World, work_key
from bot.store.inbox import SqlInbox
from bot.store.receipts import ReceiptWriter
from bot.store.sealing import Seal
from tests.databases import Backend
from tests.fakes.samples import TEAM, catalog, service
from tests.unit.slack.room import Room, room
from tests.unit.slack.talk import spoken

SQLITE = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        await opened.hears(spoken("api staging", "/deploy"))
        (lease,) = await opened.store.work.claim(1)
        await opened.store.work.requeue(lease, None)  # nobody wants it any more
        yield opened


async def delivered(here: Room, key: str, body: bytes = b"{}") -> Delivery:
    receipt = Receipt(TEAM, Source.GITHUB, Lane.EVENTS, "workflow_run", key, f"s{key}", body)
    writer = ReceiptWriter(here.url, Seal([]), here.clock)
    writer.write([receipt])
    writer.close()
    [found] = await SqlInbox(here.store.database, Seal([])).claim((Lane.EVENTS,), 1)
    return found


@SQLITE
@pytest.mark.parametrize(
    ("hints", "wanted"),
    [((Hint("acme/api", "7"), Hint("acme/api", "8")), 1), ((Hint("acme/web"),), 0), ((), 0)],
    ids=["ours", "another", "nothing"],
)
async def test_a_hint_wants_another_look(here: Room, hints: tuple[Hint, ...], wanted: int) -> None:
    handler = HintHandler(here.store.units, here.store.queries, lambda kind, payload: hints)  # noqa: ARG005
    await handler(await delivered(here, "a"))
    assert len(await here.store.work.claim(5)) == wanted
    assert await SqlInbox(here.store.database, Seal([])).claim((Lane.EVENTS,), 1) == ()  # it is handled


@SQLITE
@pytest.mark.parametrize(("also", "at_once"), [((), False), ((Hint("acme/api", "7"),), True)])
async def test_how_a_run_goes_on_can_wait_for_more_of_it(
    here: Room, also: tuple[Hint, ...], at_once: bool
) -> None:
    told = (Hint("acme/api", "7", in_passing=True), *also)
    handler = HintHandler(here.store.units, here.store.queries, lambda kind, payload: told)  # noqa: ARG005
    await handler(await delivered(here, "a"))
    assert len(await here.store.work.claim(5)) == at_once
    here.clock.time += following.LULL
    assert len(await here.store.work.claim(5)) == (not at_once)


@SQLITE
async def test_a_burst_about_one_run_is_one_wish_and_only_in_the_catalogs_repositories(here: Room) -> None:
    told = (Hint("Acme/API", "7"), Hint("acme/api", "7"), Hint("acme/other", "8"), Hint("acme/api"))
    doubtful = Hint("acme/api", "9", doubt="it is none of ours")
    handler = HintHandler(
        here.store.units,
        here.store.queries,
        lambda kind, payload: (*told, doubtful),  # noqa: ARG005
        lambda: catalog(service("api")),
    )
    for name in "abc":
        await handler(await delivered(here, name))
    await here.store.work.claim(5)  # its deployment
    assert await here.store.work.claim(5) == (), "in a moment, when more of it has come"
    here.clock.time += following.LULL
    [lease] = await here.store.work.claim(5)
    assert lease.key == following.key(RunRef("github", "acme/api", "7"))


@SQLITE
async def test_what_is_said_of_one_release_is_one_wish_and_moves_no_deployment(here: Room) -> None:
    told = (Hint("Acme/API", release="7"), Hint("acme/api", release="7"), Hint("acme/other", release="8"))
    handler = HintHandler(
        here.store.units,
        here.store.queries,
        lambda kind, payload: told,  # noqa: ARG005
        lambda: catalog(service("api")),
    )
    for name in "ab":
        await handler(await delivered(here, name))
    assert await here.store.work.claim(5) == (), "in a moment, when all of it has come"
    here.clock.time += publishing.LAG
    [lease] = await here.store.work.claim(5)
    assert lease.key == publishing.key("github", "acme/api", "7")


@SQLITE
async def test_what_is_not_json_is_marked_handled(here: Room) -> None:
    def never(kind: str, payload: object) -> tuple[Hint, ...]:
        raise AssertionError((kind, payload))

    handler = HintHandler(here.store.units, here.store.queries, never)
    await handler(await delivered(here, "a", b"<xml>"))
    assert await here.store.work.claim(5) == ()


@dataclass
class Watch:
    """Two workspaces, and what is open in each."""

    fails: bool = False

    async def workspaces(self) -> tuple[str, ...]:
        if self.fails:
            raise Transient("the database is down.")
        return ("T1", "T2")

    async def open_deployments(
        self,
        workspace: str,
        repository: str | None = None,
        head: Sha | None = None,
        *,
        run: str | None = None,
        waiting_alone: bool = False,
    ) -> tuple[DeploymentId, ...]:
        assert (repository, head, run, waiting_alone) == (None, None, None, False)
        return (DeploymentId(f"{workspace}-a"), DeploymentId(f"{workspace}-b"))


@dataclass
class Wanted:
    """A queue that only remembers."""

    keys: list[tuple[str, str]] = field(default_factory=list)

    async def want(self, workspace: str, key: str) -> None:
        self.keys.append((workspace, key))


def metronome(watch: Watch, wanted: Wanted, *chores: object) -> Metronome:
    world = World.__new__(World)
    object.__setattr__(world, "watch", watch)
    object.__setattr__(world, "queue", wanted)
    return Metronome(world, chores)  # type: ignore[arg-type]


async def test_the_resync_wants_everything_that_is_open() -> None:
    wanted = Wanted()
    await metronome(Watch(), wanted).resync()
    expected = [(team, work_key(DeploymentId(f"{team}-{one}"))) for team in ("T1", "T2") for one in "ab"]
    assert wanted.keys == expected


async def test_a_resync_without_a_database_comes_later(caplog: pytest.LogCaptureFixture) -> None:
    await metronome(Watch(fails=True), Wanted()).resync()
    assert "a minute later" in caplog.text


async def test_chores_are_done_and_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    async def three() -> int:
        return 3

    async def broken() -> int:
        raise Transient("the database is down.")

    await metronome(Watch(), Wanted(), three, three).clean_up()
    assert "6 old rows were forgotten" in caplog.text
    await metronome(Watch(), Wanted(), broken).clean_up()
    assert "an hour later" in caplog.text


async def test_digests_are_looked_for_and_may_come_a_minute_later(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    async def two() -> int:
        return 2

    async def broken() -> int:
        raise Transient("the database is down.")

    world = metronome(Watch(), Wanted())._world
    await Metronome(world, digests=two).post_digests()
    assert "2 digests were posted" in caplog.text
    await Metronome(world, digests=broken).post_digests()
    assert "a minute later" in caplog.text
    await Metronome(world).post_digests()


async def test_it_starts_and_stops() -> None:
    ticking, before = metronome(Watch(), Wanted()), asyncio.all_tasks()
    ticking.stop()  # before it began
    ticking.start()
    ticking.stop()
    ticking.stop()
    assert asyncio.all_tasks() == before
