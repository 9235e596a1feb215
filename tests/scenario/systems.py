"""Two teams' own catalogs from `examples/`, with the stand-in that behaves like their pipelines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.core.lifecycle import State
from bot.core.linking import Account, Link
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.playground.github.company.build import Company, marketplace, taskflow
from bot.playground.github.names import ActName, Where
from bot.playground.slack.seed import ADA, GRACE, LINUS, MARGARET, TEAM
from bot.playground.slack.world import Channel, Privacy
from tests.scenario.house import House

EXAMPLES = Path(__file__).parents[2] / "examples"
STAFF = {"ada": ADA, "grace": GRACE, "linus": LINUS, "margaret": MARGARET}
TUESDAY = 1
SHARED_TEMPLATE = ("templates", "rollback-by-workflow", "environments", "production")
BACKEND = ("services", "backend", "environments", "production")
MARKET = ("services", "marketplace", "environments")

# The only places where the examples ask for more than this version, or the stand-in, can hold them to.
CLOSED: dict[str, tuple[tuple[str | int, ...], ...]] = {
    "taskflow": (
        (*SHARED_TEMPLATE, "verify"),  # of addresses that nothing answers at here
        (*BACKEND, "strategy"),  # blue-green
        ("services", "frontend"),  # at GitLab
        ("services", "worker"),  # by Jenkins
    ),
    "ca-marketplace": (
        (*MARKET, "staging", "backup"),
        (*MARKET, "staging", "verify"),
        (*MARKET, "production", "backup"),
        (*MARKET, "production", "checklist", "before", 3),  # {auto: backup}
        (*MARKET, "production", "verify"),
    ),
}


@dataclass(frozen=True)
class System:
    """One team: its example, its service, and the way of a release to production."""

    example: str
    company: Company
    service: str
    channel: str
    way: tuple[str, ...]  # environments, the last one is production
    soak: timedelta
    voters: tuple[str, ...]  # who approve in production
    ticks: int  # items that people tick in production before a deploy
    voters_back: tuple[str, ...] = ()  # who approve a rollback there

    def catalog(self, folder: Path) -> Path:
        """The example as it is, but for what is closed."""
        yaml = YAML(typ="safe")
        read: Any = yaml.load((EXAMPLES / self.example / "slipway.yml").read_text(encoding="utf-8"))
        for *above, last in CLOSED[self.example]:
            part = read
            for each in above:
                part = part[each]
            del part[last]
        file = folder / "slipway.yml"
        yaml.dump(read, file)
        return file


TASKFLOW = System(
    "taskflow",
    taskflow,
    "backend",
    "#taskflow-deploys",
    ("development", "staging", "production"),
    timedelta(hours=2),
    ("margaret",),
    0,
    ("margaret",),
)
MARKETPLACE = System(
    "ca-marketplace",
    marketplace,
    "marketplace",
    "#marketplace-deploys",
    ("staging", "production"),
    timedelta(hours=4),
    ("margaret", "grace"),
    2,
)


class Team:
    """The people of one system at work in their house."""

    def __init__(self, system: System, house: House) -> None:
        self.system = system
        self.house = house
        self._asked = 0

    async def says(self, person: str, words: str) -> None:
        """In the channel of the team."""
        await self.house.says(person, self.system.channel, words)

    async def releases(self, tag: str, *, breaks: bool = False) -> Deployment:
        """All the way to production, where the others agree to it; there it `breaks`, or is well."""
        service = self.system.service
        for environment in self.system.way[:-1]:
            await self.asks(f"/deploy {service} {environment} {tag}")
            await self.house.reaches(State.SUCCEEDED, self._asked)
        await self.house.leaps(self.system.soak.total_seconds() + 60)
        if breaks:
            await self.house.act(ActName.FAIL_NEXT, repository=service, job="deploy")
        number = await self.asks(f"/deploy {service} production {tag}")
        await self.agree(number, self.system.voters)
        for place in range(self.system.ticks):
            await self.house.press("ada", self.system.channel, f"tick:{place}", number)
        return await self.house.reaches(State.FAILED if breaks else State.SUCCEEDED, number)

    async def asks(self, words: str) -> int:
        """Ada asks for the next deployment; its number."""
        self._asked += 1
        await self.says("ada", words)
        return self._asked

    async def confirms(self, seen: str) -> int:
        """Ada presses the button below what would come back; the number of the rollback."""
        await self.house.answered("ada", seen)
        slack = self.house.play.slack
        shown = next(each for each in slack.ephemerals("ada") if seen in each.text)
        done = await slack.click("ada", shown, "say_in_full")
        assert done["ok"], done
        self._asked += 1
        return self._asked

    async def agree(self, number: int, voters: tuple[str, ...]) -> None:
        """Those whom it takes approve it."""
        asks = "approvals"
        await self.house.sees(lambda found: any(each.gate == asks for each in found.verdicts), number)
        for person in voters:
            await self.says(person, f"/approve #{number} production")

    def dispatched(self, workflow: str) -> list[dict[str, str]]:
        """The inputs of each run of it that was started, by the stand-in's journal."""
        github = self.house.play.github
        (repository,) = github.world.repositories.values()
        known = repository.workflow(workflow)
        assert known is not None
        keys = (f"/{known.id}/dispatches", f"/{workflow}/dispatches")
        calls = [each for each in github.control.calls(Where.DISPATCH) if each.happened]
        return [json.loads(each.body)["inputs"] for each in calls if each.path.endswith(keys)]


@asynccontextmanager
async def at_work(system: System, database_url: str, folder: Path) -> AsyncIterator[Team]:
    """On a quiet Tuesday morning, everybody's account is linked."""
    house = House(database_url, catalog=system.catalog(folder), company=system.company)
    channels = house.play.slack.world.channels
    for name in (system.channel, system.channel.replace("deploys", "audit")):
        made = Channel(f"C0{len(channels):08}", name[1:], Privacy.PUBLIC, [*STAFF.values(), "U0SLIPWAY1"], "")
        channels[made.id] = made
    house.clock.leap((_quiet(house.clock.now()) - house.clock.now()).total_seconds())
    async with house:
        async with house.app.store.units.begin(TEAM, Step.LINK_TURN) as uow:
            for login, person in STAFF.items():
                account = Account("github", str(house.play.github.world.users[login].id), login)
                await uow.links.put(Link(person, account, uow.now - timedelta(days=30)))
        yield Team(system, house)


def _quiet(now: datetime) -> datetime:
    """The next Tuesday: no freeze of any example holds for days."""
    days = (TUESDAY - now.weekday()) % 7 or 7
    return datetime(now.year, now.month, now.day, 9, tzinfo=UTC) + timedelta(days=days)
