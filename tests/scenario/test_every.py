"""What is measured on a schedule, from the catalog to the chat, with stand-ins over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app.compose import build
from bot.config.settings import Settings
from bot.core.archive import Extent, TrailWish
from bot.core.lifecycle import State
from bot.playground.github.names import ActName
from bot.playground.slack.seed import TEAM
from tests.databases import Backend
from tests.fakes.ports import free_port
from tests.fakes.prometheus import PrometheusStandIn
from tests.fakes.website import Website, broken, fine
from tests.scenario.catalogs import VERIFIED
from tests.scenario.house import House

CHANNEL = "#deploys"
HOURS = 4 * 3600.0


@asynccontextmanager
async def deployed(
    database_url: str, folder: Path, rule: str, source: str = "http://127.0.0.1:1"
) -> AsyncIterator[House]:
    """#1 has succeeded, and what was measured of it meanwhile is past."""
    catalog = folder / "slipway.yml"
    catalog.write_text(VERIFIED.format(rules=rule, source=source))
    async with House(database_url, catalog=catalog) as house:
        await house.says("ada", CHANNEL, "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        await house.quiet()
        yield house


def health(site: Website) -> str:
    return f'{{http: "{site.url}", passes: 2, within: 1m, private: true, every: 4h}}'


async def a_round(house: House) -> None:
    """Hours later the clock ticks; what is due is measured to its end, and told."""
    await house.leaps(HOURS)
    await ticks(house)
    await house.quiet()


async def ticks(house: House) -> None:
    assert house.app.metronome is not None
    await house.app.metronome.measure()


def told(house: House) -> list[str]:
    """The messages about what is measured on a schedule; a card begins with its number."""
    return [each.text for each in house.cards(CHANNEL) if not each.text.startswith("#")]


async def turns(house: House) -> list[Any]:
    scope = Extent(frozenset({("api", "staging")}), elsewhere=False)
    found = await house.app.store.archive.trail(TEAM, TrailWish(scope, event="RoutineTurned"))
    return [dict(each.facts)["turn"] for each in reversed(found.rows)]


async def test_it_fails_and_holds_again_and_each_is_told_once(database_url: str, tmp_path: Path) -> None:
    async with Website() as site, deployed(database_url, tmp_path, health(site)) as house:
        asked = site.asked
        await a_round(house)
        assert site.asked == asked + 2
        assert told(house) == []
        site.says = broken
        await a_round(house)
        [said] = told(house)
        assert "api in staging: a verification fails." in said
        (message,) = [each for each in house.cards(CHANNEL) if each.text == said]
        shown = str(message.blocks)
        assert "answered 503, 200 was wanted; never 2 times in a row right within 1m." in shown
        assert "U0ADA" in shown, "whoever asked for the release is rung as an owner"
        assert "/rollback api staging" in shown
        await house.app.stop()  # and another process goes on
        await house.start_bot()
        await a_round(house)
        assert told(house) == [said]
        site.says = fine
        await a_round(house)
        await a_round(house)
        assert len(told(house)) == 2
        assert "api in staging: it holds again after" in told(house)[-1]
        assert await turns(house) == ["fails", "holds"]
        deployment = await house.deployment()
        assert deployment is not None
        assert deployment.state is State.SUCCEEDED
        assert await house.deployment(2) is None, "nothing went back by itself"
        await house.says("ada", CHANNEL, "/state api staging")
        answer = await house.answered("ada", "Measured on a schedule")
        assert "2 of 2 in a row" in answer
        assert "ago, every 4h" in answer


async def test_a_restart_in_the_middle_of_measuring(database_url: str, tmp_path: Path) -> None:
    async with Website() as site, deployed(database_url, tmp_path, health(site)) as house:
        site.says, asked = broken, site.asked
        await house.leaps(HOURS)
        await ticks(house)
        await house.sees(lambda _: site.asked > asked, what="to be measured")
        await house.app.stop()
        assert told(house) == []
        await house.start_bot()
        await ticks(house)
        await house.quiet()
        assert len(told(house)) == 1
        assert await turns(house) == ["fails"]


async def test_a_release_on_its_way_speaks_for_itself(database_url: str, tmp_path: Path) -> None:
    async with Website() as site, deployed(database_url, tmp_path, health(site)) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.1")
        await house.reaches(State.RUNNING, 2)
        site.says, asked = broken, site.asked
        await house.leaps(HOURS / 8)
        await ticks(house)
        await house.sees(lambda found: found.state is State.RUNNING, 2)
        assert site.asked == asked
        site.says = fine
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.SUCCEEDED, 2)
        await house.quiet()
        site.says = broken
        await a_round(house)
        [said] = told(house)
        assert "api in staging: a verification fails." in said


async def test_what_a_prometheus_says_and_does_not_say(database_url: str, tmp_path: Path) -> None:
    rule = "{prometheus: main, query: errors, below: 0.05, for: 1m, every: 4h}"
    async with PrometheusStandIn() as source:
        await source.show("errors", {"west": "0.01"})
        async with deployed(database_url, tmp_path, rule, source.url) as house:
            await a_round(house)
            await source.show("errors", {})
            await a_round(house)
            assert told(house) == []
            await a_round(house)
            [blind] = told(house)
            assert "a verification could not be measured." in blind
            await source.show("errors", {"west": "0.12"})
            await a_round(house)
            [_, fails] = told(house)
            assert "a verification fails." in fails
            assert await turns(house) == ["unmeasured", "fails"]


@pytest.mark.parametrize("database_url", [Backend.POSTGRESQL], indirect=True)
async def test_two_replicas_tell_once(database_url: str, tmp_path: Path) -> None:
    """Both see each slot in the same moment, and share the looks."""
    async with Website() as site, deployed(database_url, tmp_path, health(site)) as house:
        other = build(Settings.load(house.environment() | {"SLIPWAY_PORT": str(free_port())}), house.clock)
        other.store.database.lease *= house.clock.factor
        await other.start()
        assert other.metronome is not None
        try:
            site.says = broken
            for _ in range(3):
                await house.leaps(HOURS)
                await asyncio.gather(ticks(house), other.metronome.measure())
                await house.quiet()
        finally:
            await other.stop()
        assert len(told(house)) == 1
        assert await turns(house) == ["fails"]
