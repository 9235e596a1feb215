"""What the stand-ins saw and what the audit trail says; nothing in it is the product's opinion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from bot.playground.control import JournalEntry
from bot.playground.github.git import GitStore
from bot.playground.github.model import Run
from bot.playground.github.names import Event, Trigger
from bot.playground.slack.seed import TEAM
from tests.attacks import trail
from tests.attacks.diary import Diary
from tests.attacks.trail import Record
from tests.scenario.house import House

HEAD = "refs/heads/main"
DEPLOYS = "/deploy.yml"
TELLING = frozenset({"chat.postMessage", "chat.update"})


@dataclass(frozen=True, slots=True)
class Move:
    """A branch was pushed to."""

    repository: str
    at: datetime
    tip: str


@dataclass(frozen=True, slots=True)
class Started:
    """A run that somebody dispatched, and where."""

    repository: str
    run: Run


@dataclass(frozen=True)
class Evidence:
    """Everything the judge looks at."""

    trail: tuple[Record, ...]
    chain: str  # why the trail can't be trusted; empty when it can
    requests: dict[int, str]  # the frozen requests as they lie in the table, by number
    runs: tuple[Started, ...]
    checked: dict[str, tuple[Run, ...]]  # the runs of checks, by repository
    git: dict[str, GitStore]
    moves: tuple[Move, ...]
    shown: tuple[str, ...]  # what was posted or edited into channels, oldest first
    groups: dict[str, frozenset[str]]


async def gather(house: House, diary: Diary) -> Evidence:
    """When all is quiet."""
    github, slack, store = house.play.github, house.play.slack, house.app.store
    repositories = list(github.world.repositories.values())
    new = [(each.full_name, run) for each in repositories for run in each.runs.values()]
    new = [(name, run) for name, run in new if run.id not in diary.runs and run.trigger is Trigger.DISPATCH]
    report = await store.audit.verify(TEAM)
    query = text("SELECT number, request FROM deployments WHERE request IS NOT NULL")
    async with store.database.read() as connection:
        rows = (await connection.execute(query)).all()
    return Evidence(
        trail=tuple(await trail.read(store)),
        chain="" if report.broken_at is None else f"the chain breaks at {report.broken_at}",
        requests={int(number): str(request) for number, request in rows},
        runs=tuple(Started(name, run) for name, run in new),
        checked={each.full_name: tuple(each.runs.values()) for each in repositories},
        git={each.full_name: each.git for each in repositories},
        moves=_moves(house),
        shown=tuple(each.body for each in slack.control.journal if _tells(each)),
        groups={each.handle: frozenset(each.users) for each in slack.world.usergroups.values()},
    )


def _tells(call: JournalEntry) -> bool:
    return call.where in TELLING and call.status == 200


def _moves(house: House) -> tuple[Move, ...]:
    pushes = [each for each in house.play.github.hooks.deliveries if each.event is Event.PUSH]
    return tuple(
        Move(each.payload["repository"]["full_name"], each.at, each.payload["after"])
        for each in pushes
        if each.payload["ref"] == HEAD
    )
