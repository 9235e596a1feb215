"""What was last read of accounts at the code host, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.identity import Identity, RepositoryRole
from bot.core.pipelines import Provider, Repository
from bot.core.readings import Reading
from tests.contract.store_support import NOON, T1, T2, HandClock, open_store

API, WEB = (Repository(Provider.GITHUB, f"acme/{name}") for name in ("api", "web"))
READ = Reading(API, "7", Identity("ada", RepositoryRole.WRITE), NOON)


async def test_the_last_one_is_kept_of_each_account_in_each_repository(database_url: str) -> None:
    async with open_store(database_url, HandClock()) as store:
        assert await store.readings.last(T1, API, "7") is None
        await store.readings.keep(T1, READ)
        assert await store.readings.last(T1, API, "7") == READ
        for other in ((T2, API, "7"), (T1, WEB, "7"), (T1, API, "8")):
            assert await store.readings.last(*other) is None
        later = replace(READ, identity=Identity("ada", RepositoryRole.READ), at=NOON + timedelta(hours=1))
        await store.readings.keep(T1, later)
        assert await store.readings.last(T1, API, "7") == later
        await store.readings.keep(T1, READ)
        assert await store.readings.last(T1, API, "7") == later, "what took longer to arrive is older"
