"""What an answer of Prometheus is worth: one finite number, or why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.core.metrics import MetricReading
from bot.core.rules import MetricSource
from integrations.prometheus.calls import MOST, NoAnswer
from integrations.prometheus.metrics import PrometheusMetrics, reading


def success(kind: str, result: Any, **more: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": kind, "result": result}, **more}


def one(value: Any, at: Any = 1435781451.781) -> dict[str, Any]:
    return success("vector", [{"metric": {}, "value": [at, value]}])


@pytest.mark.parametrize("text", ["0", "0.05", "-3", "1e+06", "5e-324", "1.7976931348623157e+308"])
def test_every_float_is_a_value(text: str) -> None:
    assert reading(one(text)).value == Decimal(text)
    assert reading(success("scalar", [1, text])).value == Decimal(text)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (one("NaN"), "NaN"),
        (one("+Inf"), "Inf"),
        (one("-Inf"), "Inf"),
        (one("many"), "cannot be read"),
        (one(""), "cannot be read"),
        (one("٣"), "cannot be read"),
        (one("1e999999"), "cannot be read"),
        (one("1" * 65), "cannot be read"),
        (one(0.05), "cannot be read"),
        (one(None), "cannot be read"),
        (success("vector", []), "matches no series"),
        (success("vector", [{}, {}]), "matches 2 series"),
        (success("vector", [None]), "cannot be read"),
        (success("vector", None), "no single number"),
        (success("matrix", [{"metric": {}, "values": [[1, "1"]]}]), "no single number"),
        (success("string", [1, "0.05"]), "no single number"),
        (success("scalar", [1]), "cannot be read"),
        (one("0.01") | {"warnings": ["remote read: timeout"]}, "may not be whole"),
        ({"status": "error", "error": "query timed\nout"}, "could not answer the query: query timed out"),
        ({"status": "success", "data": None}, "no single number"),
        ({"status": "success"}, "no single number"),
        ([], "could not answer"),
        (None, "could not answer"),
    ],
)
def test_anything_else_is_none(answer: object, why: str) -> None:
    with pytest.raises(NoAnswer, match=why):
        reading(answer)


@pytest.mark.parametrize("at", [None, "now", 1e300, float("nan"), [], {}])
def test_an_odd_moment_costs_no_value(at: object) -> None:
    assert reading(one("0.05", at)) == MetricReading(Decimal("0.05"))


@asynccontextmanager
async def serving(**answer: Any) -> AsyncIterator[tuple[MetricSource, list[str]]]:
    """A source that always answers so, and what it was asked."""
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path}")
        return web.Response(**answer)

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield MetricSource("main", f"http://{host}:{port}/prometheus/"), asked
    await runner.cleanup()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 302, "headers": {"Location": "/elsewhere"}}, "leads elsewhere and is not followed"),
        ({"status": 307, "headers": {"Location": "/elsewhere"}}, "leads elsewhere and is not followed"),
        ({"status": 503, "text": "<h1>Bad gateway</h1>"}, "it answered with error 503"),
        ({"status": 401, "text": ""}, "it answered with error 401"),
        (
            {"status": 422, "text": '{"status": "error", "error": "too many samples"}'},
            "422: too many samples",
        ),
        ({"text": "<html>Sign in</html>"}, "no JSON"),
        ({"text": "[" * 100_000}, "no JSON"),
        ({"text": " " * (MOST + 1)}, "more than 1024 KiB"),
    ],
)
async def test_trouble_is_a_reading_without_a_value(answer: dict[str, Any], why: str) -> None:
    async with serving(**answer) as (source, asked), aiohttp.ClientSession() as session:
        told = await PrometheusMetrics(session).instant(source, "up")
    assert told.value is None
    assert told.why.startswith("main: ")
    assert why in told.why
    assert asked == ["POST /prometheus/api/v1/query"]
