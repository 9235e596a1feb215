"""Attacks on the gate that GitHub asks us about, in a house with an App, and a judge for what was let in.

A house of its own: the others live for days, and a token of an App does not.
"""

from __future__ import annotations

import copy
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import aiohttp

from bot.core.lifecycle import ENDS, State
from bot.playground.github.hooks import signature
from bot.playground.github.model import Run
from bot.playground.github.names import ActName, Event, Gate
from bot.playground.github.world import Repository
from tests.attacks import trail
from tests.attacks.rest import resting
from tests.attacks.stage import IDS, PATIENCE, PAUSE
from tests.attacks.trail import Record
from tests.scenario.house import House

CATALOG = Path(__file__).parent / "gate.yml"
CHANNEL, GATE, REPOSITORY, US = "#api-deploys", "production", "acme/api", "slipway[bot]"
FACTOR = 5.0  # faster than this, and its token has run out before it is asked for
VOTER = "grace"
DEPLOYS = ".github/workflows/deploy.yml"
LATE = "has been decided|has expired|is over"
T = TypeVar("T")


@dataclass
class Door:
    """One attack's place, before the gate."""

    house: House
    random: Random
    mark: int
    drawn: list[str] = field(default_factory=list)

    def choose(self, *options: T) -> T:
        """Chance decides, and it is noted what."""
        chosen = self.random.choice(options)
        self.drawn.append(str(chosen))
        return chosen

    @property
    def repository(self) -> Repository:
        """Where it happens."""
        return _repository(self.house)

    async def started(self, state: State = State.WAITING, **more: Any) -> int:
        """Somebody starts a run at GitHub; the number of its card, as soon as that is so far."""
        number = await trail.newest(self.house.app.store) + 1
        where = {"repository": "api", "login": "linus", "environment": GATE}
        await self.house.act(ActName.START_RUN, **where | more)
        await self.house.reaches(state, number)
        return number

    async def says(self, words: str, person: str = VOTER) -> None:
        """A command, and wait until it was taken or refused."""
        mark = await trail.length(self.house.app.store)
        await self.house.says(person, CHANNEL, words)

        async def heard() -> bool:
            return any(each.actor == IDS[person] for each in await trail.read(self.house.app.store, mark))

        assert await self.until(heard), words

    async def rests(self) -> None:
        """Nothing is left to do at this moment."""
        assert await self.until(lambda: resting(self.house))

    async def reads(self, words: str) -> bool:
        """Whether the trail comes to say so."""

        async def there() -> bool:
            return re.search(words, await self.lines()) is not None

        return await self.until(there)

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> bool:
        """Look again and again; False when it never came."""
        for _ in range(int(PATIENCE / PAUSE)):
            if await condition():
                return True
            await self.house.clock.sleep(PAUSE * FACTOR)
        return False

    async def lines(self) -> str:
        """The trail since this attack began."""
        return "\n".join(each.line for each in await trail.read(self.house.app.store, self.mark))


Attack = Callable[[Door], Awaitable[str]]


class Forged(StrEnum):
    """What is wrong with a call."""

    HOST = "another host"
    REPOSITORY = "another repository"
    RUN = "a run of another repository"
    ENVIRONMENT = "another environment"
    SECRET = "another secret"
    AGAIN = "again"


NO_RUN = "is none of a run in this repository"
FORGED = {  # and what the trail says of it; nothing of what is answered with 401 or only looked at
    Forged.HOST: NO_RUN,
    Forged.REPOSITORY: "the catalog has no such repository",
    Forged.RUN: NO_RUN,
    Forged.ENVIRONMENT: "",
    Forged.SECRET: "",
    Forged.AGAIN: "",
}


async def forged_call(door: Door) -> str:
    """A call to answer that GitHub never made, or made for something else, or made long ago."""
    number = await door.started()
    made = [
        each
        for each in door.house.play.github.hooks.deliveries
        if each.event is Event.DEPLOYMENT_PROTECTION_RULE
    ]
    told = copy.deepcopy(made[-1].payload)
    callback = str(told["deployment_callback_url"])
    how, words = door.choose(*FORGED.items())
    match how:
        case Forged.HOST:
            told["deployment_callback_url"] = re.sub("//[^/]+/", "//evil.example/", callback)
        case Forged.REPOSITORY:
            told["repository"] = told["repository"] | {"full_name": "acme/other"}
            told["deployment_callback_url"] = callback.replace(REPOSITORY, "acme/other")
        case Forged.RUN:
            told["deployment_callback_url"] = callback.replace(REPOSITORY, "acme/web")
        case Forged.ENVIRONMENT:
            told["environment"] = "staging"
        case Forged.SECRET | Forged.AGAIN:
            pass  # word by word
    secret = door.house.play.secrets.github_webhook_secret if how is not Forged.SECRET else "guessed"
    await _deliver(door, told, secret)
    await door.rests()
    found = await door.house.deployment(number)
    assert found is not None
    assert found.state is State.WAITING, found
    await door.says(f"/reject #{number} because nobody asked for it")
    await door.house.ends(number)
    return f"GateCallIgnored.*{words}" if words else "GateAnswered.*rejected"


