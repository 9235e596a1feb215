"""`slipway rollback`: what /rollback does, for whoever can run commands on the host, while the chat is away.

What is asked for is kept as from the chat, and `slipway serve` carries it out by the same rules.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import IntEnum

from bot.app.places import place_in
from bot.app.workbench import Workbench, workbench
from bot.config.catalog import load_catalog
from bot.config.settings import Settings
from bot.core.errors import Bug, UserError
from bot.core.lifecycle import ENDS, State
from bot.core.naming import what_of
from bot.core.ports import Clock
from bot.core.records import Deployment
from bot.core.secrets import refuse_secrets
from bot.core.steps import Step
from bot.core.values import Kind, Origin, Place
from bot.engine.intents import Asker, apply
from bot.engine.world import work_key
from bot.slack.grammar import Vocabulary, parse
from commands import rollback

TAKEN_UP = timedelta(seconds=12)  # who serves looks every five seconds
LOOK = 0.5  # seconds between two looks at the record
KEPT = "Nobody has taken it up yet. It is kept, and it runs when `slipway serve` does."
YES = frozenset({"y", "yes"})


class Ending(IntEnum):
    """Exit codes."""

    WELL = 0
    FAILED = 1
    USAGE = 2
    DENIED = 3
    TOO_LATE = 4


@dataclass(frozen=True, slots=True)
class Order:
    """What was typed."""

    service: str
    environment: str
    version: str | None = None
    reason: str = ""
    sure: bool = False
    as_json: bool = False
    wait: timedelta | None = None  # absent: only until somebody has taken it up


@dataclass(frozen=True, slots=True)
class Kept:
    """What was written down, and what became of it while somebody looked."""

    deployment: Deployment
    taken_up: bool

    def plain(self) -> str:
        """For people."""
        asked = self.deployment
        place = f" in {asked.channel}" if asked.channel.startswith("#") else ""
        lines = [f"#{asked.number} {what_of(asked.wish)}: {asked.state}."]
        lines += [each for each in (asked.note, asked.next_step) if each]
        lines += [] if self.taken_up else [KEPT]
        return "\n".join([*lines, f"Its card{place} shows how it goes, as soon as Slack answers."])

    def machine(self) -> dict[str, object]:
        """For machines."""
        asked = self.deployment
        return {
            "number": asked.number,
            "service": asked.wish.service,
            "environment": asked.wish.environment,
            "release": asked.release_sha,
            "state": asked.state.value,
            "taken_up": self.taken_up,
            "note": asked.note,
            "next": asked.next_step,
        }


def roll_back(environ: Mapping[str, str], order: Order, sure: Callable[[], bool]) -> int:
    """Show it, ask, keep it, and say what becomes of it."""
    refuse_secrets(f"{order.version or ''} {order.reason}")
    order = replace(order, reason=" ".join(order.reason.split()))
    preview, words = asyncio.run(shown(environ, order))
    (sys.stderr if order.as_json else sys.stdout).write(f"{preview}\n")
    if not order.sure and not sure():
        sys.stderr.write("Nothing was done.\n")
        return Ending.FAILED
    kept = asyncio.run(carried_out(environ, order, words))
    sys.stdout.write(f"{json.dumps(kept.machine()) if order.as_json else kept.plain()}\n")
    return ending(kept.deployment, order.wait)


async def shown(environ: Mapping[str, str], order: Order, clock: Clock | None = None) -> tuple[str, str]:
    """What it would do, and the words that mean exactly this."""
    settings = Settings.load(environ, serving=False)
    catalog = load_catalog(settings.config)
    place_in(catalog, order.service, order.environment)
    async with workbench(settings, catalog, clock) as bench:
        context = bench.context(await _place(bench, order))
        given = rollback.Arguments(
            service=order.service,
            environment=order.environment,
            version=order.version,
            reason=order.reason,
        )
        reply = await rollback.run(context, given)
    return reply.text.plain(), reply.in_full.partition(" ")[2]


async def carried_out(
    environ: Mapping[str, str], order: Order, words: str, clock: Clock | None = None
) -> Kept:
    """In one commit, as a delivery from the chat would be; then wait until somebody has taken it up."""
    settings = Settings.load(environ, serving=False)
    catalog = load_catalog(settings.config)
    vocabulary = Vocabulary(
        {each.name: tuple(one.name for one in each.environments) for each in catalog.services}
    )
    async with workbench(settings, catalog, clock) as bench:
        place = await _place(bench, order)
        context = bench.context(place)
        reply = await rollback.run(context, parse(rollback.COMMAND, words, vocabulary))
        asker = Asker(context.actor, place, Origin.COMMAND_LINE)
        async with bench.store.units.begin(bench.workspace, Step.HANDLE_OPERATOR) as uow:
            made = [await apply(uow, intent, asker, catalog) for intent in reply.intents]
        asked = next((each for each in made if each is not None and each.wish.kind is Kind.ROLLBACK), None)
        if asked is None:
            raise Bug("a rollback was confirmed and none was made")
        return await _followed(bench, asked, order.wait)


def ending(deployment: Deployment, wait: timedelta | None) -> Ending:
    """What it tells a script. Without waiting for its end, to keep it is all that was wanted."""
    if deployment.state is State.SUCCEEDED:
        return Ending.WELL
    if deployment.state in (State.REFUSED, State.REJECTED):
        return Ending.DENIED
    if deployment.state in ENDS:
        return Ending.FAILED
    return Ending.WELL if wait is None else Ending.TOO_LATE


def is_sure() -> bool:
    """On a terminal alone: a script says beforehand that it is sure."""
    if not sys.stdin.isatty():
        raise UserError(
            "Nothing was done.", "Nobody can be asked: this is no terminal.", "Say `--yes` to be sure of it."
        )
    sys.stderr.write("Roll back? [y/N] ")
    sys.stderr.flush()
    try:
        return sys.stdin.readline().strip().lower() in YES
    except KeyboardInterrupt:
        return False


async def _place(bench: Workbench, order: Order) -> Place:
    """Where the last card of this place stands, for services without a channel of their own."""
    last = await bench.store.queries.recent(bench.workspace, order.service, order.environment, 1)
    return Place(last[0].channel if last else "")


async def _followed(bench: Workbench, asked: Deployment, wait: timedelta | None) -> Kept:
    """Until its end, or else until something of it has changed since it was kept."""
    clock, queries = bench.world.clock, bench.store.queries
    until = clock.now() + (wait if wait is not None else TAKEN_UP)
    while True:
        now = await queries.deployment_by_id(bench.workspace, asked.id)
        if now is None:
            raise Bug(f"#{asked.number} is gone")
        over = now.state in ENDS or (wait is None and now.version > asked.version)
        if over or clock.now() >= until:
            return Kept(now, await bench.store.work.was_claimed(bench.workspace, work_key(asked.id)))
        await clock.sleep(LOOK)
