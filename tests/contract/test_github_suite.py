"""The contract suite on the fake and on the real GitHub adapter, which talks to the stand-in over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.playground.clock import WallClock
from tests.contract.ci_run_suite import CiSuite
from tests.contract.ci_suite import CodeHostSuite, Harness, PinsSuite
from tests.contract.ci_tag_suite import TagStartSuite
from tests.contract.github_harness import github_harness
from tests.fakes.forge import seeded
from tests.fakes.harness import FakeHarness


@pytest.fixture(params=["fake", "github"])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    """What the suites arrange things with."""
    if request.param == "fake":
        yield FakeHarness(seeded(WallClock()))
        return
    async with github_harness() as real:
        yield real


class TestCode(CodeHostSuite):
    """CodeHost."""


class TestPins(PinsSuite):
    """Pins."""


class TestCi(CiSuite):
    """CiProvider."""


class TestTagStarts(TagStartSuite):
    """CiProvider, started by the push of a tag."""
