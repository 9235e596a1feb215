"""Going back while something is down, on both databases: it happens all the same, and the card follows."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.rolling_back import Ending, Kept, Order, carried_out, ending, roll_back, shown
from bot.app.workbench import operator
from bot.core.errors import UserError
from bot.core.lifecycle import State
from bot.core.values import ActorKind, Kind, Origin
from bot.playground.control import ANYWHERE, Fault, FaultKind
from bot.playground.github.names import ActName
from bot.playground.slack.seed import TEAM
from tests.scenario.catalogs import PRODUCTION, with_rule
from tests.scenario.house import House
from tests.scenario.test_rollback import CHANNEL, confirms, deployed

ENDLESS = 1_000_000
BACK = Order("api", "production", reason="the checkout fails", wait=timedelta(hours=1))
SOON = replace(BACK, wait=timedelta(minutes=1))
DOWN = Fault(ANYWHERE, FaultKind.ERROR_503, ENDLESS)


async def at_the_host(house: House, order: Order = BACK) -> Kept:
    """Somebody types `slipway rollback` there, and says yes."""
    _, words = await shown(house.environment(), order, house.clock)
    return await carried_out(house.environment(), order, words, house.clock)


async def test_slack_down(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.quiet()
        slack = house.play.slack.control
        slack.faults = [DOWN]
        preview, words = await shown(house.environment(), BACK, house.clock)
        assert "Roll back api in production?" in preview
        assert "Answer 404 for unknown orders" in preview
        assert "It would start at once." in preview
        assert await house.deployment(3) is None, "nothing happens before it is confirmed"
        kept = await carried_out(house.environment(), BACK, words, house.clock)
        assert ending(kept.deployment, BACK.wait) is Ending.WELL
        back, first = kept.deployment, await house.deployment(1)
        assert first is not None
        assert (back.number, back.wish.kind, back.origin) == (3, Kind.ROLLBACK, Origin.COMMAND_LINE)
        assert back.release_sha == first.release_sha
        assert back.requested_by == operator()
        assert back.requested_by.kind is ActorKind.OPERATOR
        assert len(house.play.github.dispatches()) == 3
        assert len(house.cards(CHANNEL)) == 2, "nobody in the chat could be told"
        slack.faults = []
        await house.card_says("rollback of api in production: rolled back", number=3)
        assert operator().name in str(house.cards(CHANNEL)[-1].blocks)
        trail = [str(each) async for each in house.app.store.audit.export(TEAM)]
        assert [each for each in trail if "DeploymentAsked" in each and operator().name in each]


async def test_what_is_told_is_the_rollback_and_not_what_it_stops(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.4.0")
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", CHANNEL, "/deploy api production v1.4.1")
        await house.reaches(State.RUNNING, 2)
        kept = await at_the_host(house)
        assert (kept.deployment.number, kept.deployment.state) == (3, State.SUCCEEDED)
        await house.reaches(State.CANCELLED, 2)


async def typed(house: House, *words: str) -> tuple[int, str, str]:
    """The very command, in a process of its own whose input is no terminal: exit code, output, errors."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    began = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "rollback", *words),
        env=kept | house.environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await began.communicate()
    assert began.returncode is not None
    return began.returncode, out.decode(), errors.decode()


