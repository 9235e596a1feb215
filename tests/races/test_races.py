"""Whoever commits first has decided, and all are told the truth; some races here, 10,000 in `make proof`."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.databases import Backend, Databases
from tests.races.arena import run_races
from tests.races.plan import races

ENDS = {"rejected", "withdrawn", "superseded", "waiting", "running"}


@pytest.mark.long
@pytest.mark.parametrize("backend", Backend)
async def test_who_commits_first_has_decided(backend: Backend, databases: Databases, tmp_path: Path) -> None:
    with databases.migrated(backend, tmp_path) as url:
        outcome = await run_races(backend, url, races(Random(15), 0, 40))
    assert outcome.flaws == []
    assert outcome.ends.keys() >= ENDS
    assert outcome.together > 0
