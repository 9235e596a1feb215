"""“Deploy this” on a card brings its exact release to another environment, on both databases."""

from __future__ import annotations

from bot.core.lifecycle import State
from tests.scenario.house import House

CHANNEL = "#api-deploys"


async def test_the_release_of_a_card_goes_on_and_other_messages_are_refused(database_url: str) -> None:
    async with House(database_url) as house:
        slack = house.play.slack
        await house.says("ada", "#deploys", "/deploy api staging v1.4.1")
        first = await house.reaches(State.SUCCEEDED)
        await house.card_says("#1 api")
        (card,) = house.cards(CHANNEL)
        assert await slack.hands.shortcut("ada", "deploy_this", card) == {"ok": True}
        done = await slack.submit("ada", await house.form("ada", "deploy"), {"environment": "production"})
        assert done["ok"], done
        second = await house.reaches(State.SUCCEEDED, 2)
        assert first.request is not None
        assert second.request is not None
        assert second.request.release_sha == first.request.release_sha
        assert (second.wish.service, second.wish.environment) == ("api", "production")
        await slack.send("ada", "#deploys", "Shall we deploy this?")
        words = slack.messages("#deploys")[-1]
        assert await slack.hands.shortcut("ada", "deploy_this", words) == {"ok": True}
        await house.answered("ada", "That message is no card of a deployment.")
