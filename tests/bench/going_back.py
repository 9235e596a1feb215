"""How long a rollback takes from its confirmation to its dispatch, beside what the provider itself takes.

The whole of `slipway serve` in a process of its own, over real HTTP: a release to find, a tag to pin.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

from bot.playground.control import JournalEntry
from bot.playground.github.names import Where
from bot.playground.serve import Playground
from bot.playground.slack.world import Message
from tests.bench.figures import Line, Target
from tests.bench.whole import MANIFEST, serving
from tests.fakes.ports import free_port

CATALOG = Path("tests/scenario/catalog.yml")
CHANNEL = "#api-deploys"
LIMIT_MS = 300.0
WITHIN = Target(1.0, at_most=True)
PATIENCE = 60.0
SPEED = 10.0  # of the pipelines: only the way to their start is measured


async def going_back(name: str, url: str, times: int) -> Line:
    """The 95th percentile of so many rollbacks, one after the other."""
    port = free_port()
    play = Playground(manifest_path=MANIFEST, bot_url=f"http://127.0.0.1:{port}", speed=SPEED)
    play.github.site.brief = True
    await play.start()
    try:
        async with serving(play, url, port, CATALOG):
            await _deploy(play, "v1.3.0", 1)
            took = [await _once(play, 2 + 2 * number) for number in range(times)]
    finally:
        await play.stop()
    p95 = sorted(took)[math.ceil(0.95 * len(took)) - 1] * 1000
    what = f"{name}: confirmed to dispatched, p95, without GitHub"
    return Line(what, f"{p95:.0f} ms", f"{LIMIT_MS:.0f} ms", p95 / LIMIT_MS, WITHIN)


async def _once(play: Playground, number: int) -> float:
    """Seconds of one, without those that were spent at GitHub."""
    await _deploy(play, "v1.4.0", number)
    seen = _shown(play)
    await play.slack.command("ada", CHANNEL, "/rollback api production")
    await play.slack.until(lambda: len(_shown(play)) > len(seen), PATIENCE)
    calls, dispatches = len(play.github.control.journal), len(play.github.dispatches())
    began = time.perf_counter()
    await play.slack.click("ada", _shown(play)[-1], "say_in_full")
    await play.slack.until(lambda: len(play.github.dispatches()) > dispatches, PATIENCE)
    took = _ours(play.github.control.journal[calls:], began)
    await _card(play, number + 1, "rolled back")
    await _let_in_again(play)
    return took


def _ours(calls: list[JournalEntry], began: float) -> float:
    at = next(place for place, each in enumerate(calls) if each.where == Where.DISPATCH and each.happened)
    return calls[at].began - began - sum(each.took for each in calls[:at])


async def _let_in_again(play: Playground) -> None:
    """What left is quarantined, and the next round wants it there once more."""
    before = len(play.slack.ephemerals("grace"))
    await play.slack.command("grace", CHANNEL, "/quarantine api v1.4.0 lift because it was only measured")
    await play.slack.until(lambda: len(play.slack.ephemerals("grace")) > before, PATIENCE)


async def _deploy(play: Playground, release: str, number: int) -> None:
    await play.slack.command("ada", CHANNEL, f"/deploy api production {release}")
    await _card(play, number, "deployed")


async def _card(play: Playground, number: int, word: str) -> None:
    def there() -> bool:
        said = [each.text for each in play.slack.messages(CHANNEL) if not each.is_reply]
        return any(each.startswith(f"#{number} ") and f": {word}" in each for each in said)

    await play.slack.until(there, PATIENCE)


def _shown(play: Playground) -> list[Message]:
    return [each for each in play.slack.ephemerals("ada") if each.text.startswith("Roll back api")]
