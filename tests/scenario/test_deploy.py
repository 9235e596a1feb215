"""/deploy, from the words in the chat to the finished card."""

from __future__ import annotations

from bot.core.lifecycle import State
from tests.scenario.house import House


async def test_a_deploy_runs_from_chat_to_the_finished_card(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("ada", "#deploys", "/deploy api staging because it is Monday")
        await house.answered("ada", "Asked for api to staging")
        await house.reaches(State.SUCCEEDED)
        await house.card_says("deployed")
        assert len(house.play.github.dispatches()) == 1
