"""`python -m tests.bench`: every target as a ratio, measured in one run; exit 1 when one is missed."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bot.store.migrate import upgrade
from tests.bench.contestants import Contestant
from tests.bench.figures import Line, Target, compare, p50, table, throughput
from tests.bench.load import Measured
from tests.bench.requests import Traffic
from tests.bench.rounds import Exercise, measure, running, take_turns
from tests.databases import Backend, start_postgres, stop_postgres

LEAST_REQUESTS = 64


@dataclass(frozen=True)
class Volume:
    """How much is measured."""

    rounds: int
    requests: int


def say(text: str) -> None:
    """To the person who watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def databases(folder: Path) -> Iterator[dict[Backend, str]]:
    """One of each kind with today's schema; both wait for the disk at every commit."""
    urls = {Backend.SQLITE: f"sqlite:///{folder}/slipway.db"}
    urls[Backend.POSTGRESQL] = start_postgres(folder / "postgres", durable=True)
    try:
        for url in urls.values():
            upgrade(url)
        yield urls
    finally:
        stop_postgres(folder / "postgres")


def commit_to_disk(folder: Path) -> float:
    """Milliseconds that this disk takes to keep a page for good."""
    took = []
    with (folder / "page").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            start = time.perf_counter()
            os.fdatasync(file)
            took.append(time.perf_counter() - start)
    return median(took) * 1000


def intake(urls: dict[Backend, str], volume: Volume) -> list[Line]:
    """Slack's commands and GitHub's webhooks, against those who keep nothing."""
    with ExitStack() as around:
        ours = {
            backend.value: around.enter_context(running(Contestant.SLIPWAY, url))
            for backend, url in urls.items()
        }
        bolt = around.enter_context(running(Contestant.BOLT))
        bare = around.enter_context(running(Contestant.AIOHTTP))
        say("Acknowledgements at 16 connections ...")
        calm = take_turns({**ours, "bolt": bolt}, Exercise(Traffic.SLACK, 16, volume.requests), volume.rounds)
        say("Acknowledgements at 64 connections ...")
        full = take_turns(
            {**ours, "bolt": bolt, "bare": bare},
            Exercise(Traffic.SLACK, 64, volume.requests),
            volume.rounds,
        )
        say("Webhooks at 64 connections ...")
        hooks = take_turns(
            {**ours, "bare": bare}, Exercise(Traffic.GITHUB, 64, volume.requests), volume.rounds
        )
    return [line for name in ours for line in _lines(name, calm, full, hooks)]


def _lines(
    name: str,
    calm: dict[str, list[Measured]],
    full: dict[str, list[Measured]],
    hooks: dict[str, list[Measured]],
) -> list[Line]:
    return [
        compare(
            f"{name}: ack p50, 16 connections, bare Bolt",
            calm[name],
            calm["bolt"],
            p50,
            Target(0.25, at_most=True),
        ),
        compare(
            f"{name}: acks, 64 connections, bare Bolt",
            full[name],
            full["bolt"],
            throughput,
            Target(2.0, at_most=False),
        ),
        compare(
            f"{name}: acks, 64 connections, bare aiohttp",
            full[name],
            full["bare"],
            throughput,
            Target(0.6, at_most=False),
        ),
        compare(
            f"{name}: webhooks, 64 connections, bare aiohttp",
            hooks[name],
            hooks["bare"],
            throughput,
            Target(0.6, at_most=False),
        ),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often everybody takes a turn")
    parser.add_argument("--requests", type=int, default=3000, help="how many requests a turn has")
    parser.add_argument("--smoke", action="store_true", help="does it run at all? judges nothing")
    given = parser.parse_args(arguments)
    volume = Volume(1, LEAST_REQUESTS) if given.smoke else Volume(given.rounds, given.requests)
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as name:
        folder = Path(name)
        say(f"A page kept on this disk: {commit_to_disk(folder):.2f} ms")
        with running(Contestant.LOOPBACK) as port:
            alone = measure(port, Exercise(Traffic.SLACK, 1, volume.requests))
        say(f"This machine's loopback round trip: {alone.p50_ms:.3f} ms")
        with databases(folder) as urls:
            lines = intake(urls, volume)
    say("\n" + table(lines))
    missed = [line for line in lines if not line.met]
    if given.smoke:
        return 0
    say(f"\n{len(missed)} of {len(lines)} targets missed." if missed else "\nEvery target is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
