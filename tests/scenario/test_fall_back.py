"""A release that fails its verification goes back by itself, or a person is asked; on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.core.actions import ActionId
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.values import Kind, Origin
from bot.playground.github.names import ActName
from tests.fakes.website import Website
from tests.scenario.house import House

CHANNEL = "#deploys"
CATALOG = """
version: 1
slack: {{channel: "#deploys"}}
people:
  everyone: {{members: true}}
  sre: {{slack_group: sre}}
rights: {{emergency: [sre]}}
services:
  api:
    repository: github:acme/api
    owners: [sre]
    migrations: [db/migrations/**]
    pipeline:
      workflow: deploy.yml
      pin: tag
      inputs: {{environment: "{{environment}}", version: "{{sha}}", operation: "{{key}}"}}
    environments:
      staging:
        refs: ["*"]
        who: [everyone]
        verify: [{{http: "{url}", passes: 2, within: 1m, private: true}}]
        rollback: {{automatic: true}}
"""


@dataclass
class Town:
    """A house, and the service that it deploys."""

    house: House
    site: Website

    async def deploys(self, release: str, number: int, *, well: bool = True) -> None:
        """It works until it is there; then as it is said here."""
        await self.house.act(ActName.HOLD_NEXT, job="deploy")
        await self.house.says("ada", CHANNEL, f"/deploy api staging {release}")
        await self.house.reaches(State.RUNNING, number)
        self.works(well=well)
        await self.house.act(ActName.FINISH_NOW)
        await self.house.reaches(State.SUCCEEDED if well else State.FAILED, number)

    def works(self, *, well: bool) -> None:
        self.site.says = lambda _: web.Response(status=200 if well else 503)


@asynccontextmanager
async def town(database_url: str, folder: Path) -> AsyncIterator[Town]:
    async with Website() as site:
        catalog = folder / "slipway.yml"
        catalog.write_text(CATALOG.format(url=site.url))
        async with House(database_url, catalog=catalog) as house:
            yield Town(house, site)


async def of(house: House, number: int) -> Deployment:
    found = await house.deployment(number)
    assert found is not None
    return found


async def test_it_goes_back_by_itself_and_is_verified(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as here:
        house = here.house
        await here.deploys("v1.3.0", 1)
        await here.deploys("v1.4.0", 2, well=False)
        failed = await of(house, 2)
        assert "503" in failed.note
        assert "It goes back to v1.3.0" in failed.next_step
        assert "by itself in 30s: #3. Cancel that, if it shall not." in failed.next_step
        await house.reaches(State.VERIFYING, 3)
        here.works(well=True)
        back = await house.reaches(State.SUCCEEDED, 3)
        first = await of(house, 1)
        assert (back.wish.kind, back.origin, back.undoes) == (Kind.ROLLBACK, Origin.AUTOMATIC, failed.id)
        assert back.release_sha == first.release_sha
        assert back.requested_by.name == "Slipway"
        await house.card_says("rollback of api in staging: rolled back", CHANNEL, 3)
        assert len(house.play.github.dispatches()) == 3
        assert await house.deployment(4) is None


async def test_somebody_stops_it(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as here:
        house = here.house
        await here.deploys("v1.3.0", 1)
        await here.deploys("v1.4.0", 2, well=False)
        await house.card_says("It goes back by itself within 30s.", CHANNEL, 3)
        await house.press("linus", CHANNEL, ActionId.CANCEL, 3)
        stopped = await house.reaches(State.WITHDRAWN, 3)
        assert stopped.note == "Cancelled by Linus."
        await house.quiet()
        assert len(house.play.github.dispatches()) == 2


async def test_never_twice_in_a_row(database_url: str, tmp_path: Path) -> None:
    """What came back does not work either: somebody has to look."""
    async with town(database_url, tmp_path) as here:
        house = here.house
        await here.deploys("v1.3.0", 1)
        await here.deploys("v1.3.0", 2)
        await here.deploys("v1.4.0", 3, well=False)
        failed = await house.reaches(State.FAILED, 4)
        assert failed.wish.kind is Kind.ROLLBACK
        assert "by itself" not in failed.next_step
        await house.quiet()
        assert await house.deployment(5) is None


async def test_never_over_a_migration(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as here:
        house = here.house
        await here.deploys("v1.4.0", 1)
        await here.deploys("v1.4.1", 2, well=False)
        asks = await house.reaches(State.REFUSED, 3)
        assert asks.note.startswith("It does not go back by itself. It would take migrations back:")
        assert "/rollback api staging" in asks.next_step
        assert len(house.play.github.dispatches()) == 2


async def test_never_while_somebody_holds_the_lock(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as here:
        house = here.house
        await here.deploys("v1.3.0", 1)
        await house.says("ada", CHANNEL, "/lock api staging for 1h because I try something")
        await house.answered("ada", "Locked: api in staging")
        await here.deploys("v1.4.0", 2, well=False)
        asks = await house.reaches(State.REFUSED, 3)
        assert "Ada has locked api in staging." in asks.note
        said = await house.replied(CHANNEL, "It does not go back by itself.")
        assert "U0ADA00001" in str(said.blocks), "who asked for what failed has to look"
        assert "For the owners (sre)" in str(said.blocks)


async def test_without_anything_to_go_back_to_it_says_so(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as here:
        await here.deploys("v1.3.0", 1, well=False)
        failed = await of(here.house, 1)
        assert "It does not go back by itself: nothing else was verified there" in failed.next_step
        assert await here.house.deployment(2) is None


async def test_nothing_else_begins_before_it(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as here:
        house = here.house
        await here.deploys("v1.3.0", 1)
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.0")
        await house.reaches(State.RUNNING, 2)
        await house.says("linus", CHANNEL, "/deploy api staging v1.4.1")
        await house.card_says("Waiting for #2", CHANNEL, 3)
        here.works(well=False)
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.FAILED, 2)
        await house.card_says("Waiting for #4", CHANNEL, 3)
        await house.reaches(State.VERIFYING, 4)
        here.works(well=True)
        await house.reaches(State.SUCCEEDED, 4)
        await house.card_says("It is made of v1.4.0", CHANNEL, 3)
        await house.says("margaret", CHANNEL, "/quarantine api v1.4.0 lift because it was the data")
        await house.reaches(State.SUCCEEDED, 3)
        order = [each.body for each in house.play.github.dispatches()]
        assert len(order) == 4


async def test_it_says_beforehand_that_it_would(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as here:
        house = here.house
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", CHANNEL, "/deploy api staging v1.3.0")
        await house.reaches(State.RUNNING)
        (card,) = house.cards(CHANNEL)
        assert "If it fails its verification, it goes back by itself." in str(card.blocks)


async def test_whoever_broke_the_glass_is_there_and_looks(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as here:
        house = here.house
        await here.deploys("v1.3.0", 1)
        await house.act(ActName.HOLD_NEXT, job="deploy")
        words = "/deploy api staging v1.4.0 emergency because customers can't pay"
        await house.breaks_the_glass("ada", CHANNEL, words, "staging")
        await house.reaches(State.RUNNING, 2)
        here.works(well=False)
        await house.act(ActName.FINISH_NOW)
        failed = await house.reaches(State.FAILED, 2)
        assert "by itself" not in failed.next_step
        assert await house.deployment(3) is None, "it would have been made in the same commit"
