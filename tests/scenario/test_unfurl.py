"""A link of a run in a message, over real HTTP on both databases: what stands behind it is shown below."""

from __future__ import annotations

from bot.core.lifecycle import State
from bot.playground.slack.world import Message
from tests.scenario.house import PATIENCE, House


async def test_a_link_of_a_run_shows_its_deployment_and_an_unknown_one_nothing(database_url: str) -> None:
    async with House(database_url) as house:
        slack = house.play.slack
        await house.says("linus", "#deploys", "/deploy api staging")
        deployment = await house.reaches(State.SUCCEEDED)
        assert deployment.run is not None
        unknown = f"{house.play.github.web_url}/acme/api/actions/runs/1"
        await slack.send("ada", "#deploys", f"never seen: {unknown}")
        await slack.send("ada", "#deploys", f"look: {deployment.run.url}")

        def message(words: str) -> Message:
            return next(each for each in slack.messages("#deploys") if words in each.text)

        await slack.until(lambda: bool(message("look:").attachments), PATIENCE)
        [card] = message("look:").attachments
        for part in ("#1 api to staging", "deployed", "Linus", "Its card"):
            assert part in str(card["blocks"])
        await house.quiet()
        assert message("never seen:").attachments == []