async def test_the_command_itself_while_slack_is_down(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.quiet()
        house.play.slack.control.faults = [DOWN]
        code, out, errors = await typed(house, "api", "production")
        assert code == Ending.USAGE
        assert "Roll back api in production?" in out
        assert "Nothing was done.\nNobody can be asked: this is no terminal.\nSay `--yes`" in errors
        assert await house.deployment(3) is None
        code, out, errors = await typed(house, "api", "production", "--to", "v9.9.9", "--yes")
        assert code == Ending.USAGE
        assert "It can go back to v1.4.0" in errors
        refused = await asyncio.to_thread(roll_back, house.environment(), BACK, lambda: False)
        assert refused == Ending.FAILED
        assert await house.deployment(3) is None
        code, out, errors = await typed(house, "api", "production", "--yes", "--json", "--wait")
        assert code == Ending.WELL, errors
        assert "Roll back api in production?" in errors
        told = json.loads(out)
        assert (told["number"], told["state"], told["taken_up"]) == (3, "succeeded", True)
        first = await house.deployment(1)
        assert first is not None
        assert told["release"] == first.release_sha
        assert len(house.play.github.dispatches()) == 3


async def test_slack_down_from_before_the_start_of_the_bot(database_url: str) -> None:
    """Nobody has told it which workspace it serves; what is on record is enough to go back."""
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.quiet()
        await house.app.stop()
        house.play.slack.control.faults = [DOWN]
        kept = await at_the_host(house, Order("api", "production"))
        assert not kept.taken_up
        assert "it runs when `slipway serve` does" in kept.plain()
        assert ending(kept.deployment, None) is Ending.WELL
        house.slack_answers = False
        await house.start_bot()
        await house.reaches(State.SUCCEEDED, 3)
        assert len(house.play.github.dispatches()) == 3
        house.play.slack.control.faults = []
        await house.card_says("rollback of api in production: rolled back", number=3)


async def test_github_down(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.quiet()
        github = house.play.github.control
        github.faults = [DOWN]
        preview, words = await shown(house.environment(), BACK, house.clock)
        assert "By our own record these leave:" in preview
        kept = await carried_out(house.environment(), SOON, words, house.clock)
        assert kept.taken_up
        assert kept.deployment.state is State.REQUESTED
        await house.card_says("GitHub does not answer", number=3)
        assert len(house.play.github.dispatches()) == 2
        github.faults = []
        await house.reaches(State.SUCCEEDED, 3)
        await house.quiet()
        assert len(house.play.github.dispatches()) == 3, "it ran once"


async def test_github_goes_down_between_its_start_and_its_end(database_url: str) -> None:
    async with House(database_url, stages=True) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", CHANNEL, "/rollback api production")
        await confirms(house, "ada", "Roll back api in production?")
        await house.reaches(State.RUNNING, 3)
        await house.act(ActName.OUTAGE, seconds=60)
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.SUCCEEDED, 3)
        assert len(house.play.github.dispatches()) == 3


async def test_its_gates_hold_at_the_host_too(database_url: str, tmp_path: Path) -> None:
    rule = "rollback: {approvals: {count: 1, from: [payments], exclude: [requester]}}"
    async with House(database_url, catalog=with_rule(tmp_path, rule, PRODUCTION)) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        kept = await at_the_host(house, replace(SOON, version="1"))
        assert kept.taken_up
        assert kept.deployment.state is State.WAITING
        assert "Waiting for 1 approval of payments" in kept.plain()
        assert operator().name not in await house.app.store.archive.involved(TEAM), "nobody who could leave"
        await house.says("linus", CHANNEL, "/approve #3")
        await house.reaches(State.SUCCEEDED, 3)


async def test_without_an_end_in_time_it_says_so(database_url: str) -> None:
    async with House(database_url, stages=True) as house:
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.says("margaret", CHANNEL, "/lock api production for 1h because we look")
        await house.answered("margaret", "Locked: api in production")
        kept = await at_the_host(house, SOON)
        assert ending(kept.deployment, SOON.wait) is Ending.TOO_LATE
        assert "has locked api in production" in kept.plain()
        with pytest.raises(UserError, match="is being rolled back already: #3"):
            await at_the_host(house)


async def test_what_came_between_the_look_and_the_yes_is_not_taken_away(database_url: str) -> None:
    async with House(database_url) as house:
        await deployed(house, "v1.3.0", "v1.4.0")
        _, words = await shown(house.environment(), BACK, house.clock)
        await house.says("ada", CHANNEL, "/deploy api production v1.4.1")
        await house.reaches(State.SUCCEEDED, 3)
        with pytest.raises(UserError, match="#2 is not what runs in production now: that is #3"):
            await carried_out(house.environment(), BACK, words, house.clock)
        assert await house.deployment(4) is None
