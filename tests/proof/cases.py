"""What is proved, case by case; each can be run alone, by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from functools import partial
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

from bot.core.actions import ActionId
from bot.core.lifecycle import State
from bot.core.steps import Step
from bot.playground.control import FaultKind
from bot.playground.github.names import Where
from tests.attacks.gates import besiege_gate
from tests.attacks.siege import besiege
from tests.attacks.siege import cases as attempts
from tests.attacks.table import ATTACKS
from tests.databases import Backend
from tests.events.storm import storm
from tests.posts.siege import post_in_a_storm
from tests.property.approvals import EXCLUDED, RULES, disagreements, points_of
from tests.property.histories import carried, told
from tests.property.machine.walks import walk
from tests.property.years import living
from tests.races.arena import run_races
from tests.races.plan import races as drawn
from tests.scenario.crash import falling
from tests.scenario.crash.house import FragileHouse
from tests.scenario.crash.points import Moment, Point
from tests.scenario.crash.process import Street
from tests.scenario.crash.scenes import GOES_BACK, TAG, Scene, judge, perform
from tests.scenario.crash.table import rows

Run = Callable[[str, Path], Coroutine[Any, Any, None]]

CHAINS = 100  # deployments that die several times
POSTS, POSTS_IN_A_CASE = 10_000, 250
RACES, RACES_IN_A_CASE = 10_000, 250
MACHINES, WALKS = 40, 25  # cases of the machine, and how often each walks
ATTACKS_AT_LEAST, ATTACKS_IN_A_CASE = 1_000, len(ATTACKS)  # in one house: every kind once
HISTORIES, HISTORIES_IN_A_CASE = 10_000, 250  # told to the core, and as many carried out on the databases
POSTGRESQL_EVERY = 5  # of those carried out; what differs between databases shows soon
GATES, GATE_TIMES = 10, 4  # houses at the gate, and how often each kind in one of them
STORM_RUNS, RUNS_IN_A_STORM, DEATHS_IN_A_STORM = 1_000, 50, 8
SAFE = (  # commits after which nothing is in doubt, so that any row of deaths must end well
    Step.HANDLE_DELIVERY,
    Step.JUDGE_GATES,
    Step.TAKE_SLOT,
    Step.MARK_PINNING,
    Step.RECORD_RUN,
    Step.RECORD_END,
    Step.UNPIN,
)
HELD = (
    Where.REF,
    Where.REF_CREATE,
    Where.REF_DELETE,
    Where.DISPATCH,
    Where.RUN,
    Where.JOBS_LIST,
    "users.info",
    "response_url",
    "chat.postMessage",
    "chat.update",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that must hold, on one database."""

    name: str
    backend: Backend
    run: Run


def crash_table(_random: Random) -> Iterator[Case]:
    """Every line of the table on both databases."""
    for row in rows():
        for backend in Backend:
            yield Case(f"{row} on {backend}", backend, partial(_die, row.scene, row.points))


def crash_chains(random: Random) -> Iterator[Case]:
    """Several deaths in the life of one deployment, in the order of the way."""
    for number in range(CHAINS):
        chosen = sorted(random.sample(range(len(SAFE)), random.randint(2, 5)))
        points = tuple(Point(SAFE[each], Moment.BEFORE) for each in chosen)
        backend = random.choice(list(Backend))
        yield Case(f"chain {number} on {backend}", backend, partial(_die, TAG, points))


def kill_table(_random: Random) -> Iterator[Case]:
    """The real process, killed while each of its calls is held open."""
    for where in HELD:
        for kind in (FaultKind.HOLD_BEFORE, FaultKind.HOLD_AFTER):
            for backend in Backend:
                yield Case(f"{kind} {where} on {backend}", backend, partial(_kill, where, kind))


