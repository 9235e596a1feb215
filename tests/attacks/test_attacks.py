"""Nothing unapproved ever runs, and the trail says why; each kind once here, 1,000 in `make proof`."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.attacks.gates import besiege_gate
from tests.attacks.siege import besiege, cases
from tests.attacks.table import ATTACKS
from tests.databases import Backend, Databases

KINDS = list(cases(Random(5), 0, len(ATTACKS)))


@pytest.mark.long
@pytest.mark.parametrize("backend", Backend)
async def test_nothing_unapproved_runs(backend: Backend, databases: Databases, tmp_path: Path) -> None:
    """Half of the kinds on each database."""
    attempts = KINDS[list(Backend).index(backend) :: len(Backend)]
    with databases.migrated(backend, tmp_path) as url:
        outcome = await besiege(url, tmp_path, attempts)
    assert outcome.flaws == []
    assert outcome.ran > 0  # what was approved does run, so the house was open for business


@pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
async def test_nothing_unapproved_passes_the_gate(database_url: str) -> None:
    assert await besiege_gate(database_url, Random(5)) == []
