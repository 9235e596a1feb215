"""What people are told of how things stand while GitHub is down, on both databases."""

from __future__ import annotations

import re

from bot.core.lifecycle import State
from bot.playground.control import ANYWHERE, Fault, FaultKind
from bot.playground.github.names import Trigger
from tests.scenario.house import PATIENCE, House
from tests.scenario.test_follow import ended, followed, starts

CHANNEL = "#deploys"
SILENT = re.compile(r"\(as of (\d+ minutes|1 hour) ago; GitHub does not answer\)")
DOWN = Fault(ANYWHERE, FaultKind.ERROR_503, 1_000_000)
TRIES = 5  # a busy machine may be slower than a person is kept waiting


async def asked(house: House, words: str, wanted: str) -> str:
    """What the person is told, once it has this in it."""
    told = ""
    for _ in range(TRIES):
        before = len(house.play.slack.ephemerals("ada"))
        await house.says("ada", CHANNEL, words)
        await house.play.slack.until(lambda: len(house.play.slack.ephemerals("ada")) > before, PATIENCE)  # noqa: B023
        told = house.play.slack.ephemerals("ada")[-1].text
        if wanted in told:
            return told
    raise AssertionError(f"{words} was answered with {told}")


async def test_while_github_is_down_all_that_is_known_is_told_with_its_age(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("ada", CHANNEL, "/deploy api staging")
        run = (await house.reaches(State.SUCCEEDED)).run
        assert run is not None
        pushed = await starts(house, workflow="ci.yml", event=Trigger.PUSH, login="grace")
        await followed(house, pushed, ended)
        await house.quiet()
        assert "by Ada, since" in await asked(house, "/state api staging", "Everything of main is there")
        assert "a branch of acme/api" in await asked(house, "/state api main", "its last commit")
        number = run.ref.external_id
        assert "which is succeeded" in await asked(
            house, f"/state run {number}", "It is of #1 api to staging"
        )
        house.play.github.control.faults = [DOWN]
        await house.leaps(12 * 60 + 30)
        told = await asked(house, "/state api staging", "Everything of main is there")
        assert SILENT.search(told)
        assert "#1 by Ada, since" in told
        told = await asked(house, "/state api main", "a branch of acme/api")
        assert len(SILENT.findall(told)) == 2, "its last commit, and where it runs"
        assert "Last runs as of" in told
        assert f"run {pushed.id}" in told
        assert SILENT.search(await asked(house, f"/state {run.url}", "It is of #1 api to staging"))
        assert "Its card" in await asked(house, "/state #1", "#1 api to staging: succeeded")
