"""The inbox on both databases: one worker at a time, people first, nothing forgotten too early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Connection, select, update

from bot.core.errors import LeaseLost, Transient
from bot.core.records import Delivery, Lane, Receipt, Source
from bot.store.database import Database
from bot.store.engine import database_url as parsed
from bot.store.engine import plain_engine
from bot.store.inbox import UNTIL_A_KEY_COMES, SqlInbox
from bot.store.receipts import ReceiptWriter
from bot.store.sealing import Seal
from bot.store.tables import inbox

BOTH = (Lane.INTERACTIVE, Lane.EVENTS)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class StoppedClock:
    """Time as the test sets it."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody here may sleep, not even for {seconds} s")


class Hands:
    """An inbox whose clock the test turns."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = StoppedClock()
        self.seal = Seal()
        self._open: list[Database] = []

    def worker(self, owner: str = "one") -> SqlInbox:
        """Another process, with connections of its own."""
        database = Database(self.url, owner, self.clock, lease=timedelta(seconds=30))
        self._open.append(database)
        return SqlInbox(database, self.seal)

    async def close(self) -> None:
        for database in self._open:
            await database.close()

    def put(self, key: str, lane: Lane = Lane.INTERACTIVE, body: bytes = b"\x00body") -> None:
        writer = ReceiptWriter(self.url, self.seal, self.clock)
        headers = (("Content-Type", "x"),)
        writer.write([Receipt("T1", Source.SLACK, lane, "command", key, f"v0={key}", body, headers)])
        writer.close()

    def rows(self) -> list[Any]:
        with self._connect() as connection:
            return list(connection.execute(select(inbox).order_by(inbox.c.delivery_key)))

    def mark(self, key: str, **values: Any) -> None:
        with self._connect() as connection:
            connection.execute(update(inbox).where(inbox.c.delivery_key == key).values(**values))

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        engine = plain_engine(parsed(self.url))
        with engine.begin() as connection:
            yield connection
        engine.dispose()


@pytest.fixture
async def hands(database_url: str) -> AsyncIterator[Hands]:
    opened = Hands(database_url)
    yield opened
    await opened.close()


def key_of(delivery: Delivery | None) -> str | None:
    return None if delivery is None else delivery.receipt.delivery_key


async def oldest(worker: SqlInbox, lanes: tuple[Lane, ...] = BOTH) -> Delivery | None:
    """The one whose turn it is."""
    return next(iter(await worker.claim(lanes, 1)), None)


async def test_an_empty_inbox_has_nothing(hands: Hands) -> None:
    assert await oldest(hands.worker()) is None


async def test_a_claim_brings_the_whole_receipt(hands: Hands) -> None:
    hands.put("a")
    delivery = await oldest(hands.worker())
    assert delivery is not None
    assert delivery.receipt == Receipt(
        "T1", Source.SLACK, Lane.INTERACTIVE, "command", "a", "v0=a", b"\x00body", (("Content-Type", "x"),)
    )
    assert (delivery.received_at, delivery.attempts) == (START, 1)
    lease = delivery.lease
    assert (lease.workspace, lease.key, lease.fence, lease.owner) == ("T1", delivery.id, 1, "one")


async def test_people_go_first_and_then_the_oldest(hands: Hands) -> None:
    for key, lane in (("event", Lane.EVENTS), ("b", Lane.INTERACTIVE), ("c", Lane.INTERACTIVE)):
        hands.put(key, lane)
        hands.clock.moment += timedelta(seconds=1)
    worker = hands.worker()
    assert [key_of(await oldest(worker)) for _ in range(4)] == ["b", "c", "event", None]


async def test_one_batch_keeps_its_order(hands: Hands) -> None:
    writer = ReceiptWriter(hands.url, hands.seal, hands.clock)
    names = [f"{number:03}" for number in range(40)]
    writer.write(
        [
            Receipt("T1", Source.SLACK, Lane.EVENTS, "event_callback", name, f"v0={name}", b"")
            for name in names
        ]
    )
    writer.close()
    worker = hands.worker()
    assert [key_of(await oldest(worker)) for _ in names] == names


async def test_a_lane_that_was_not_asked_for_is_left_alone(hands: Hands) -> None:
    hands.put("event", Lane.EVENTS)
    assert await oldest(hands.worker(), (Lane.INTERACTIVE,)) is None


async def test_a_worker_that_died_is_followed_by_another_with_a_higher_fence(hands: Hands) -> None:
    hands.put("a")
    first = await oldest(hands.worker("one"))
    hands.clock.moment += timedelta(seconds=29)
    assert await oldest(hands.worker("two")) is None
    hands.clock.moment += timedelta(seconds=2)
    second = await oldest(hands.worker("two"))
    assert first is not None
    assert second is not None
    assert (second.lease.fence, second.lease.owner, second.attempts) == (2, "two", 2)
    with pytest.raises(LeaseLost):
        await hands.worker("one").give_back(first, timedelta(), "late")
    with pytest.raises(LeaseLost):
        await hands.worker("one").bury(first, "late")


async def test_many_workers_never_share_a_delivery(hands: Hands) -> None:
    for number in range(12):
        hands.put(str(number))

    async def take(owner: str) -> list[str | None]:
        worker = hands.worker(owner)
        return [key_of(await oldest(worker)) for _ in range(6)]

    taken = [key for keys in await asyncio.gather(*map(take, "abcd")) for key in keys if key]
    assert sorted(taken, key=int) == [str(number) for number in range(12)]


async def test_what_is_given_back_waits_until_its_time(hands: Hands) -> None:
    hands.put("a")
    worker = hands.worker()
    delivery = await oldest(worker)
    assert delivery is not None
    await worker.give_back(delivery, timedelta(seconds=5), "GitHub is away")
    assert await oldest(worker) is None
    (row,) = hands.rows()
    assert (row.owner, row.until, row.why) == (None, None, "GitHub is away")
    hands.clock.moment += timedelta(seconds=5)
    again = await oldest(worker)
    assert again is not None
    assert again.attempts == 2


async def test_it_says_how_long_there_is_nothing_to_claim(hands: Hands) -> None:
    worker = hands.worker()
    assert await worker.next_due() is None
    hands.put("a", Lane.EVENTS)
    assert await worker.next_due() == timedelta(0)
    delivery = await oldest(worker)
    assert delivery is not None
    assert await worker.next_due() == timedelta(seconds=30), "the lease of a worker that may have died"
    await worker.give_back(delivery, timedelta(seconds=5), "GitHub is away")
    assert await worker.next_due() == timedelta(seconds=5)
    hands.put("b")
    assert await worker.next_due() == timedelta(0)
    for _ in range(2):
        hands.clock.moment += timedelta(seconds=5)
        taken = await oldest(worker)
        assert taken is not None
        await worker.bury(taken, "nobody understands it")
    assert await worker.next_due() is None


async def test_what_is_buried_stays_for_the_operators(hands: Hands) -> None:
    hands.put("a")
    worker = hands.worker()
    delivery = await oldest(worker)
    assert delivery is not None
    await worker.bury(delivery, "it failed eight times")
    hands.clock.moment += timedelta(days=7)
    assert await worker.purge() == 0
    hands.clock.moment += timedelta(days=22)
    assert await oldest(worker) is None
    await worker.purge()
    (row,) = hands.rows()
    assert (row.why, row.body) == ("it failed eight times", None)


async def test_a_body_is_forgotten_a_week_after_it_was_handled(hands: Hands) -> None:
    for key in ("handled", "waiting"):
        hands.put(key)
    hands.mark("handled", handled_at=START)
    worker = hands.worker()
    hands.clock.moment = START + timedelta(days=7)
    assert await worker.purge() == 0
    hands.clock.moment += timedelta(seconds=1)
    assert await worker.purge() == 1
    handled, waiting = hands.rows()
    assert (handled.body, handled.headers) == (None, [])
    assert waiting.body == b"\x00body"
    hands.clock.moment = START + timedelta(days=31)
    assert await worker.purge() == 1
    assert [row.delivery_key for row in hands.rows()] == ["waiting"]


async def test_handled_deliveries_do_not_come_again(hands: Hands) -> None:
    hands.put("a")
    hands.mark("a", handled_at=START)
    assert await oldest(hands.worker()) is None


async def test_a_sealed_body_comes_back_open_also_after_the_keys_were_rotated(hands: Hands) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    hands.seal = Seal([old])
    hands.put("a", body=b"token=secret")
    hands.seal = Seal([new, old])
    delivery = await oldest(hands.worker())
    assert delivery is not None
    assert delivery.receipt.body == b"token=secret"


@pytest.mark.parametrize("keys", [[], [Fernet.generate_key().decode()]], ids=["none", "another"])
async def test_a_body_whose_key_is_gone_waits_for_it_and_blocks_nobody(
    hands: Hands, keys: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    hands.seal = lost = Seal([Fernet.generate_key().decode()])
    hands.put("a")
    hands.seal = Seal(keys)
    hands.clock.moment += timedelta(seconds=1)
    hands.put("b")
    assert key_of(await oldest(hands.worker())) == "b"
    waits, _ = hands.rows()
    assert (waits.dead_at, waits.why, waits.attempts) == (None, "A stored delivery cannot be opened.", 0)
    assert f"delivery {waits.id} (slack command)" in caplog.text
    hands.clock.moment += UNTIL_A_KEY_COMES
    hands.seal = lost  # the operator put it in
    delivery = await oldest(hands.worker(), (Lane.INTERACTIVE,))
    assert (key_of(delivery), delivery and delivery.attempts) == ("a", 1)


async def test_a_body_that_nobody_could_open_for_a_week_is_given_up(hands: Hands) -> None:
    hands.seal = Seal([Fernet.generate_key().decode()])
    hands.put("a")
    hands.seal = Seal()
    hands.clock.moment += timedelta(days=7, seconds=1)
    assert await oldest(hands.worker()) is None
    (row,) = hands.rows()
    assert row.dead_at == hands.clock.moment


async def test_a_database_that_is_down_is_no_surprise() -> None:
    hands = Hands("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Transient):
        await oldest(hands.worker())
    await hands.close()


async def test_without_a_clock_of_its_own_it_uses_the_databases(database_url: str) -> None:
    hands = Hands(database_url)
    hands.clock.moment = datetime.now(UTC) - timedelta(seconds=5)
    hands.put("a")
    database = Database(database_url, "real")
    worker = SqlInbox(database, hands.seal)
    delivery = await oldest(worker)
    assert delivery is not None
    assert await oldest(worker) is None
    await worker.bury(delivery, "done with")
    assert await worker.purge() == 0
    await database.close()
