"""Details: for everybody who may see the service, and for nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.actions import ActionId, ButtonValue
from tests.databases import Backend
from tests.unit.slack.room import Room, room
from tests.unit.slack.talk import pressed, spoken

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
ADA, LINUS, GUEST = "U0ADA00001", "U0LINUS001", "U0GUEST001"
STRANGER, FORMER = "U0STRANGER", "U0FORMER01"


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        yield opened


async def details(here: Room, person: str) -> str:
    """What this person is told of #1."""
    found = await here.deployment()
    assert found is not None
    value = ButtonValue(1, found.digest or "", found.version).write()
    return await here.hears(pressed(ActionId.DETAILS, value, person))


@pytest.mark.parametrize("person", [ADA, LINUS, GUEST])
async def test_whoever_may_see_the_service_is_told_alone(here: Room, person: str) -> None:
    await here.hears(spoken("api production", "/deploy", person=ADA))
    kept = await here.records()
    told = await details(here, person)
    assert "#1 api to production" in told
    assert "nothing ran there before" in told
    assert [answer.person for answer in here.answers] == [person]
    assert await here.records() == kept  # to look changes nothing


@pytest.mark.parametrize("person", [STRANGER, FORMER])
async def test_people_from_outside_and_who_left_are_refused(here: Room, person: str) -> None:
    await here.hears(spoken("api production", "/deploy", person=ADA))
    assert "api to production" not in await details(here, person)
    assert (await here.records())[-1]["event"] == "RequestRefused"


async def test_of_a_hidden_service_there_are_none(here: Room) -> None:
    await here.hears(spoken("vault staging", "/deploy", person=ADA))
    assert "There is no such deployment." in await details(here, LINUS)
    assert (await here.records())[-1]["event"] == "RequestRefused"
    assert "#1 vault to staging" in await details(here, ADA)


async def test_a_button_that_somebody_made_up_is_refused(here: Room) -> None:
    await here.hears(spoken("api staging", "/deploy"))
    forged = ButtonValue(1, "0" * 64, 1).write()
    assert "made for another #1" in await here.hears(pressed(ActionId.DETAILS, forged))
