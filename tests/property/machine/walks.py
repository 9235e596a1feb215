"""Walks through a house, always the same ones for a seed."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.property.machine.house import House
from tests.property.machine.machine import machine

STEPS = 40


def walk(url: str, walks: int, start: int = 0, steps: int = STEPS) -> Counter[str]:
    """So many; what was seen on the way. A failure is made as short as it can be, and printed."""
    plan = settings(
        max_examples=walks,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    seen: Counter[str] = Counter()
    with House(url) as house:
        run_state_machine_as_test(seed(start)(machine(house, seen)), settings=plan)
    return seen
