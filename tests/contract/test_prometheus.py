"""Numbers from a real Prometheus and from its stand-in: one suite on both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import aiohttp
import pytest
import pytest_asyncio

from bot.core.metrics import MetricReading
from bot.core.rules import MetricSource
from integrations.prometheus.metrics import PrometheusMetrics
from tests.contract.prometheus_server import Exporter, PrometheusServer, until
from tests.fakes.ports import free_port
from tests.fakes.prometheus import PrometheusStandIn, Series

pytestmark = pytest.mark.asyncio(loop_scope="module")
IMPATIENT = 0.3


@dataclass(frozen=True)
class Harness:
    """A source, what it shows, and the adapter that asks it."""

    session: aiohttp.ClientSession
    server: PrometheusStandIn | PrometheusServer
    show: Callable[[str, Series], Awaitable[None]]

    async def asks(self, query: str, url: str = "", patience: float = 10.0) -> MetricReading:
        source = MetricSource("main", url or self.server.url)
        return await PrometheusMetrics(self.session, patience).instant(source, query)


@pytest_asyncio.fixture(params=["stand-in", "real"], scope="module", loop_scope="module")
async def harness(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Harness]:
    """One of each for all tests: Prometheus takes five seconds before it scrapes for the first time."""
    folder = tmp_path_factory.mktemp("prometheus")
    async with AsyncExitStack() as opened:
        session = await opened.enter_async_context(aiohttp.ClientSession())
        if request.param == "stand-in":
            stand_in = await opened.enter_async_context(PrometheusStandIn())
            yield Harness(session, stand_in, stand_in.show)
            return
        exporter = await opened.enter_async_context(Exporter())
        server = await opened.enter_async_context(PrometheusServer(folder, exporter.target))
        yield Harness(session, server, exporter.show)


async def test_one_series_is_its_value(harness: Harness) -> None:
    await harness.show("errors", {"west": "0.07"})
    told = await harness.asks("errors")
    assert told.value == Decimal("0.07")
    assert told.why == ""
    assert told.at is not None
    assert abs(datetime.now(UTC) - told.at) < timedelta(minutes=1)
    assert (await harness.asks("scalar(errors)", patience=7.5)).value == Decimal("0.07")


async def test_what_is_no_single_number_is_no_value(harness: Harness) -> None:
    await harness.show("several", {"west": "0.07", "east": "0.01"})
    await harness.show("nothing", {"west": "NaN"})
    await harness.show("everything", {"west": "+Inf"})
    assert await harness.asks("several") == MetricReading(
        None, "main: it matches 2 series, and one is wanted"
    )
    assert await harness.asks("absent") == MetricReading(None, "main: it matches no series")
    nan = MetricReading(None, "main: its value is NaN, which is no number to compare")
    assert await harness.asks("nothing") == nan
    assert await harness.asks("scalar(several)") == nan
    assert await harness.asks("everything") == MetricReading(
        None, "main: its value is +Inf, which is no number to compare"
    )


async def test_a_query_that_it_does_not_understand_is_told(harness: Harness) -> None:
    told = await harness.asks("sum(")
    assert told.value is None
    assert told.why.startswith("main: it answered with error 400: invalid parameter")


async def test_a_slow_one_is_not_waited_for(harness: Harness) -> None:
    await harness.show("errors", {"west": "0.07"})
    await harness.server.freeze()
    try:
        slow = await harness.asks("errors", patience=IMPATIENT)
    finally:
        harness.server.thaw()
    assert slow == MetricReading(None, "main: it did not answer within 0.3 seconds")

    async def again() -> bool:
        return (await harness.asks("errors")).value == Decimal("0.07")

    await until(again, "it answers as before")  # it missed a scrape, perhaps


async def test_one_that_is_not_there_is_told(harness: Harness) -> None:
    told = await harness.asks("errors", url=f"http://127.0.0.1:{free_port()}")
    assert told == MetricReading(None, "main: it cannot be reached (ClientConnectorError)")