def kill_rollbacks(_random: Random) -> Iterator[Case]:
    """The same while a release fails and the one before it comes back by itself."""
    for backend in Backend:
        yield Case(f"counting down on {backend}", backend, _kill_the_countdown)
        for death in falling.deaths():
            yield Case(f"{death} on {backend}", backend, partial(falling.killed, death))


async def _kill_the_countdown(url: str, folder: Path) -> None:
    async with Street(url, folder, catalog=GOES_BACK) as street:
        await falling.killed_while_it_counts_down(street)
        await falling.judge(street)


def approvals(_random: Random) -> Iterator[Case]:
    """Every combination of policy, person, authorship and votes, against a second opinion."""
    for rules in range(len(RULES)):
        for exclude in range(len(EXCLUDED)):
            run = partial(_two_opinions, rules, exclude)
            yield Case(f"rules {rules} excluding {exclude}", Backend.SQLITE, run)


async def _two_opinions(rules: int, exclude: int, _url: str, _folder: Path) -> None:
    different = disagreements(points_of(rules, exclude))
    if different:
        raise AssertionError(f"{len(different)} differ, such as {different[0]}")


def races(random: Random) -> Iterator[Case]:
    """Decisions that meet, as many on one database as on the other."""
    for number in range(RACES // RACES_IN_A_CASE):
        backend, seed = list(Backend)[number % len(Backend)], random.getrandbits(32)
        yield Case(f"races {number} on {backend}", backend, partial(_race, backend, seed))


async def _race(backend: Backend, seed: int, url: str, _folder: Path) -> None:
    outcome = await run_races(backend, url, drawn(Random(seed), 0, RACES_IN_A_CASE))  # nosec B311
    if outcome.flaws:
        raise AssertionError(f"{len(outcome.flaws)} flaws, such as {outcome.flaws[0]}")


def machine(random: Random) -> Iterator[Case]:
    """Long walks of the machine."""
    for number in range(MACHINES):
        backend, start = list(Backend)[number % len(Backend)], random.getrandbits(32)
        yield Case(f"machine {number} on {backend}", backend, partial(_walk, start))


async def _walk(start: int, url: str, _folder: Path) -> None:
    await asyncio.to_thread(walk, url, WALKS, start, steps=80)  # it has an event loop of its own


def histories(random: Random) -> Iterator[Case]:
    """What a rollback leads to after anything that can happen in a place, against a second opinion."""
    for number in range(HISTORIES // HISTORIES_IN_A_CASE):
        seed = random.getrandbits(32)
        yield Case(f"histories {number} told", Backend.SQLITE, partial(_tell, seed))
        backend = Backend.SQLITE if number % POSTGRESQL_EVERY else Backend.POSTGRESQL
        yield Case(f"histories {number} carried out on {backend}", backend, partial(_carry_out, seed))


async def _tell(seed: int, _url: str, _folder: Path) -> None:
    _agree(list(told.disagreements(seed, HISTORIES_IN_A_CASE)))


async def _carry_out(seed: int, url: str, _folder: Path) -> None:
    _agree(await carried.disagreements(url, seed, HISTORIES_IN_A_CASE))


def _agree(different: list[str]) -> None:
    if different:
        raise AssertionError(f"{len(different)} differ, such as {min(different, key=len)}")


def posts(random: Random) -> Iterator[Case]:
    """Cards and announcements while calls fail in every way and replicas die."""
    for number in range(POSTS // POSTS_IN_A_CASE):
        backend, seed = list(Backend)[number % len(Backend)], random.getrandbits(32)
        yield Case(f"posts {number} on {backend}", backend, partial(_post, backend, seed))


async def _post(backend: Backend, seed: int, url: str, folder: Path) -> None:
    outcome = await post_in_a_storm(backend, url, folder, Random(seed), POSTS_IN_A_CASE)  # nosec B311 - repeatable
    if outcome.flaws:
        raise AssertionError(f"{len(outcome.flaws)} flaws: " + "\n".join(outcome.flaws))


def attacks(random: Random) -> Iterator[Case]:
    """Every kind of attack, again and again, each time as chance has it."""
    for number in range(ceil(ATTACKS_AT_LEAST / ATTACKS_IN_A_CASE)):
        backend, seed = list(Backend)[number % len(Backend)], random.getrandbits(32)
        first = number * ATTACKS_IN_A_CASE
        yield Case(f"attacks {number} on {backend}", backend, partial(_attack, first, seed))
    for number in range(GATES):
        backend, seed = list(Backend)[number % len(Backend)], random.getrandbits(32)
        yield Case(f"attacks at the gate {number} on {backend}", backend, partial(_attack_gate, seed))


async def _attack(first: int, seed: int, url: str, folder: Path) -> None:
    chosen = list(attempts(Random(seed), first, ATTACKS_IN_A_CASE))  # nosec B311 - repeatable
    outcome = await besiege(url, folder, chosen)
    if outcome.flaws:
        raise AssertionError(f"{len(outcome.flaws)} flaws: " + "\n".join(outcome.flaws))


async def _attack_gate(seed: int, url: str, _folder: Path) -> None:
    flaws = await besiege_gate(url, Random(seed), GATE_TIMES)  # nosec B311 - repeatable
    if flaws:
        raise AssertionError(f"{len(flaws)} flaws: " + "\n".join(flaws))


def webhooks(random: Random) -> Iterator[Case]:
    """A thousand runs whose webhooks come many times, in any order or never; the bot dies in between."""
    for number in range(STORM_RUNS // RUNS_IN_A_STORM):
        backend, seed = list(Backend)[number % len(Backend)], random.getrandbits(32)
        yield Case(f"webhooks {number} on {backend}", backend, partial(_storm, seed))


async def _storm(seed: int, url: str, _folder: Path) -> None:
    outcome = await storm(url, seed, RUNS_IN_A_STORM, DEATHS_IN_A_STORM)
    if outcome.flaws:
        raise AssertionError(f"{len(outcome.flaws)} flaws, such as {outcome.flaws[0]}")


def digests(random: Random) -> Iterator[Case]:
    """A year in each zone of Europe and America; no database has a say in when something is due.

    Of those whose clocks show the same, one goes through all times of day and the others through one.
    """
    for zones in living.clocks(2026):
        for number, zone in enumerate(zones):
            times = living.SHORT if number else living.TIMES
            run = partial(_a_year, zone, times, random.getrandbits(32))
            yield Case(f"digests in {zone}", Backend.SQLITE, run)


async def _a_year(zone: str, times: tuple[time, ...], seed: int, _url: str, _folder: Path) -> None:
    _agree(living.disagreements(zone, 2026, seed, times))


PARTS: Mapping[str, Callable[[Random], Iterator[Case]]] = {
    "approvals": approvals,
    "attacks": attacks,
    "crash-table": crash_table,
    "crash-chains": crash_chains,
    "digests": digests,
    "histories": histories,
    "kill-rollbacks": kill_rollbacks,
    "kill-table": kill_table,
    "machine": machine,
    "posts": posts,
    "races": races,
    "webhooks": webhooks,
}


async def _die(scene: Scene, points: tuple[Point, ...], url: str, _folder: Path) -> None:
    async with FragileHouse(url, catalog=scene.catalog) as house:
        await perform(house, scene, *points)
        await judge(house, scene)


async def _kill(where: str, kind: FaultKind, url: str, folder: Path) -> None:
    async with Street(url, folder) as street:
        await street.killed_at(where, kind)
        await street.servers[0].start()
        if (where, kind) == (Where.DISPATCH, FaultKind.HOLD_BEFORE):
            await street.reaches(State.UNKNOWN, patience=180)
            await street.presses(ActionId.IT_DID_NOT_RUN)
            await street.reaches(State.FAILED)
            assert street.play.github.dispatches() == []
            return
        await street.reaches(State.SUCCEEDED)
        await street.judge()
