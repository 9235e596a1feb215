"""The audit chain, on both databases."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re

import pytest
from sqlalchemy import update

from bot.core.errors import Bug
from bot.core.events import RequestRefused
from bot.core.steps import Step
from bot.store.audit import DOMAIN, genesis, link
from bot.store.store import Store
from bot.store.tables import audit
from tests.contract.store_support import ADA, NOON, T1, T2, HandClock, open_store, rows, tamper
from tests.databases import Backend


async def note(store: Store, *whys: str, workspace: str = T1) -> None:
    """One unit of work that records these."""
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        for why in whys:
            await uow.record(RequestRefused("deploy", "api", "prod", "no", why), ADA)


async def without_triggers(store: Store, *statements: str) -> None:
    """What somebody who owns the database can do."""
    if store.database.sqlite:
        names = [
            row.name for row in await rows(store, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ]
        await tamper(store, *(f"DROP TRIGGER {name}" for name in names), *statements)
    else:
        await tamper(
            store,
            "ALTER TABLE audit DISABLE TRIGGER USER",
            "ALTER TABLE audit_head DISABLE TRIGGER USER",
            *statements,
        )


async def forge(store: Store, seq: int, **values: object) -> None:
    """Change one record, triggers or not."""
    await without_triggers(store)
    async with store.database.write() as connection:
        await connection.execute(update(audit).where(audit.c.seq == seq).values(**values))


async def test_the_chain_is_what_the_documentation_says(store: Store) -> None:
    await note(store, "a", "ü \u202e")
    await note(store, "c")
    prev = hashlib.sha256(b"slipway/audit/1\x00" + T1.encode()).digest()
    kept = await rows(store, "SELECT seq, body, prev, hash FROM audit ORDER BY seq")
    assert [row.seq for row in kept] == [1, 2, 3]
    for row in kept:
        assert row.prev == prev
        prev = hashlib.sha256(b"slipway/audit/1\x00" + prev + row.body).digest()
        assert row.hash == prev
    assert json.loads(kept[1].body) == {
        "log": T1,
        "seq": 2,
        "at": NOON.isoformat(),
        "actor": {"kind": "person", "id": "U1", "name": "Ada"},
        "event": "RequestRefused",
        "facts": {
            "command": "deploy",
            "service": "api",
            "environment": "prod",
            "what": "no",
            "why": "ü \u202e",
        },
    }
    assert [tuple(row) for row in await rows(store, "SELECT seq, hash FROM audit_head")] == [(3, prev)]


async def test_an_untouched_chain_verifies(store: Store) -> None:
    assert await store.audit.verify(T1) == await store.audit.verify(T1)
    assert (await store.audit.verify(T1)).records == 0
    await note(store, *"abcde")
    report = await store.audit.verify(T1)
    assert (report.records, report.broken_at, report.why) == (5, None, "")
    assert await store.audit.workspaces() == (T1,)


async def test_many_writers_do_not_fork_the_chain(store: Store, database_url: str, clock: HandClock) -> None:
    async def write(one: Store, who: str) -> None:
        for index in range(12):
            await note(one, f"{who} {index}", "twice")

    async with open_store(database_url, clock, owner="two") as other, asyncio.TaskGroup() as tasks:
        for index, each in enumerate((store, other) * 4):
            tasks.create_task(write(each, str(index)))
    report = await store.audit.verify(T1)
    assert (report.records, report.broken_at) == (192, None)


async def test_each_workspace_has_its_own_chain(store: Store) -> None:
    await note(store, "a", "b")
    await note(store, "a", workspace=T2)
    assert [(await store.audit.verify(each)).records for each in (T1, T2)] == [2, 1]
    assert genesis(T1) != genesis(T2)


async def test_a_changed_record_is_found(store: Store) -> None:
    await note(store, *"abc")
    await forge(store, 2, body=b'{"log":"T1","seq":2}')
    report = await store.audit.verify(T1)
    assert (report.broken_at, report.why) == (2, "its content does not fit its hash")


async def test_a_record_whose_hash_was_mended_breaks_the_next_one(store: Store) -> None:
    await note(store, *"abc")
    [(prev,)] = await rows(store, "SELECT prev FROM audit WHERE seq = 2")
    body = b'{"log":"T1","seq":2}'
    await forge(store, 2, body=body, hash=link(prev, body))
    report = await store.audit.verify(T1)
    assert (report.broken_at, report.why) == (3, "it is not chained to the record before it")


@pytest.mark.parametrize("body", [b'{"log":"T2","seq":3}', b'{"log":"T1","seq":2}', b"[]", b"\xff"])
async def test_a_record_of_another_place_is_found(store: Store, body: bytes) -> None:
    await note(store, *"abc")
    [(prev,)] = await rows(store, "SELECT prev FROM audit WHERE seq = 3")
    await forge(store, 3, body=body, hash=link(prev, body))
    report = await store.audit.verify(T1)
    assert (report.broken_at, report.why) == (3, "it belongs to another place")


@pytest.mark.parametrize("value", ["'{}'", "'x'", "7", "CAST(body AS TEXT)"])
@pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
async def test_a_body_of_another_kind_is_found(store: Store, value: str) -> None:
    """SQLite keeps text or numbers in a column of bytes; even the same letters are not what was written."""
    await note(store, *"abc")
    await without_triggers(store, f"UPDATE audit SET body = {value} WHERE seq = 2")
    report = await store.audit.verify(T1)
    assert (report.records, report.broken_at, report.why) == (1, 2, "it is not kept as it was written")
    assert len([line async for line in store.audit.export(T1)]) == 3


@pytest.mark.parametrize("column", ["prev", "hash"])
@pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
async def test_a_hash_of_another_kind_is_found(store: Store, column: str) -> None:
    await note(store, *"abc")
    await without_triggers(store, f"UPDATE audit SET {column} = 'x' WHERE seq = 2")
    assert (await store.audit.verify(T1)).broken_at == 2
    assert len([line async for line in store.audit.export(T1)]) == 3


async def test_a_head_of_another_kind_is_found(store: Store) -> None:
    await note(store, "a")
    await without_triggers(store, "UPDATE audit_head SET hash = 'x'")
    assert (await store.audit.verify(T1)).broken_at == 2


async def test_a_removed_record_is_found(store: Store) -> None:
    await note(store, *"abc")
    await without_triggers(store, "DELETE FROM audit WHERE seq = 2")
    report = await store.audit.verify(T1)
    assert (report.broken_at, report.why) == (2, "record 2 is missing")


async def test_a_tail_that_was_cut_off_is_found_by_the_head(store: Store) -> None:
    await note(store, *"abc")
    await without_triggers(store, "DELETE FROM audit WHERE seq = 3")
    report = await store.audit.verify(T1)
    assert (report.broken_at, report.why) == (3, "the head says that there are 3 records")


async def test_a_head_that_was_removed_is_found(store: Store) -> None:
    await note(store, "a")
    await without_triggers(store, "DELETE FROM audit_head")
    assert (await store.audit.verify(T1)).why == "the head is missing"


FORBIDDEN = [
    "UPDATE audit SET body = 'x'",
    "UPDATE audit SET seq = 9 WHERE seq = 2",
    "DELETE FROM audit",
    "DELETE FROM audit WHERE seq = 2",
    "DELETE FROM audit_head",
    "UPDATE audit_head SET seq = 1",
    "UPDATE audit_head SET hash = 'x'",
]
FORBIDDEN_IN_POSTGRESQL = ["TRUNCATE audit", "TRUNCATE audit_head"]
FORBIDDEN_IN_SQLITE = [
    "INSERT OR REPLACE INTO audit SELECT workspace_id, seq, 'x', prev, hash FROM audit WHERE seq = 1",
    "INSERT OR REPLACE INTO audit SELECT workspace_id, 7, 'x', prev, 'y' FROM audit WHERE seq = 1",
    "REPLACE INTO audit_head SELECT workspace_id, 1, 'x' FROM audit_head",
    "PRAGMA recursive_triggers = OFF; REPLACE INTO audit SELECT workspace_id, 1, 'x', prev, hash FROM audit",
]


async def test_the_database_itself_forbids_changes(store: Store) -> None:
    await note(store, *"abc")
    own = FORBIDDEN_IN_SQLITE if store.database.sqlite else FORBIDDEN_IN_POSTGRESQL
    for attempt in FORBIDDEN + own:
        with pytest.raises(Bug) as refused:
            await tamper(store, *attempt.split("; "))
        assert re.search("never changed|only steps forward", str(refused.value.__context__)), attempt
    assert (await store.audit.verify(T1)).records == 3


async def test_an_export_can_be_checked_without_us(store: Store) -> None:
    await note(store, "a", "ü")
    await note(store, "other", workspace=T2)
    lines = [json.loads(line) async for line in store.audit.export(T1)]
    prev = genesis(T1)
    for line in lines:
        assert line["prev"] == prev.hex()
        prev = hashlib.sha256(DOMAIN + prev + line["body"].encode()).digest()
        assert line["hash"] == prev.hex()
    assert [json.loads(line["body"])["facts"]["why"] for line in lines] == ["a", "ü"]


async def test_verifying_beside_writers_raises_no_false_alarm(store: Store) -> None:
    async def write() -> None:
        for index in range(20):
            await note(store, str(index))

    writing = asyncio.create_task(write())
    while not writing.done():
        assert (await store.audit.verify(T1)).broken_at is None
    await writing
