"""Who takes long begins early: else the last minute of all tests belongs to one worker alone."""

from __future__ import annotations

import pytest


def long_ones_first(items: list[pytest.Item], workers: int) -> None:
    """At the head of what each worker gets; the runner cuts the list into one even piece for each.

    What is long is marked so, and the others stay in their random order.
    """
    long = [each for each in items if each.get_closest_marker("long")]
    rest = [each for each in items if not each.get_closest_marker("long")]
    ordered: list[pytest.Item] = []
    for number in range(workers):
        share = long[number::workers]
        piece = (len(items) - len(ordered)) // (workers - number)
        filling = max(0, piece - len(share))
        ordered += share + rest[:filling]
        del rest[:filling]
    items[:] = ordered + rest
