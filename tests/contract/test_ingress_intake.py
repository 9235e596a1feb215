"""Intake against both databases: what is acknowledged is committed, once, and nothing is lost silently."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert, select, text

from bot.core.errors import Transient
from bot.core.records import Lane, Receipt, Source, Stored
from bot.store.engine import database_url as parsed
from bot.store.engine import is_sqlite, plain_engine
from bot.store.intake import GroupIntake
from bot.store.receipts import Fate, ReceiptWriter, Row
from bot.store.sealing import Seal
from bot.store.tables import inbox

RECEIPT = Receipt(
    workspace="T1",
    source=Source.SLACK,
    lane=Lane.INTERACTIVE,
    kind="command",
    delivery_key="1.2.abc",
    signature="v0=1",
    body=b"\x00\xff any bytes 'quoted' {,\\}",
    headers=(("Content-Type", "text/plain"),),
)


def receipt(number: int, **other: Any) -> Receipt:
    return replace(RECEIPT, delivery_key=f"key-{number}", signature=f"v0={number}", **other)


def rows(url: str) -> list[Any]:
    engine = plain_engine(parsed(url))
    try:
        with engine.connect() as connection:
            return list(connection.execute(select(inbox).order_by(inbox.c.id)))
    finally:
        engine.dispose()


@asynccontextmanager
async def intake(url: str, **options: Any) -> AsyncIterator[GroupIntake]:
    opened = GroupIntake(ReceiptWriter(url, Seal()), **options)
    try:
        yield opened
    finally:
        await opened.close()


class HeldWriter(ReceiptWriter):
    """Waits before it writes, and notes how large its batches were."""

    def __init__(self, url: str) -> None:
        super().__init__(url, Seal())
        self.go = threading.Event()
        self.entered = threading.Event()
        self.batches: list[int] = []

    def write(self, receipts: Sequence[Receipt], fate: Fate | None = None) -> list[Stored | None]:
        self.entered.set()
        self.go.wait(30)
        self.batches.append(len(receipts))
        return super().write(receipts, fate)


class LateWriter(HeldWriter):
    """Learns late that its commit went through."""

    def write(self, receipts: Sequence[Receipt], fate: Fate | None = None) -> list[Stored | None]:
        return ReceiptWriter.write(self, receipts, fate)

    def _write(self, receipts: Sequence[Receipt], rows: Sequence[Row], fate: Fate) -> list[Stored | None]:
        outcomes = super()._write(receipts, rows, fate)
        self.entered.set()
        self.go.wait(30)
        return outcomes


class DeafWriter(ReceiptWriter):
    """Loses the answer to its first commit, and fails for another reason then."""

    deaf = True

    def _write(self, receipts: Sequence[Receipt], rows: Sequence[Row], fate: Fate) -> list[Stored | None]:
        outcomes = super()._write(receipts, rows, fate)
        if self.deaf:
            self.deaf = False
            raise OSError("no answer")
        return outcomes


async def test_everything_of_a_receipt_is_kept(database_url: str) -> None:
    before = datetime.now(UTC)
    async with intake(database_url) as keep:
        assert await keep.store(RECEIPT) is Stored.NEW
        (row,) = rows(database_url)  # committed: another connection sees it
    assert (row.workspace_id, row.source, row.lane) == ("T1", "slack", "interactive")
    assert (row.kind, row.delivery_key, row.signature) == ("command", "1.2.abc", "v0=1")
    assert (row.body, row.sealed) == (RECEIPT.body, False)
    assert row.headers == [["Content-Type", "text/plain"]]
    assert (row.attempts, row.fence, row.owner, row.handled_at) == (0, 0, None, None)
    assert row.received_at == row.due_at
    assert abs((row.received_at - before).total_seconds()) < 60


async def test_the_same_signature_is_a_replay_and_a_new_one_a_retry(database_url: str) -> None:
    async with intake(database_url) as keep:
        assert await keep.store(RECEIPT) is Stored.NEW
        assert await keep.store(RECEIPT) is Stored.REPLAYED
        assert await keep.store(replace(RECEIPT, signature="v0=2")) is Stored.SEEN
        assert await keep.store(replace(RECEIPT, delivery_key="other")) is Stored.REPLAYED
    assert len(rows(database_url)) == 1


async def test_without_a_signature_of_its_own_only_the_key_counts(database_url: str) -> None:
    github = replace(RECEIPT, source=Source.GITHUB, signature="", lane=Lane.EVENTS)
    async with intake(database_url) as keep:
        assert await keep.store(github) is Stored.NEW
        assert await keep.store(github) is Stored.SEEN
        assert await keep.store(replace(github, delivery_key="other")) is Stored.NEW


async def test_another_workspace_or_source_may_use_the_same_key(database_url: str) -> None:
    async with intake(database_url) as keep:
        assert await keep.store(RECEIPT) is Stored.NEW
        assert await keep.store(replace(RECEIPT, workspace="T2")) is Stored.NEW
        assert await keep.store(replace(RECEIPT, source=Source.GITLAB)) is Stored.NEW


async def test_one_batch_tells_new_ones_from_old_and_from_each_other(database_url: str) -> None:
    async with intake(database_url) as keep:
        await keep.store(receipt(1))
        again = replace(receipt(2), signature="v0=again")
        answers = await asyncio.gather(*map(keep.store, (receipt(1), receipt(2), again, receipt(3))))
    assert answers == [Stored.REPLAYED, Stored.NEW, Stored.SEEN, Stored.NEW]
    assert len(rows(database_url)) == 3


async def test_receipts_that_wait_together_share_a_commit(database_url: str) -> None:
    writer = HeldWriter(database_url)
    keep = GroupIntake(writer)
    first = asyncio.create_task(keep.store(receipt(0)))
    await asyncio.to_thread(writer.entered.wait, 30)
    rest = [asyncio.create_task(keep.store(receipt(number))) for number in range(1, 50)]
    await asyncio.sleep(0)
    assert keep.busy
    assert not first.done()  # nobody is told before the commit
    assert rows(database_url) == []
    writer.go.set()
    assert set(await asyncio.gather(first, *rest)) == {Stored.NEW}
    assert writer.batches == [1, 49]
    assert len(rows(database_url)) == 50
    await keep.close()
    assert not keep.busy


async def test_a_thousand_at_once_are_each_stored_once(database_url: str) -> None:
    async with intake(database_url) as keep:
        answers = await asyncio.gather(*(keep.store(receipt(number % 900)) for number in range(1000)))
    assert answers.count(Stored.NEW) == 900
    assert answers.count(Stored.REPLAYED) == 100
    kept = rows(database_url)
    assert len({row.id for row in kept}) == 900
    assert [row.received_at for row in kept] == sorted(row.received_at for row in kept)


async def test_a_full_queue_refuses_at_once(database_url: str) -> None:
    writer = HeldWriter(database_url)
    keep = GroupIntake(writer, most_waiting=2)
    waiting = [asyncio.create_task(keep.store(receipt(0)))]
    await asyncio.to_thread(writer.entered.wait, 30)
    waiting += [asyncio.create_task(keep.store(receipt(number))) for number in (1, 2)]
    await asyncio.sleep(0)
    with pytest.raises(Transient, match="Too many"):
        await keep.store(receipt(3))
    writer.go.set()
    assert await asyncio.gather(*waiting) == [Stored.NEW] * 3
    assert await keep.store(receipt(3)) is Stored.NEW
    await keep.close()


async def test_one_who_waits_no_longer_harms_nobody(database_url: str) -> None:
    writer = HeldWriter(database_url)
    keep = GroupIntake(writer)
    left = asyncio.create_task(keep.store(receipt(1)))
    stays = asyncio.create_task(keep.store(receipt(2)))
    await asyncio.to_thread(writer.entered.wait, 30)
    left.cancel()
    writer.go.set()
    assert await stays is Stored.NEW
    assert len(rows(database_url)) == 2
    await keep.close()


async def test_a_database_that_hangs_is_given_up_in_time_and_serves_again(database_url: str) -> None:
    writer = HeldWriter(database_url)
    keep = GroupIntake(writer, patience=0.5)
    first = asyncio.create_task(keep.store(receipt(1)))
    await asyncio.to_thread(writer.entered.wait, 30)
    behind = asyncio.create_task(keep.store(receipt(2)))
    answers = await asyncio.gather(first, behind, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Transient, Transient]
    with pytest.raises(Transient, match="does not answer"):
        await keep.store(receipt(3))  # nobody waits for nothing
    writer.go.set()
    await keep.idle()
    assert await keep.store(receipt(4)) is Stored.NEW
    assert [row.delivery_key for row in rows(database_url)] == ["key-4"]  # who was told so is not stored
    assert await keep.store(receipt(1)) is Stored.NEW  # and may come again
    await keep.close()


async def test_who_waited_for_a_lock_in_vain_leaves_nothing_behind(database_url: str) -> None:
    engine = plain_engine(parsed(database_url))
    keep = GroupIntake(ReceiptWriter(database_url, Seal()), patience=0.2)
    with engine.begin() as connection:
        connection.execute(insert(inbox).values(**_by_hand() | {"delivery_key": "key-1"}))
        with pytest.raises(Transient):
            await keep.store(receipt(1))
        connection.rollback()
    await keep.idle()
    assert rows(database_url) == []
    await keep.close()
    engine.dispose()


@pytest.mark.parametrize("begun", [False, True], ids=["nobody works on it", "somebody works on it"])
async def test_a_commit_that_came_too_late_is_taken_back(database_url: str, begun: bool) -> None:
    writer = LateWriter(database_url)
    keep = GroupIntake(writer, patience=30)
    storing = asyncio.create_task(keep.store(receipt(1)))
    await asyncio.to_thread(writer.entered.wait, 30)
    keep._give_up()
    with pytest.raises(Transient):
        await storing
    assert len(rows(database_url)) == 1
    if begun:
        _execute(database_url, "UPDATE inbox SET fence = 1")
    writer.go.set()
    await keep.idle()
    assert len(rows(database_url)) == begun
    await keep.close()


async def test_a_commit_whose_answer_was_lost_is_taken_back_by_the_next_one(database_url: str) -> None:
    keep = GroupIntake(DeafWriter(database_url, Seal()))
    with pytest.raises(Transient):
        await keep.store(receipt(1))
    assert await keep.store(receipt(2)) is Stored.NEW
    assert [row.delivery_key for row in rows(database_url)] == ["key-2"]
    await keep.close()


async def test_patience_begins_with_the_wait_not_with_the_batch(database_url: str) -> None:
    writer = HeldWriter(database_url)
    keep = GroupIntake(writer, patience=30)
    first = asyncio.create_task(keep.store(receipt(1)))
    await asyncio.to_thread(writer.entered.wait, 30)
    second = asyncio.create_task(keep.store(receipt(2)))
    await asyncio.sleep(0)
    came = keep._since
    await asyncio.sleep(0.05)
    writer.go.set()
    assert await first is Stored.NEW
    assert keep._alarm is not None
    assert keep._alarm.when() == came + 30
    assert await second is Stored.NEW
    await keep.close()


async def test_a_database_that_is_down_tells_every_waiter_and_recovers(database_url: str) -> None:
    async with intake(database_url) as keep:
        await keep.store(receipt(0))
        _execute(database_url, "ALTER TABLE inbox RENAME TO away")
        answers = await asyncio.gather(
            *(keep.store(receipt(number)) for number in (1, 2, 3)), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [Transient] * 3
        _execute(database_url, "ALTER TABLE away RENAME TO inbox")
        assert await keep.store(receipt(1)) is Stored.NEW


async def test_a_broken_connection_is_made_anew_without_anybody_noticing(database_url: str) -> None:
    if is_sqlite(parsed(database_url)):
        return  # a file has no connections to lose
    async with intake(database_url) as keep:
        await keep.store(receipt(0))
        _execute(
            database_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        assert await keep.store(receipt(1)) is Stored.NEW


async def test_one_receipt_that_no_database_takes_does_not_take_the_others_along(database_url: str) -> None:
    if is_sqlite(parsed(database_url)):
        return  # it takes everything
    async with intake(database_url) as keep:
        answers = await asyncio.gather(
            keep.store(receipt(1)), keep.store(receipt(2, kind="nul\0")), return_exceptions=True
        )
    assert answers[0] is Stored.NEW
    assert isinstance(answers[1], Transient)


async def test_bodies_are_encrypted_when_there_are_keys(database_url: str) -> None:
    seal = Seal([Fernet.generate_key().decode()])
    keep = GroupIntake(ReceiptWriter(database_url, seal))
    await keep.store(RECEIPT)
    await keep.close()
    (row,) = rows(database_url)
    assert row.sealed
    assert b"any bytes" not in row.body
    assert seal.open(row.body, sealed=True) == RECEIPT.body


async def test_the_worker_is_woken_by_what_is_new_and_by_nothing_else(database_url: str) -> None:
    calls: list[int] = []
    async with intake(database_url, wake=lambda: calls.append(len(rows(database_url)))) as keep:
        await keep.store(RECEIPT)
        await keep.store(RECEIPT)
    assert calls == [1]


async def test_every_commit_waits_for_the_disk(database_url: str) -> None:
    writer = ReceiptWriter(database_url, Seal())
    with writer._engine.connect() as connection:
        if is_sqlite(parsed(database_url)):
            assert connection.execute(text("PRAGMA synchronous")).scalar() == 2  # FULL
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        else:
            assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
    writer.close()


async def test_a_writer_elsewhere_is_waited_for(database_url: str) -> None:
    engine = plain_engine(parsed(database_url))
    async with intake(database_url) as keep:
        with engine.begin() as connection:
            connection.execute(insert(inbox).values(**_by_hand()))
            waiting = asyncio.create_task(keep.store(receipt(1)))
            await asyncio.wait((waiting,), timeout=0.05)
        assert await waiting is Stored.NEW
    engine.dispose()


def _by_hand() -> dict[str, Any]:
    now = datetime.now(UTC)
    words = {"source": "slack", "lane": "events", "kind": "k", "delivery_key": "by-hand"}
    return {"workspace_id": "T1", "id": "0", "headers": [], **words, "received_at": now, "due_at": now}


def _execute(url: str, statement: str) -> None:
    engine = plain_engine(parsed(url))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
