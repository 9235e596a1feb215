"""Alerts from a real Prometheus and Alertmanager, and from stand-ins: who tells what, and what is sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.core.alert_rules import AlertKeeper, AlertSource
from bot.core.alerts import Alert, AlertReading
from integrations.prometheus.alerts import PrometheusAlarms
from integrations.prometheus.webhooks import labels, letter
from tests.contract.prometheus_server import PATIENCE, Exporter, alerting, until
from tests.fakes.ports import free_port
from tests.fakes.prometheus import AlertmanagerStandIn, PrometheusStandIn

pytestmark = pytest.mark.asyncio(loop_scope="module")
SUMMARY = "The pressure is 7, 1 is allowed"
REPEAT = "500ms"
LABELS = {"alertname": "HighPressure", "place": "west", "severity": "critical"}
RULES = """
groups:
  - name: pressure
    rules:
      - alert: HighPressure
        expr: sum by (place) (pressure) > 1
        for: 400ms
        labels: {severity: critical}
        annotations: {summary: "The pressure is {{ $value }}, 1 is allowed"}
"""


class Ear:
    """Hears deliveries, as raw bytes."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._arrived = asyncio.Condition()

    async def __aenter__(self) -> Ear:
        app = web.Application()
        app.router.add_post("/", self._hear)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def hears(self, status: str, times: int = 1) -> list[bytes]:
        """Wait for so many deliveries with this status."""

        def found() -> list[bytes]:
            return [each for each in self.heard if json.loads(each)["status"] == status]

        async with asyncio.timeout(PATIENCE), self._arrived:
            await self._arrived.wait_for(lambda: len(found()) >= times)
        return found()

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        async with self._arrived:
            self.heard.append(body)
            self._arrived.notify_all()
        return web.Response()


@dataclass(frozen=True)
class Harness:
    """What fires, who can be asked, and what was sent."""

    session: aiohttp.ClientSession
    ear: Ear
    prometheus: AlertSource
    manager: AlertSource
    begin: Callable[[], Awaitable[Any]]
    end: Callable[[], Awaitable[Any]]

    async def asks(self, source: AlertSource) -> AlertReading:
        return await PrometheusAlarms(self.session, 10.0).firing(source)

    async def sees(self, source: AlertSource, count: int) -> tuple[Alert, ...]:
        """Wait until so many fire."""
        found: list[AlertReading] = []

        async def so_many() -> bool:
            found.append(await self.asks(source))
            alerts = found[-1].alerts
            return alerts is not None and len(alerts) == count

        await until(so_many, f"{count} alerts at {source.name}")
        return found[-1].alerts or ()


def sources(prometheus: str, manager: str) -> tuple[AlertSource, AlertSource]:
    return (
        AlertSource("main", prometheus, AlertKeeper.PROMETHEUS),
        AlertSource("calls", manager, AlertKeeper.ALERTMANAGER),
    )


@pytest_asyncio.fixture(params=["stand-in", "real"], scope="module", loop_scope="module")
async def harness(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Harness]:
    """The same for both."""
    async with AsyncExitStack() as opened:
        session = await opened.enter_async_context(aiohttp.ClientSession())
        ear = await opened.enter_async_context(Ear())
        if request.param == "stand-in":
            prometheus = await opened.enter_async_context(PrometheusStandIn())
            manager = await opened.enter_async_context(AlertmanagerStandIn(ear.url))

            async def begin() -> None:
                prometheus.fires(datetime.now(UTC), "7e+00", SUMMARY, **LABELS)
                manager.fires(datetime.now(UTC), SUMMARY, **LABELS)
                assert [await manager.sends() for _ in range(2)] == [200, 200]

            async def end() -> None:
                prometheus.alerts.clear()
                assert await manager.sends(datetime.now(UTC)) == 200

            yield Harness(session, ear, *sources(prometheus.url, manager.url), begin, end)
            return
        exporter = await opened.enter_async_context(Exporter())
        folder = tmp_path_factory.mktemp("alerts")
        real = await opened.enter_async_context(alerting(folder, exporter, RULES, ear.url, REPEAT))
        yield Harness(
            session,
            ear,
            *sources(real.prometheus.url, real.manager.url),
            lambda: exporter.show("pressure", {"west": "7"}),
            lambda: exporter.show("pressure", {"west": "0"}),
        )


async def test_what_fires_is_told_by_all_three_until_it_is_over(harness: Harness) -> None:
    assert await harness.asks(harness.prometheus) == AlertReading(())
    assert await harness.asks(harness.manager) == AlertReading(())
    before = datetime.now(UTC)
    await harness.begin()
    [alert] = await harness.sees(harness.prometheus, 1)
    assert (dict(alert.labels), alert.name) == (LABELS, "HighPressure")
    assert (alert.value, alert.summary, alert.silenced) == ("7", SUMMARY, False)
    assert before - timedelta(seconds=1) <= alert.since <= datetime.now(UTC)
    [same] = await harness.sees(harness.manager, 1)
    assert (same.fingerprint, same.summary) == (alert.fingerprint, SUMMARY)
    assert alert.since <= same.since <= datetime.now(UTC)
    sent, *again = await harness.ear.hears("firing", times=2)
    assert {letter(each) for each in again} == {letter(sent)}  # a repeat is nothing new
    assert labels(json.loads(sent)) == (alert.labels,)
    await harness.end()
    over, *_ = await harness.ear.hears("resolved")
    assert labels(json.loads(over)) == (alert.labels,)
    assert letter(over).key != letter(sent).key
    assert await harness.sees(harness.prometheus, 0) == ()
    assert await harness.sees(harness.manager, 0) == ()


async def test_a_source_that_is_not_there_has_not_said_that_nothing_fires(harness: Harness) -> None:
    for source in sources(*(f"http://127.0.0.1:{free_port()}" for _ in range(2))):
        told = await harness.asks(source)
        assert told == AlertReading(None, f"{source.name}: it cannot be reached (ClientConnectorError)")


async def test_nor_has_one_that_is_another(harness: Harness) -> None:
    turned = sources(harness.manager.url, harness.prometheus.url)
    for source in turned:
        told = await harness.asks(source)
        assert told.alerts is None
        assert told.why.startswith(f"{source.name}: it")
