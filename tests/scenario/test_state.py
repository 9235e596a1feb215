"""What people are told of how things stand while GitHub is down, on both databases."""

from __future__ import annotations

from bot.core.lifecycle import State
from bot.playground.control import ANYWHERE, Fault, FaultKind
from bot.playground.github.names import Trigger
from tests.scenario.house import House
from tests.scenario.test_follow import ended, followed, starts

CHANNEL = "#deploys"
SILENT = "as of 12 minutes ago; GitHub does not answer"
DOWN = Fault(ANYWHERE, FaultKind.ERROR_503, 1_000_000)


async def test_while_github_is_down_all_that_is_known_is_told_with_its_age(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("ada", CHANNEL, "/deploy api staging")
        run = (await house.reaches(State.SUCCEEDED)).run
        assert run is not None
        pushed = await starts(house, workflow="ci.yml", event=Trigger.PUSH, login="grace")
        await followed(house, pushed, ended)
        await house.says("ada", CHANNEL, "/state api staging")
        assert "by Ada, since" in await house.answered("ada", "Everything of main is there")
        await house.says("grace", CHANNEL, "/state api main")
        assert "its last commit" in await house.answered("grace", "a branch of acme/api")
        await house.says("ada", CHANNEL, f"/state run {run.ref.external_id}")
        assert "which is succeeded" in await house.answered("ada", "It is of #1 api to staging")
        await house.quiet()
        house.play.github.control.faults = [DOWN]
        await house.leaps(12 * 60 + 30)
        await house.says("linus", CHANNEL, "/state api staging")
        assert "#1 by Ada, since" in await house.answered("linus", f"Everything of main is there ({SILENT})")
        await house.says("linus", CHANNEL, "/state api main")
        told = await house.answered("linus", "a branch of acme/api")
        assert SILENT in told
        assert f"run {pushed.id}" in told
        assert "Last runs as of" in told
        await house.says("linus", CHANNEL, f"/state {run.url}")
        assert "GitHub does not answer" in await house.answered("linus", "It is of #1 api to staging")
        await house.says("linus", CHANNEL, "/state #1")
        assert "Its card" in await house.answered("linus", "#1 api to staging: succeeded")