async def _deliver(door: Door, payload: dict[str, Any], secret: str) -> None:
    body, url = json.dumps(payload).encode(), door.house.play.github.hooks.deliver_to
    assert url is not None
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": Event.DEPLOYMENT_PROTECTION_RULE.value,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": signature(secret, body),
    }
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        assert answer.status in (200, 401), answer.status


async def second_attempt(door: Door) -> str:
    """What was approved was the first attempt; the second one waits, and those votes are none for it."""
    number = await door.started()
    if door.choose("after it ran", "before") == "after it ran":
        await door.says(f"/approve #{number} {GATE}")
    else:
        await door.house.act(ActName.CANCEL_RUN)
    await door.house.ends(number)
    await door.house.act(ActName.RERUN, login="linus")
    await door.house.reaches(State.WAITING, number + 1)
    await door.says(f"/approve #{number} {GATE}")
    await door.rests()
    await door.says(f"/reject #{number + 1} because once is enough")
    await door.house.ends(number + 1)
    return f"RequestRefused by {IDS[VOTER]}.*({LATE})"


async def other_file(door: Door) -> str:
    """A workflow that the catalog does not name; it may be a copy of the one that it does."""
    name = door.choose("rollback.yml", f"deploy-{door.mark}.yml")
    if name != "rollback.yml":
        git = door.repository.git
        text = git.commits[git.refs["refs/heads/main"]].tree[DEPLOYS]
        await door.house.act(ActName.ADD_COMMIT, repository="api", files={f".github/workflows/{name}": text})
    number = await door.started(State.REFUSED, workflow=name)
    await door.says(f"/approve #{number} {GATE}")
    await door.rests()
    return "may not deploy to production"


GATE_ATTACKS: tuple[Attack, ...] = (forged_call, second_attempt, other_file)


async def besiege_gate(
    url: str, random: Random, times: int = 1, attacks: Sequence[Attack] = GATE_ATTACKS
) -> list[str]:
    """Each kind so often, in one house; what does not hold."""
    flaws: list[str] = []
    async with House(url, catalog=CATALOG, app=True, factor=FACTOR) as house:
        await house.act(ActName.PROTECT, repository="api", environment=GATE, custom_rule=True)
        before = set(_repository(house).runs)
        for attack in tuple(attacks) * times:
            door = Door(house, random, await trail.length(house.app.store))
            try:
                words = await attack(door)
            except (AssertionError, TimeoutError) as error:
                flaws.append(f"{attack.__name__} {door.drawn} did not go on: {error}\n{await door.lines()}")
                await _clear(house)
                continue
            if not await door.reads(words):
                told = await door.lines()
                flaws.append(f"{attack.__name__} {door.drawn}: the trail does not say “{words}”:\n{told}")
        runs = [run for id, run in _repository(house).runs.items() if id not in before]
        flaws += list(_let_in(runs, await trail.read(house.app.store)))
    return flaws


async def _clear(house: House) -> None:
    """What an attack left behind would stand in the way of the next one."""
    for number in range(1, await trail.newest(house.app.store) + 1):
        found = await house.deployment(number)
        if found is not None and found.state not in ENDS:
            await house.says(VOTER, CHANNEL, f"/reject #{number} because it is over")
            await house.ends(number)


def _repository(house: House) -> Repository:
    found = house.play.github.world.repository(REPOSITORY)
    assert found is not None
    return found


def _let_in(runs: list[Run], records: list[Record]) -> Iterator[str]:
    """By GitHub's own record: one door for one attempt that somebody here approved, and no other."""
    for run in runs:
        doors = [
            door for door in run.doors if door.environment.name == GATE and door.verdict is Gate.APPROVED
        ]
        said = [each for each in run.approvals if each.user.login == US and each.state is Gate.APPROVED]
        good = list(_approved(run, records))
        if not len(doors) <= len(said) <= len(good):
            yield f"run {run.id}: {len(doors)} let in, {len(said)} said, {good} approved"
        if run.path != DEPLOYS and (doors or said):
            yield f"run {run.id} of {run.path} was let in"


def _approved(run: Run, records: list[Record]) -> Iterator[int]:
    """The deployments of this run's attempts that have a vote of the one who may, before we said so."""
    identity = rf"github:{REPOSITORY}:{run.id}#\d+ {GATE} "
    asked = [
        each
        for each in records
        if each.event == "DeploymentAsked" and re.match(identity, each.facts["reason"])
    ]
    attempts: set[str] = set()
    for each in asked:
        number, attempt = each.facts["number"], each.facts["reason"].split(" ")[0]
        mine = [record for record in records if record.facts.get("number") == number]
        told = [
            record
            for record in mine
            if record.event == "GateAnswering" and record.facts["word"] == "approved"
        ]
        votes = [
            record for record in mine if record.event == "VoteCast" and record.facts["kind"] == "approve"
        ]
        if attempt not in attempts and any(
            vote.actor == IDS[VOTER] and vote.seq < word.seq and vote.facts["digest"] == word.facts["digest"]
            for vote in votes
            for word in told
        ):
            attempts.add(attempt)
            yield number
