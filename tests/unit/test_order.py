"""The order in which several workers take the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from tests.order import long_ones_first


@dataclass
class Named:
    """As much of a test as its order needs."""

    name: str

    def get_closest_marker(self, name: str) -> bool:
        return name == "long" and self.name.isupper()


@pytest.mark.parametrize(
    ("given", "workers", "order"),
    [
        ("abcdefXYZ", 3, "XabYcdZef"),
        ("aXbYcZd", 2, "XZaYbcd"),
        ("aXb", 1, "Xab"),
        ("XYZa", 2, "XZYa"),
        ("XYZ", 4, "XYZ"),
        ("", 2, ""),
    ],
)
def test_each_worker_begins_with_what_takes_long(given: str, workers: int, order: str) -> None:
    items = cast(Any, [Named(each) for each in given])
    long_ones_first(items, workers)
    assert "".join(each.name for each in items) == order
