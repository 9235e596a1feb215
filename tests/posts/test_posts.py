"""Nothing that was to be said is lost or said twice; some posts here, 10,000 in `make proof`."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.databases import Backend, Databases
from tests.posts.storm import storm


@pytest.mark.long
@pytest.mark.parametrize("backend", Backend)
async def test_each_post_stands_once_whatever_happened(
    backend: Backend, databases: Databases, tmp_path: Path
) -> None:
    with databases.migrated(backend, tmp_path) as url:
        outcome = await storm(backend, url, tmp_path, Random(7), 60)
    assert outcome.flaws == []
    assert outcome.posts == 60
    assert outcome.deaths == 1
    assert sum(outcome.faults.values()) > 10
