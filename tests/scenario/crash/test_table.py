"""Killed around every commit and every call, on both databases: it goes on, and nothing happens twice."""

from __future__ import annotations

import pytest

from bot.core.steps import Step
from tests.scenario.crash.house import FragileHouse
from tests.scenario.crash.points import calls
from tests.scenario.crash.scenes import judge, perform
from tests.scenario.crash.table import ELSEWHERE, SCENES, Row, rows

# What a killed process had open, the system closes; here the garbage collector does.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


def test_every_commit_and_every_call_is_in_the_table() -> None:
    assert {*SCENES, *ELSEWHERE} == {*Step, *calls()}
    assert not set(SCENES) & set(ELSEWHERE)


@pytest.mark.parametrize("row", list(rows()), ids=str)
async def test_killed(row: Row, database_url: str) -> None:
    async with FragileHouse(database_url) as house:
        await perform(house, row.scene, row.point)
        await judge(house, row.scene)
