"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.compiled import share_compiled
from tests.databases import Backend, Databases
from tests.order import long_ones_first
from tests.strictness import forbid_skipping

# A slow machine is no mistake of the code: hypothesis judges results, not times.
settings.register_profile("slipway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("slipway")

DATABASES = pytest.StashKey[Databases]()


def pytest_configure(config: pytest.Config) -> None:
    """Open the session's databases; a worker uses those of the session that started it."""
    shared: dict[str, Any] | None = getattr(config, "workerinput", None)
    share_compiled()
    config.stash[DATABASES] = Databases(Path(shared["databases"])) if shared else Databases.open()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two for every core where there are few: a scenario often waits for the disk or for its clock."""
    cores = os.cpu_count() or 1
    return max(cores, min(2 * cores, 8))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the session's databases are."""
    node.workerinput["databases"] = str(node.config.stash[DATABASES].root)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the session's databases, also after Ctrl-C."""
    if not hasattr(config, "workerinput"):
        config.stash[DATABASES].close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Skip nothing in CI."""
    report = yield
    forbid_skipping(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Skip no file in CI either."""
    report = yield
    forbid_skipping(report)
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let what takes long begin early."""
    shared: dict[str, Any] = getattr(config, "workerinput", {})
    long_ones_first(items, int(shared.get("workercount", 1)))


def pytest_collection_finish() -> None:
    """What is imported by now stays: nobody needs to look through it for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config) -> Databases:
    """The databases of this session."""
    return pytestconfig.stash[DATABASES]


@pytest.fixture(params=Backend)
def database_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """`DATABASE_URL` of a migrated database of the test's own; the test runs once on each kind.

    One kind alone: `@pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)`.
    """
    with databases.migrated(Backend(request.param), tmp_path) as url:
        yield url


@pytest.fixture(params=Backend)
def empty_database_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """`DATABASE_URL` of a database without a schema; the test runs once on each kind."""
    with databases.empty(Backend(request.param), tmp_path) as url:
        yield url
