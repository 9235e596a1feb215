"""A stand-in for Prometheus: it speaks the same HTTP API, and knows the series that a test gives it."""

from __future__ import annotations

import asyncio
import json
import re
from time import time
from typing import Any, Self

from aiohttp import web

Series = dict[str, str]  # the value of each series, by its label `place`
_PLAIN = re.compile(r"[a-z_]+")
_SCALAR = re.compile(r"scalar\(([a-z_]+)\)")


class PrometheusStandIn:
    """`async with PrometheusStandIn() as source`; a query is the name of a metric, or `scalar(name)`."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}
        self._answering = asyncio.Event()
        self._answering.set()
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/api/v1/query", self._query)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.thaw()
        await self._runner.cleanup()

    async def show(self, name: str, series: Series) -> None:
        """From now on the metric has these series and no other."""
        self._series[name] = series

    def freeze(self) -> None:
        """Connections are taken and nothing is answered."""
        self._answering.clear()

    def thaw(self) -> None:
        """It answers again."""
        self._answering.set()

    async def _query(self, request: web.Request) -> web.Response:
        await self._answering.wait()
        query = str((await request.post()).get("query", ""))
        scalar = _SCALAR.fullmatch(query)
        if scalar:
            values = list(self._series.get(scalar[1], {}).values())
            return _success("scalar", [time(), values[0] if len(values) == 1 else "NaN"])
        if not _PLAIN.fullmatch(query):
            wrong = {"status": "error", "errorType": "bad_data", "error": f"invalid parameter: {query}"}
            return web.json_response(wrong, status=400)
        vector = [
            {"metric": {"__name__": query, "place": place}, "value": [time(), value]}
            for place, value in self._series.get(query, {}).items()
        ]
        return _success("vector", vector)


def _success(kind: str, result: Any) -> web.Response:
    data = {"resultType": kind, "result": result}
    return web.Response(text=json.dumps({"status": "success", "data": data}), content_type="application/json")
