"""Those who can decide are asked once more after half of the time, on both databases."""

from __future__ import annotations

from datetime import timedelta

from bot.core.lifecycle import State
from bot.playground.slack.seed import ADA
from tests.scenario.house import House
from tests.scenario.test_supersede import CATALOG, CHANNEL, asks, trail

HALF = timedelta(hours=2).total_seconds()
AGAIN = "half of its time is over"


def reminders(house: House) -> int:
    """How many stand in the channel."""
    return len([each for each in house.play.slack.messages(CHANNEL) if AGAIN in each.text])


async def test_they_are_reminded_once_also_over_a_restart(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await asks(house, "linus", "production", 1)
        assert reminders(house) == 0
        house.clock.leap(HALF)
        reply = await house.replied(CHANNEL, AGAIN)
        assert "For payments or sre: " in str(reply.blocks)
        assert "Waiting for 2 approvals of payments or sre." in str(reply.blocks)
        assert "U0LINUS001" not in str(reply.blocks)  # whoever asked can do nothing
        await house.app.stop()
        await house.start_bot()
        await house.says("ada", CHANNEL, "/approve #1 production")
        await house.card_says("Waiting for 1 approval")  # it was looked at again
        await house.says("margaret", CHANNEL, "/approve #1 production")
        await house.reaches(State.SUCCEEDED)
        await house.quiet()
        assert reminders(house) == 1
        assert len(await trail(house, "DecisionReminded")) == 1


async def test_nobody_is_reminded_of_what_has_ended(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await asks(house, "linus", "staging", 1)
        await house.says("ada", CHANNEL, "/reject #1 because it is late")
        await house.reaches(State.REJECTED)
        house.clock.leap(HALF)
        await house.quiet()
        assert reminders(house) == 0
        assert await trail(house, "DecisionReminded") == []


async def test_whoever_is_asked_late_is_not_asked_twice(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("grace", "#deploys", "/lock api production because I move the tables")
        await asks(house, "linus", "production", 1)
        for person in ("ada", "margaret"):
            await house.says(person, CHANNEL, "/approve #1 production")
        await house.card_says("waiting. Grace has locked")
        house.clock.leap(HALF)
        house.play.slack.world.usergroups["S0SRE00001"].users.remove(ADA)
        house.clock.leap(61)
        await house.card_says("waiting. Waiting for 1 approval")
        await house.press("margaret", CHANNEL, "take_back")
        await house.card_says("waiting. Waiting for 2 approvals")  # it was looked at again
        assert await trail(house, "DecisionReminded") == []
        assert reminders(house) == 0
