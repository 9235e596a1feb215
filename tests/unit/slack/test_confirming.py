"""What is confirmed by hand: an emergency, in a form that opens now or by a button later."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.actions import ActionId
from tests.databases import Backend
from tests.fakes.samples import ADA
from tests.unit.slack.room import Room, room
from tests.unit.slack.surfaces import guarded
from tests.unit.slack.talk import pressed, spoken, submitted

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
SRE_ONE = ADA.id


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        yield opened


async def test_an_emergency_is_confirmed_by_hand_however_late_its_form_opens(here: Room) -> None:
    here.knows(guarded())
    here.opener.late = True
    words = "api staging v1.0.0 emergency log_level=debug because customers can't pay"
    assert "Nothing is done yet" in await here.hears(spoken(words, "/deploy", SRE_ONE))
    (answer,) = here.answers
    assert (answer.offer, answer.offer_label) == (ActionId.SAY_IN_FULL, "Open the form")
    here.opener.late = False
    assert await here.hears(pressed(answer.offer, answer.offer_value, SRE_ONE)) == ""
    (view,) = here.opener.opened
    assert "With log_level=debug, skip_smoke=false." in view["blocks"][0]["text"]["text"]
    assert view["blocks"][1]["label"]["text"] == "Environment's name"
    assert view["blocks"][2]["element"]["initial_value"] == "customers can't pay"
    assert await here.deployment() is None
    back = submitted("emergency", {"name": "staging", "reason": "it burns"}, SRE_ONE)
    back.payload["view"]["private_metadata"] = view["private_metadata"]
    assert "You broke the glass." in await here.hears(back)
    found = await here.deployment()
    assert found is not None
    assert (found.wish.ref, found.wish.inputs) == (
        "v1.0.0",
        (("log_level", "debug"), ("skip_smoke", "false")),
    )
    assert (found.wish.emergency, found.wish.reason) == (True, "it burns")


async def test_what_is_too_long_for_the_form_of_an_emergency_is_refused(here: Room) -> None:
    here.knows(guarded())
    words = f"api staging emergency because {'it burns ' * 250}"
    assert "too long" in await here.hears(spoken(words, "/deploy", SRE_ONE))
    assert here.opener.opened == []
