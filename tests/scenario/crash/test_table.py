"""Killed around every commit and every call, on both databases: it goes on, and nothing happens twice."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Any, Protocol, get_args, get_type_hints

import pytest

from bot.app.outside import Outside
from bot.core.steps import Step
from tests.databases import Backend
from tests.scenario.crash.house import FragileHouse
from tests.scenario.crash.points import OUTSIDE, calls
from tests.scenario.crash.scenes import judge, perform
from tests.scenario.crash.table import ELSEWHERE, SCENES, Row, rows, short_form

# What a killed process had open, the system closes; here the garbage collector does.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


def ports_in(kind: Any) -> set[Any]:
    """The ports of which something is put together."""
    if Protocol in getattr(kind, "__bases__", ()):
        return {kind}
    parts = get_type_hints(kind).values() if is_dataclass(kind) else get_args(kind)
    return set().union(*map(ports_in, parts))


def test_every_port_behind_a_network_is_watched() -> None:
    assert ports_in(Outside) == set(OUTSIDE)


def test_every_commit_and_every_call_is_in_the_table() -> None:
    assert {*SCENES, *ELSEWHERE} == {*Step, *calls()}
    assert not set(SCENES) & set(ELSEWHERE)


def test_every_moment_of_every_commit_is_met_in_each_run() -> None:
    met = {(point, backend) for row, backend in short_form() for point in row.points}
    moments = {point for row in rows() for point in row.points if isinstance(point.target, Step)}
    assert {point for point, _ in met} >= moments
    for backend in Backend:
        assert {point.target for point, each in met if each is backend} == set(SCENES)


@pytest.mark.parametrize(
    ("row", "database_url"),
    [pytest.param(row, backend, id=f"{backend}-{row}") for row, backend in short_form()],
    indirect=["database_url"],
)
async def test_killed(row: Row, database_url: str) -> None:
    async with FragileHouse(database_url, catalog=row.scene.catalog) as house:
        await perform(house, row.scene, *row.points)
        await judge(house, row.scene, deaths=len(row.points))
