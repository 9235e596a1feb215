"""The whole of `slipway serve`: from asked to answered, how soon it is ready, and what it takes at rest."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import aiohttp

from bot.playground.serve import Playground
from tests.bench.contestants import Contestant
from tests.bench.figures import Line, Target
from tests.bench.rounds import running
from tests.fakes.ports import free_port

CATALOG = Path("examples/demo/slipway.yml")
MANIFEST = Path("app-manifest.yml")
LIBRARIES = (
    "aiohttp, aiosqlite, apscheduler.schedulers.asyncio, cryptography.fernet, github, psycopg, "
    "pydantic_settings, ruamel.yaml, slack_bolt.async_app, slack_sdk.web.async_client, sqlalchemy.ext.asyncio"
)
READY, AT_REST = Target(1.5, at_most=True), Target(1.0, at_most=True)
MEGABYTES_AT_REST = 150.0
REST_SECONDS = 5.0
PAUSE = 1.1  # seconds between two questions: Slack lets one message a second into a channel


@dataclass(frozen=True)
class Started:
    """A running bot: how long it took, and which process it is."""

    seconds: float
    pid: int


async def whole(name: str, url: str, rounds: int) -> list[Line]:
    """Against bare Bolt that says the same words, and against nothing but the imports."""
    port = free_port()
    play = Playground(manifest_path=MANIFEST, bot_url=f"http://127.0.0.1:{port}")
    await play.start()
    try:
        imports, starts = [], []
        for _ in range(rounds - 1):
            imports.append(await asyncio.to_thread(_import_libraries))
            async with serving(play, url, port) as started:
                starts.append(started.seconds)
        imports.append(await asyncio.to_thread(_import_libraries))
        async with serving(play, url, port) as started:
            starts.append(started.seconds)
            await asyncio.sleep(REST_SECONDS)
            megabytes = _resident(started.pid)
            ours, theirs = await _answers(play, port, rounds)
    finally:
        await play.stop()
    return [
        _line(f"{name}: asked to answered, bare Bolt", median(ours), median(theirs), None),
        _line(f"{name}: ready, the imports alone", median(starts), median(imports), READY),
        Line(
            f"{name}: memory at rest", f"{megabytes:.0f} MB", f"{MEGABYTES_AT_REST:.0f} MB",
            megabytes / MEGABYTES_AT_REST, AT_REST,
        ),
    ]  # fmt: skip


async def _answers(play: Playground, port: int, rounds: int) -> tuple[list[float], list[float]]:
    """Both in turns, so that a busy minute hurts both."""
    ours: list[float] = []
    theirs: list[float] = []
    with running(Contestant.TALKER) as talker:
        for _ in range(rounds):
            for figures, where in ((ours, port), (theirs, talker)):
                play.slack.deliver_to(f"http://127.0.0.1:{where}/slack/events")
                figures.append(await _ask(play))
                await asyncio.sleep(PAUSE)
    return ours, theirs


async def _ask(play: Playground) -> float:
    """From the command's Enter to the words on the screen."""
    before = len(play.slack.ephemerals("ada"))
    start = time.perf_counter()
    done = await play.slack.command("ada", "#deploys", "/slipway help")
    if not done["ok"]:
        raise RuntimeError(f"the command was not taken: {done}")
    await play.slack.until(lambda: len(play.slack.ephemerals("ada")) > before, 20.0)
    return time.perf_counter() - start


@asynccontextmanager
async def serving(play: Playground, url: str, port: int, catalog: Path = CATALOG) -> AsyncIterator[Started]:
    """`slipway serve` in a process of its own."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ |= play.environment() | {
        "DATABASE_URL": url,
        "SLIPWAY_CONFIG": str(catalog),
        "SLIPWAY_PORT": str(port),
        "SLIPWAY_LOG_LEVEL": "error",
    }
    start = time.perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "serve", env=environ)
    try:
        await _until_ready(process, port)
        yield Started(time.perf_counter() - start, process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _until_ready(process: asyncio.subprocess.Process, port: int) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while process.returncode is None:
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)
    raise RuntimeError("the bot ended instead of getting ready")


def _import_libraries() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {LIBRARIES}"], check=True)
    return time.perf_counter() - start


def _resident(pid: int) -> float:
    """Megabytes that the process holds in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


def _line(what: str, ours: float, theirs: float, target: Target | None) -> Line:
    return Line(what, f"{ours * 1000:.0f} ms", f"{theirs * 1000:.0f} ms", ours / theirs, target)
