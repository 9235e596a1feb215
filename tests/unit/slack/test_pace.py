"""How often one person may look something up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.core.errors import UserError
from bot.core.policy import Permission
from bot.slack.pace import AT_ONCE, EACH, REMEMBERED, Pace
from tests.databases import Backend
from tests.fakes.samples import ADA, LINUS, NOON
from tests.unit.slack.room import Room, room
from tests.unit.slack.talk import spoken

TOO_FAST = "You have asked for a lot in a short time."


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        yield opened


def look(pace: Pace, person: str, seconds: float = 0) -> None:
    pace.keep(Permission.LOOK, person, NOON + timedelta(seconds=seconds))


def test_one_person_gets_some_at_once_and_then_one_at_a_time() -> None:
    pace = Pace()
    for _ in range(AT_ONCE):
        look(pace, "one")
    with pytest.raises(UserError, match="Try again in 10s"):
        look(pace, "one")
    look(pace, "another")
    look(pace, "one", EACH.total_seconds())
    with pytest.raises(UserError):
        look(pace, "one", EACH.total_seconds())
    for _ in range(AT_ONCE):
        look(pace, "one", 3600)


def test_what_changes_something_is_not_counted() -> None:
    pace = Pace()
    for _ in range(3 * AT_ONCE):
        pace.keep(Permission.DEPLOY, "one", NOON)
    look(pace, "one")


def test_whoever_used_up_theirs_is_not_forgotten_among_many() -> None:
    pace = Pace()
    for _ in range(AT_ONCE):
        look(pace, "one")
    for number in range(2 * REMEMBERED):
        look(pace, f"other {number}")
    with pytest.raises(UserError):
        look(pace, "one")


@pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
async def test_whoever_asks_in_a_loop_asks_nothing_of_the_code_host_any_more(here: Room) -> None:
    said = [await here.hears(spoken("api main", "/state", LINUS.id)) for _ in range(AT_ONCE + 1)]
    assert TOO_FAST not in said[-2]
    assert TOO_FAST in said[-1]
    assert TOO_FAST not in await here.hears(spoken("api main", "/state", ADA.id))
    assert "Asked for api to staging" in await here.hears(spoken("api staging", "/deploy", LINUS.id))
    here.clock.time += EACH
    assert TOO_FAST not in await here.hears(spoken("api main", "/state", LINUS.id))
