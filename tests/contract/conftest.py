"""Fixtures of the contract tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.store.store import Store
from tests.contract.store_support import HandClock, open_store


@pytest.fixture
def clock() -> HandClock:
    """A clock that only the test moves."""
    return HandClock()


@pytest.fixture
async def store(database_url: str, clock: HandClock) -> AsyncIterator[Store]:
    """A store over a fresh database, on the test's own time."""
    async with open_store(database_url, clock) as opened:
        yield opened
