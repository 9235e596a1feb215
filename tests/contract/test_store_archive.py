"""Pages of what was, on both databases: the right rows, in order, and at the same cost after years."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, insert
from sqlalchemy.dialects import postgresql, sqlite

from bot.core.archive import PAGE, Extent, HistoryWish, TrailWish
from bot.core.effects import Posted, ShowCard
from bot.core.events import RequestRefused
from bot.core.lifecycle import State, Trigger
from bot.core.steps import Step
from bot.core.values import SLIPWAY, Actor, ActorKind
from bot.core.votes import Vote, VoteKind
from bot.store import archive
from bot.store.engine import database_url as parse
from bot.store.engine import plain_engine
from bot.store.migrate import upgrade
from bot.store.store import Store
from bot.store.tables import audit, audit_keys, deployments
from tests.contract.store_support import (
    ADA,
    NOON,
    T1,
    T2,
    TO_SUCCEEDED,
    HandClock,
    add,
    follow,
    new,
    resolution,
    rows,
    tamper,
)

BOB = Actor(ActorKind.PERSON, "U2", "Bob")
API = HistoryWish("api")
PLACES = frozenset({("api", "staging"), ("api", "production"), ("web", "staging")})
EVERYTHING = Extent(PLACES, elsewhere=True)
ALL = TrailWish(EVERYTHING)
MANY = 10_000


async def numbers(store: Store, wish: HistoryWish) -> list[int]:
    return [each.number for each in (await store.archive.history(T1, wish)).rows]


async def seqs(store: Store, wish: TrailWish) -> list[int]:
    return [each.seq for each in (await store.archive.trail(T1, wish)).rows]


async def refuse(store: Store, *places: tuple[str, str], actor: Actor = ADA, workspace: str = T1) -> None:
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        for service, environment in places:
            await uow.record(RequestRefused("deploy", service, environment, "no", "why not"), actor)


async def test_a_line_says_who_what_when_how_long_and_how_it_ended(store: Store, clock: HandClock) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        found = await uow.deployments.get(asked.id)
        found = await uow.deployments.save(
            replace(found, resolution=resolution(), attempted_at=NOON + timedelta(seconds=5), digest="d")
        )
        for at, (person, kind) in enumerate((("Cid", VoteKind.APPROVE), ("Bob", VoteKind.APPROVE))):
            vote = Vote(person, person, kind, "d", NOON + timedelta(seconds=at))
            found = await uow.votes.cast(found, vote)
        clock.move(65)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await follow(uow, await uow.deployments.get(asked.id), *TO_SUCCEEDED)
        await uow.show(ShowCard(asked.id))
    (parcel,) = await store.outbox.claim(1)
    await store.outbox.delivered(parcel, Posted("C9", "171.5"))
    (line,) = (await store.archive.history(T1, API)).rows
    assert (line.number, line.state, line.requested_by) == (1, State.SUCCEEDED, ADA)
    assert (line.ref, line.sha, line.title) == ("main", "a" * 40, "Fix it")
    assert (line.asked_at, line.lasted(NOON)) == (NOON, timedelta(seconds=60))
    assert line.approved_by == ("Cid", "Bob")
    assert line.card == Posted("C9", "171.5")


async def test_what_never_began_took_no_time(store: Store) -> None:
    await add(store)
    (line,) = (await store.archive.history(T1, API)).rows
    assert (line.lasted(NOON), line.ended_at, line.sha, line.card) == (None, None, None, None)
    assert line.ref == "main"


async def test_history_is_of_one_place_and_one_workspace(store: Store) -> None:
    for service, environment in (("api", "staging"), ("web", "staging"), ("api", "production")):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.deployments.add(new(service, environment))
    await add(store, workspace=T2)
    assert await numbers(store, API) == [3, 1]
    assert await numbers(store, HistoryWish("api", "production")) == [3]
    assert await numbers(store, HistoryWish("web")) == [2]
    assert await numbers(store, HistoryWish("web", "production")) == []


async def test_pages_meet_without_a_gap(store: Store) -> None:
    for _ in range(2 * PAGE + 1):
        await add(store)
    wish, seen = API, list[int]()
    while True:
        page = await store.archive.history(T1, wish)
        seen += [each.number for each in page.rows]
        if not page.more:
            break
        wish = HistoryWish("api", before=page.rows[-1].number)
    assert seen == list(range(2 * PAGE + 1, 0, -1))


async def test_since_ends_the_pages(store: Store, clock: HandClock) -> None:
    await add(store)
    clock.move(3600)
    for _ in range(PAGE):
        await add(store)
    page = await store.archive.history(T1, HistoryWish("api", since=NOON + timedelta(minutes=1)))
    assert (len(page.rows), page.more) == (PAGE, False)
    assert (await store.archive.history(T1, HistoryWish("api", since=NOON))).more


async def test_the_trail_is_found_by_deployment_person_kind_and_time(store: Store, clock: HandClock) -> None:
    first, second = await add(store), await add(store)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await follow(uow, await uow.deployments.get(first.id), Trigger.RESOLVE)
        await uow.deployments.move(await uow.deployments.get(second.id), Trigger.REFUSE, SLIPWAY, "no")
    clock.move(60)
    await refuse(store, ("web", "staging"), ("", ""), actor=BOB)
    assert await seqs(store, ALL) == [4, 3, 2, 1]
    assert await seqs(store, TrailWish(EVERYTHING, deployment=2)) == [2]
    assert await seqs(store, TrailWish(EVERYTHING, actor="U2")) == [4, 3]
    assert await seqs(store, TrailWish(EVERYTHING, actor="slipway")) == [2]
    assert await seqs(store, TrailWish(EVERYTHING, event="DeploymentMoved")) == [2, 1]
    assert await seqs(store, TrailWish(EVERYTHING, since=NOON + timedelta(seconds=1))) == [4, 3]
    assert await seqs(store, TrailWish(EVERYTHING, before=3)) == [2, 1]
    moved = (await store.archive.trail(T1, TrailWish(EVERYTHING, deployment=1))).rows[0]
    assert (moved.actor, moved.at, moved.number) == (ADA, NOON, 1)
    assert (moved.service, moved.environment) == ("api", "staging")
    assert moved.facts["target"] == "waiting"
    assert moved.sound


async def test_the_trail_shows_only_what_is_in_scope(store: Store) -> None:
    await refuse(store, ("api", "staging"), ("vault", "staging"), ("", ""), ("api", "production"))
    await refuse(store, ("api", "staging"), workspace=T2)
    only = frozenset({("api", "staging")})
    assert await seqs(store, TrailWish(Extent(only, elsewhere=False))) == [1]
    assert await seqs(store, TrailWish(Extent(only, elsewhere=True))) == [3, 1]
    assert await seqs(store, TrailWish(Extent(only | {("api", "production")}, elsewhere=False))) == [4, 1]
    assert await seqs(store, TrailWish(Extent(frozenset(), elsewhere=False))) == []
    assert await seqs(store, TrailWish(Extent(frozenset(), elsewhere=True))) == [3]


async def test_a_record_that_was_changed_is_shown_as_such(store: Store) -> None:
    await refuse(store, ("api", "staging"), ("api", "staging"))
    if store.database.sqlite:
        await tamper(store, "DROP TRIGGER audit_no_update")
    else:
        await tamper(store, "ALTER TABLE audit DISABLE TRIGGER USER")
    blank = "X'7B7D'" if store.database.sqlite else "'{}'"
    await tamper(store, f"UPDATE audit SET body = {blank} WHERE seq = 1")
    changed = (await store.archive.trail(T1, ALL)).rows
    assert [(each.seq, each.sound) for each in changed] == [(2, True), (1, False)]


@pytest.mark.parametrize("change", ["actor_id = 'U2'", "event = 'X'", "number = 9"])
async def test_keys_that_hide_a_record_break_the_chain(store: Store, change: str) -> None:
    await refuse(store, ("api", "staging"), ("api", "staging"))
    assert (await store.audit.verify(T1)).broken_at is None
    await tamper(store, f"UPDATE audit_keys SET {change} WHERE seq = 2")
    report = await store.audit.verify(T1)
    assert (report.broken_at, report.why) == (2, "it is found by something else than it says")
    await tamper(store, "DELETE FROM audit_keys WHERE seq = 2")
    assert (await store.audit.verify(T1)).broken_at == 2


async def test_ten_thousand_deployments_are_never_read_through(store: Store) -> None:
    await fill(store)
    wishes: Iterable[HistoryWish] = (
        API,
        HistoryWish("api", "staging"),
        HistoryWish("api", before=5000),
        HistoryWish("api", "staging", before=5000, since=NOON),
    )
    for wish in wishes:
        plan = await explained(store, archive.history_query(T1, wish))
        assert "ix_deployments_" in plan or "uq_deployments_" in plan, plan
        assert no_reading_through(plan), plan
    for trail in (
        ALL,
        TrailWish(EVERYTHING, deployment=77),
        TrailWish(EVERYTHING, actor="U77"),
        TrailWish(EVERYTHING, event="Moved"),
        TrailWish(Extent(frozenset({("api", "staging")}), elsewhere=False)),
        TrailWish(EVERYTHING, before=5000, since=NOON),
    ):
        plan = await explained(store, archive.trail_query(T1, trail))
        assert no_reading_through(plan), plan


async def fill(store: Store) -> None:
    """Many deployments of a few places, and as many records."""
    asked = await add(store)
    (sample,) = await rows(store, deployments.select().where(deployments.c.id == asked.id))
    plain = sample._asdict()
    made = [
        plain | {"id": f"d{n}", "number": n, "key": f"k{n}", "service": ("api", "web", "shop")[n % 3]}
        for n in range(2, MANY)
    ]
    async with store.database.write() as connection:
        await connection.execute(insert(deployments), made)
    keys = [
        {"workspace_id": T1, "seq": n, "at": NOON, "event": ("Moved", "Asked", "Refused")[n % 3]}
        | {"actor_id": f"U{n % 500}", "number": n, "service": "api", "environment": "staging"}
        for n in range(1, MANY)
    ]
    bodies = [
        {"workspace_id": T1, "seq": n, "body": b"{}", "prev": b"p%d" % n, "hash": b"h%d" % n}
        for n in range(1, MANY)
    ]
    async with store.database.write() as connection:
        await connection.execute(insert(audit), bodies)
        await connection.execute(insert(audit_keys), keys)
    if not store.database.sqlite:
        await tamper(store, "ANALYZE deployments", "ANALYZE audit", "ANALYZE audit_keys")


async def explained(store: Store, query: Select[Any]) -> str:
    """How the database would carry it out."""
    dialect: Any = sqlite.dialect() if store.database.sqlite else postgresql.dialect()  # type: ignore[no-untyped-call]
    text = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    prefix = "EXPLAIN QUERY PLAN " if store.database.sqlite else "EXPLAIN "
    return "\n".join(" ".join(map(str, row)) for row in await rows(store, prefix + text.replace(":", r"\:")))


def no_reading_through(plan: str) -> bool:
    """Neither a table from end to end, nor a sort of all that was found."""
    steps = [step for step in plan.splitlines() if "CONSTANT ROWS" not in step]
    return not any(word in step for step in steps for word in ("SCAN", "Seq Scan", "TEMP B-TREE", "Sort"))


def test_what_was_recorded_before_is_found_as_well(empty_database_url: str) -> None:
    """The migration reads the keys of older records from their bodies; a broken one gets none."""
    (file,) = Path("bot/store/migrations/versions").glob("*_archive.py")
    upgrade(empty_database_url, import_module(f"bot.store.migrations.versions.{file.stem}").down_revision)
    said = {"actor": {"kind": "person", "id": "U1", "name": "Ada"}, "at": NOON.isoformat(), "event": "Asked"}
    facts = {"number": 7, "service": "api", "environment": "staging"}
    bodies = [json.dumps(said | {"facts": facts}).encode(), b"{}", b"\xff"]
    rows = [
        {"workspace_id": T1, "seq": n, "body": body, "prev": b"p%d" % n, "hash": b"h%d" % n}
        for n, body in enumerate(bodies, 1)
    ]
    engine = plain_engine(parse(empty_database_url))
    with engine.begin() as connection:
        connection.execute(insert(audit), rows)
    upgrade(empty_database_url)
    with engine.connect() as connection:
        (key,) = connection.execute(audit_keys.select()).all()
    engine.dispose()
    assert key == (T1, 1, NOON, "Asked", "U1", 7, "api", "staging")
