"""Numbers through the composition root."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import aiohttp

from bot.app.measuring import Measuring
from bot.core.rules import MetricSource
from tests.fakes.prometheus import PrometheusStandIn


async def test_the_source_that_is_named_is_asked() -> None:
    async with PrometheusStandIn() as source, aiohttp.ClientSession() as session:
        await source.show("errors", {"west": "0.07"})
        told = await Measuring(session).instant(MetricSource("main", source.url), "errors")
    assert told.value == Decimal("0.07")


def test_it_is_loaded_at_the_first_question_alone() -> None:
    script = "import sys, bot.app.compose, bot.app.measuring; print('integrations.prometheus' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
