"""Any order of what people, time and crashes do: a few walks here, many on both databases in `make proof`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import Backend, Databases
from tests.property.machine.walks import walk


@pytest.mark.long
@pytest.mark.timeout(900)  # it is long, and a machine can be busy
@pytest.mark.parametrize("start", [0, 1])
def test_it_holds_whatever_happens(start: int, databases: Databases, tmp_path: Path) -> None:
    with databases.migrated(Backend.SQLITE, tmp_path) as url:
        seen = walk(url, walks=3, start=start)
    assert seen.keys() >= {"approve", "take slot", "run succeeded"}
