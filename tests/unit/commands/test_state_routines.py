"""/state of one place shows how what is measured on a schedule stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.core.catalog import Environment
from bot.core.command import Context
from bot.core.courses import Course
from bot.core.lifecycle import State
from bot.core.routines import identity
from bot.core.rules import HttpVerification, Routine
from bot.core.verifications import Measured, Outcome
from commands import state
from tests.fakes.samples import NOON, TEAM, catalog, in_state, policy, service
from tests.unit.commands.test_commands import context

ROUTINE = Routine(HttpVerification("https://api.example.com/health"), timedelta(hours=4))
LAST = Measured("api.example.com/health", Outcome.PASSED, "right", read_at=NOON - timedelta(hours=2))
COURSE = Course("api", "staging", identity(ROUTINE), NOON, last=LAST)


@dataclass
class Courses:
    """The port CourseBook over a list."""

    rows: tuple[Course, ...]

    async def of(self, workspace: str) -> tuple[Course, ...]:
        return self.rows if workspace == TEAM else ()

    async def at(self, workspace: str, service: str, environment: str) -> tuple[Course, ...]:
        place = (service, environment)
        return tuple(each for each in await self.of(workspace) if each.place[:2] == place)


def measured(*routines: Routine) -> Context:
    places = [Environment(name, policy(), routines=routines) for name in ("staging", "production")]
    known = catalog(service("api", *places))
    return replace(context(in_state(State.SUCCEEDED), known=known), courses=Courses((COURSE,)))


async def looked(ctx: Context, *args: str) -> str:
    return (await state.run(ctx, state.Arguments(*args))).text.plain()


async def test_of_one_place_it_is_shown_with_its_age() -> None:
    told = await looked(measured(ROUTINE), "api", "staging")
    assert "Measured on a schedule" in told
    assert "api.example.com/health · right · 2h ago, every 4h" in told
    assert "not measured yet" in await looked(measured(ROUTINE), "api", "production")


async def test_of_several_places_or_none_it_is_not() -> None:
    assert "schedule" not in await looked(measured(ROUTINE), "api")
    assert "schedule" not in await looked(measured(), "api", "staging")
    without = replace(measured(ROUTINE), courses=None)
    assert "schedule" not in await looked(without, "api", "staging")
