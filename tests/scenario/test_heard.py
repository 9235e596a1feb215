"""The same words without a slash: in a channel behind our name, and in a direct message."""

from __future__ import annotations

import pytest

from bot.core.lifecycle import State
from bot.playground.slack.seed import ADA, IDENTITY
from tests.scenario.house import PATIENCE, House

BOT = f"<@{IDENTITY.bot_user}>"


async def test_a_mention_deploys_as_the_command_does(database_url: str) -> None:
    async with House(database_url) as house:
        said = f"{BOT} deploy api staging because it is Monday"
        done = await house.play.slack.send("ada", "#deploys", said)
        assert done["ok"], done
        await house.answered("ada", "Asked for api to staging")
        ended = await house.reaches(State.SUCCEEDED)
        assert (ended.requested_by.name, ended.wish.reason) == ("Ada", "it is Monday")
        assert len(house.play.github.dispatches()) == 1


async def test_a_direct_message_is_answered_there(database_url: str) -> None:
    async with House(database_url) as house:
        dm = house.play.slack.world.app_channel(ADA).id
        await house.play.slack.send("ada", dm, "state api")
        slack = house.play.slack
        await slack.until(
            lambda: any("What runs where" in each.text for each in slack.direct_messages("ada")), PATIENCE
        )
        await house.quiet()
        said = [each for each in slack.direct_messages("ada") if each.by_app]
        assert len(said) == 1, "it does not answer itself"


@pytest.mark.parametrize("words", [f"thanks {BOT}!", f"ask {BOT} deploy api staging", "deploy api staging"])
async def test_what_is_told_to_others_is_left_alone(database_url: str, words: str) -> None:
    async with House(database_url) as house:
        await house.play.slack.send("ada", "#deploys", words)
        await house.says("ada", "#deploys", "/state api")
        await house.answered("ada", "What runs where")
        await house.quiet()
        assert await house.deployment() is None
        assert len(house.play.slack.ephemerals("ada")) == 1


async def test_who_may_not_is_refused_as_with_the_command(database_url: str) -> None:
    async with House(database_url) as house:
        await house.play.slack.send("linus", "#deploys", f"{BOT} deploy api production")
        await house.answered("linus", "You can't deploy api to production")
        assert await house.deployment() is None


async def test_a_form_waits_behind_a_button(database_url: str) -> None:
    async with House(database_url) as house:
        await house.play.slack.send("ada", "#deploys", f"{BOT} deploy")
        assert "could not open" in await house.answered("ada", "a press of the button opens it")
