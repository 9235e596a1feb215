"""Starts contestants and load, and lets them take turns, so that a busy minute hurts all alike."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.bench.contestants import Contestant
from tests.bench.load import Measured
from tests.bench.requests import Traffic


@dataclass(frozen=True)
class Exercise:
    """What is sent in one round to each contestant."""

    traffic: Traffic
    connections: int
    requests: int
    pace: int = 0  # requests a second, of all connections together; 0 is as fast as they are answered


@contextmanager
def running(contestant: Contestant, url: str = "") -> Iterator[int]:
    """A contestant; yields its port."""
    command = [sys.executable, "-m", f"tests.bench.contestants.{contestant}", *([url] if url else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline() or 0)
        finally:
            process.stdin.close()
            process.wait(30)


def measure(port: int, exercise: Exercise) -> Measured:
    """One round against one server. Everything is prepared and signed before it begins."""
    numbers = map(str, (exercise.connections, exercise.requests, exercise.pace))
    command = [sys.executable, "-m", "tests.bench.load", exercise.traffic.value, *numbers]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        told, _ = process.communicate(f"{port}\n", timeout=300)
    measured = Measured(**json.loads(told))
    if measured.refused:
        raise RuntimeError(f"{measured.refused} of {exercise.requests} requests were refused")
    return measured


def take_turns(ports: Mapping[str, int], exercise: Exercise, rounds: int) -> dict[str, list[Measured]]:
    """Round by round, everybody once; each round begins with somebody else."""
    names = list(ports)
    taken: dict[str, list[Measured]] = {name: [] for name in names}
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            taken[name].append(measure(ports[name], exercise))
    return taken
