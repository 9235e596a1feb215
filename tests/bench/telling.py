"""How long it takes from a webhook to the edit that arrives at Slack, while many others come in.

The whole of `slipway serve` in a process of its own, over real HTTP, with as many edits as Slack takes.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from datetime import datetime
from pathlib import Path

from bot.playground.github.hooks import Delivery
from bot.playground.github.model import Run
from bot.playground.github.names import ActName, Event, Status
from bot.playground.serve import Playground
from tests.bench.figures import Line, Target
from tests.bench.whole import MANIFEST, serving
from tests.fakes.ports import free_port

CATALOG = Path("tests/scenario/catalog.yml")
CHANNEL = "#api-deploys"
PLACE = "      staging:\n"
# One that lets any number of its runs go on at the same time.
DEPLOYS = """      workflow: deploy.yml
      pin: tag
      inputs: {environment: "{environment}", version: "{sha}", operation: "{key}"}
      accepts:
        log_level: {type: choice, options: [info, debug], default: info}
"""
SMOKES = "      workflow: smoke.yml\n      pin: tag\n      inputs: {environment: staging}\n"
JOB = "smoke"
EVENTS_A_SECOND = 50
PACE = 1.3  # seconds between two ends: Slack takes 50 edits a minute
WITHIN = Target(1.0, at_most=True)
HALF_MS, ALMOST_ALL_MS = 100.0, 500.0
PATIENCE = 60.0


async def telling(name: str, url: str, times: int, folder: Path) -> list[Line]:
    """So many runs end, one after the other, amid what is said of the others."""
    port = free_port()
    play = Playground(manifest_path=MANIFEST, bot_url=f"http://127.0.0.1:{port}")
    play.github.site.brief = True
    await play.start()
    try:
        async with serving(play, url, port, _catalog(folder / f"{name}.yml", times)):
            runs = await _all_run(play, times)
            noise = asyncio.create_task(_noise(play), name="what is said of the others")
            took = [await _ends(play, run) for run in runs]
            noise.cancel()
            await asyncio.wait({noise})
    finally:
        await play.stop()
    took.sort()
    return [
        _line(f"{name}: webhook to edit, p50, {EVENTS_A_SECOND} events/s", _part(took, 0.5), HALF_MS),
        _line(f"{name}: webhook to edit, p99, {EVENTS_A_SECOND} events/s", _part(took, 0.99), ALMOST_ALL_MS),
    ]


def _catalog(path: Path, times: int) -> Path:
    """As many environments as runs, so that none waits for another one."""
    head, place, rest = CATALOG.read_text().partition(PLACE)
    rules = '        refs: ["*"]\n        who: [everyone]\n'
    others = "".join(f"      e{number}:\n{rules}" for number in range(times))
    path.write_text(head.replace(DEPLOYS, SMOKES) + others + place + rest)
    return path


async def _all_run(play: Playground, times: int) -> list[Run]:
    for number in range(times):
        await play.github.acts.perform(ActName.HOLD_NEXT, job=JOB)
        await play.slack.command("ada", CHANNEL, f"/deploy api e{number}")
        await play.slack.until(lambda: _cards(play, "running") > number, PATIENCE)  # noqa: B023 - awaited here
    return [run for run in play.github.runs("acme/api") if run.latest.status is not Status.COMPLETED]


async def _noise(play: Playground) -> None:
    """What GitHub says of runs that go on, each time as a delivery of its own."""
    hooks = play.github.hooks
    said: list[Delivery] = [each for each in hooks.deliveries if each.event is Event.WORKFLOW_JOB]
    due = time.perf_counter()
    for each in itertools.cycle(said):
        hooks.send(each.event, None, each.payload, each.repository_id)
        due += 1 / EVENTS_A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))


async def _ends(play: Playground, run: Run) -> float:
    """Seconds from GitHub's word that it has ended to the edit that says so."""
    known = _cards(play, "deployed")
    await play.github.acts.perform(ActName.FINISH_NOW, run=run.id)
    await play.slack.until(lambda: _cards(play, "deployed") > known, PATIENCE)
    ended = next(each for each in reversed(play.github.hooks.deliveries) if _says_its_end(each, run))
    shown = [each for each in play.slack.control.calls("chat.update") if "deployed" in each.body][-1]
    await asyncio.sleep(PACE)
    return (datetime.fromisoformat(shown.at) - ended.at).total_seconds()


def _says_its_end(delivery: Delivery, run: Run) -> bool:
    ended = delivery.event is Event.WORKFLOW_RUN and delivery.action == "completed"
    return ended and delivery.payload["workflow_run"]["id"] == run.id


def _cards(play: Playground, word: str) -> int:
    said = [each.text for each in play.slack.messages(CHANNEL) if not each.is_reply]
    return sum(f": {word}" in each for each in said)


def _part(ordered: list[float], part: float) -> float:
    return ordered[math.ceil(part * len(ordered)) - 1] * 1000


def _line(what: str, milliseconds: float, limit: float) -> Line:
    return Line(what, f"{milliseconds:.0f} ms", f"{limit:.0f} ms", milliseconds / limit, WITHIN)
