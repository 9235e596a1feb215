"""The real process, killed with -9 while a stand-in holds its call open, and started again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.playground.control import FaultKind
from bot.playground.github.names import Where
from tests.databases import Backend
from tests.scenario.crash.process import Street

pytestmark = pytest.mark.long
STOP_WITHIN = 10.0

MOST_TELLING = [
    (Where.DISPATCH, FaultKind.HOLD_AFTER),
    ("chat.postMessage", FaultKind.HOLD_AFTER),
]


@pytest.mark.parametrize(("where", "kind"), MOST_TELLING)
async def test_killed_while_a_call_is_held_open(
    database_url: str, tmp_path: Path, where: str, kind: FaultKind
) -> None:
    async with Street(database_url, tmp_path) as street:
        await street.killed_at(where, kind)
        await street.servers[0].start()
        await street.reaches(State.SUCCEEDED)
        await street.judge()


@pytest.mark.parametrize("database_url", [Backend.POSTGRESQL], indirect=True)
async def test_another_replica_goes_on_for_the_one_that_was_killed(database_url: str, tmp_path: Path) -> None:
    async with Street(database_url, tmp_path, servers=2) as street:
        control = street.hold(Where.DISPATCH, FaultKind.HOLD_AFTER)
        await street.asks()
        await street.held(control)
        await (await street.holder()).kill()
        await street.reaches(State.SUCCEEDED)
        await street.judge()


@pytest.mark.parametrize("where", [Where.DISPATCH])
async def test_a_stop_in_the_middle_of_a_call_takes_ten_seconds_at_most(
    database_url: str, tmp_path: Path, where: str
) -> None:
    async with Street(database_url, tmp_path) as street:
        control = street.hold(where, FaultKind.HOLD_AFTER)
        await street.asks()
        await street.held(control)
        assert await street.servers[0].stop() < STOP_WITHIN
        await street.release(control)
        await street.servers[0].start()
        await street.reaches(State.SUCCEEDED)
        await street.judge()
