"""The real process, killed with -9 while a stand-in holds its call open, and started again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.playground.control import FaultKind
from bot.playground.github.names import Where
from tests.databases import Backend
from tests.scenario.crash.falling import judge, killed_while_it_counts_down
from tests.scenario.crash.process import Street
from tests.scenario.crash.scenes import GOES_BACK

pytestmark = pytest.mark.long
STOP_WITHIN = 10.0


async def test_killed_while_its_two_most_telling_calls_are_held_open(
    database_url: str, tmp_path: Path
) -> None:
    """Dispatch and card are both received, and nobody hears the answers; `make proof` has each alone."""
    async with Street(database_url, tmp_path) as street:
        held = [street.hold(each, FaultKind.HOLD_AFTER) for each in (Where.DISPATCH, "chat.postMessage")]
        await street.asks()
        for control in held:
            await street.held(control)
        await street.servers[0].kill()
        for control in held:
            await street.release(control)
        await street.servers[0].start()
        await street.reaches(State.SUCCEEDED)
        await street.judge()


@pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
async def test_killed_while_a_rollback_counts_down(database_url: str, tmp_path: Path) -> None:
    """`make proof` has each call on its way, and both databases."""
    async with Street(database_url, tmp_path, catalog=GOES_BACK) as street:
        await killed_while_it_counts_down(street)
        await judge(street)


@pytest.mark.parametrize("database_url", [Backend.POSTGRESQL], indirect=True)
async def test_another_replica_goes_on_for_the_one_that_was_killed(database_url: str, tmp_path: Path) -> None:
    async with Street(database_url, tmp_path, servers=2) as street:
        control = street.hold(Where.DISPATCH, FaultKind.HOLD_AFTER)
        await street.asks()
        await street.held(control)
        await (await street.holder()).kill()
        await street.reaches(State.SUCCEEDED)
        await street.judge()


async def test_a_stop_in_the_middle_of_a_call_takes_ten_seconds_at_most(
    database_url: str, tmp_path: Path
) -> None:
    async with Street(database_url, tmp_path) as street:
        control = street.hold(Where.DISPATCH, FaultKind.HOLD_AFTER)
        await street.asks()
        await street.held(control)
        assert await street.servers[0].stop() < STOP_WITHIN
        await street.release(control)
        await street.servers[0].start()
        await street.reaches(State.SUCCEEDED)
        await street.judge()
