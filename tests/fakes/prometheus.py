"""Stand-ins for Prometheus and Alertmanager: the same HTTP APIs over what a test gives them."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import datetime
from hashlib import sha256
from time import time
from typing import Any, Self

from aiohttp import ClientSession, web

NEVER = "0001-01-01T00:00:00Z"
Series = dict[str, str]  # the value of each series, by its label `place`
_PLAIN = re.compile(r"[a-z_]+")
_SCALAR = re.compile(r"scalar\(([a-z_]+)\)")


class PrometheusStandIn:
    """`async with PrometheusStandIn() as source`; a query is the name of a metric, or `scalar(name)`."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}
        self._answering = asyncio.Event()
        self._answering.set()
        self.alerts: list[dict[str, Any]] = []  # as it tells them
        self.asked = 0  # for its alerts
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/api/v1/query", self._query)
        app.router.add_get("/api/v1/alerts", self._alerts)
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

    async def freeze(self) -> None:
        """Connections are taken and nothing is answered."""
        self._answering.clear()

    def thaw(self) -> None:
        """It answers again."""
        self._answering.set()

    def fires(self, since: datetime, value: str, summary: str, **labels: str) -> None:
        """A rule of its own has been true for long enough."""
        said = {"labels": labels, "annotations": {"summary": summary}, "state": "firing"}
        self.alerts.append(said | {"activeAt": since.isoformat(), "value": value})

    async def _alerts(self, _: web.Request) -> web.Response:
        await self._answering.wait()
        self.asked += 1
        return web.json_response({"status": "success", "data": {"alerts": self.alerts}})

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


class AlertmanagerStandIn:
    """`async with AlertmanagerStandIn(hook) as manager`: it sends to the hook when a test says so."""

    def __init__(self, hook: str) -> None:
        self._hook = hook
        self.alerts: list[dict[str, Any]] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/api/v2/alerts", self._tell)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def fires(self, since: datetime, summary: str, **labels: str) -> None:
        """A Prometheus told it so."""
        print = sha256(repr(sorted(labels.items())).encode()).hexdigest()[:16]
        told = {"labels": labels, "annotations": {"summary": summary}, "startsAt": since.isoformat()}
        status = {"state": "active", "silencedBy": [], "inhibitedBy": []}
        self.alerts.append(told | {"fingerprint": print, "status": status, "endsAt": NEVER})

    async def sends(self, ended: datetime | None = None) -> int:
        """One delivery with all of them; with an end they are over and forgotten. How it was answered."""
        status, ends = ("resolved", ended.isoformat()) if ended else ("firing", NEVER)
        alerts = [each | {"status": status, "endsAt": ends} for each in self.alerts]
        payload = {
            "version": "4",
            "groupKey": "{}:{}",
            "status": status,
            "receiver": "slipway",
            "alerts": alerts,
        }
        self.alerts = [] if ended else self.alerts
        async with ClientSession() as session, session.post(self._hook, json=payload) as answer:
            return answer.status

    async def _tell(self, _: web.Request) -> web.Response:
        return web.json_response(self.alerts)
