"""Rows by pairs of values: these and no others, and without looking through the whole table."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, insert, select

from bot.store.statements import pairs, the_pairs
from bot.store.store import Store
from bot.store.tables import cards, inbox, leases, outbox, work
from tests.contract.store_support import T1, T2
from tests.contract.test_store_archive import explained, no_reading_through
from tests.databases import Backend

WANTED = [(T1, "one"), (T2, "two"), (T1, "three")]


async def test_a_pair_is_both_of_its_values(store: Store) -> None:
    async with store.database.write() as connection:
        for workspace in (T1, T2):
            made = [{"workspace_id": workspace, "card": each} for each in ("one", "two", "three")]
            await connection.execute(insert(cards), made)
        query = select(cards.c.workspace_id, cards.c.card).where(pairs(cards, "workspace_id", "card"))
        found = await connection.execute(query, the_pairs([*WANTED, *WANTED]))
        assert {tuple(row) for row in found} == set(WANTED)


@pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
@pytest.mark.parametrize(
    ("table", "column"),
    [(outbox, "id"), (outbox, "summary"), (cards, "card"), (inbox, "id"), (leases, "key"), (work, "key")],
)
async def test_what_is_claimed_is_found_whatever_else_is_kept(
    store: Store, table: Table, column: str
) -> None:
    """Each claim of several would cost more with each day that is on record."""
    query = select(table).where(pairs(table, "workspace_id", column)).params(the_pairs(WANTED))
    plan = await explained(store, query)
    assert no_reading_through(plan), plan
