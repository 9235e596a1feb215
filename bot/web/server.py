"""The HTTP server: which address leads where, how it starts and how it stops."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import web

from bot.core.errors import Bug, UserError
from bot.core.ingress import Door, Tally
from bot.core.records import Source
from bot.web.doors import handler
from bot.web.health import Check, healthz, metrics, readyz
from bot.web.keyed import Keyed, keyed_handler
from bot.web.limits import ALERT_BYTES, SLACK_BYTES, WEBHOOK_BYTES, add_security_headers
from bot.web.wicket import Gate

SLACK_PATH = "/slack/events"
DRAIN_SECONDS = 5.0
BACKLOG = 128
DOORS: web.AppKey[dict[str, Door]] = web.AppKey("doors")


@dataclass(frozen=True)
class Served:
    """Everything that the server leads to."""

    tally: Tally
    slack: Door | None = None  # absent in Socket Mode
    webhooks: Mapping[Source, Door] = field(default_factory=dict)
    keyed: Mapping[Source, Keyed] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    pages: Sequence[web.RouteDef] = ()


def application(served: Served) -> web.Application:
    """The routes, not yet listening."""
    app = web.Application()
    app.on_response_prepare.append(add_security_headers)
    app[DOORS] = {f"/webhooks/{source}": door for source, door in served.webhooks.items()}
    for source, door in served.webhooks.items():
        app.router.add_post(f"/webhooks/{source}", handler(door, source, served.tally, WEBHOOK_BYTES))
    for source, behind in served.keyed.items():
        handle = keyed_handler(behind, source, served.tally, ALERT_BYTES)
        app.router.add_post(f"/webhooks/{source}/{{secret}}", handle)
    if served.slack is not None:
        app[DOORS][SLACK_PATH] = served.slack
        app.router.add_post(SLACK_PATH, handler(served.slack, Source.SLACK, served.tally, SLACK_BYTES))
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz(served.checks))
    app.router.add_get("/metrics", metrics(served.tally))
    app.router.add_routes(served.pages)
    return app


class Server:
    """Listens until it is stopped."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS)
        self._doors = app[DOORS]
        self._host = host
        self._port = port
        self._gate: Gate | None = None
        self._listener: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; answers with the port, which matters when any free one was asked for."""
        await self._runner.setup()
        if self._runner.server is None:
            raise Bug("aiohttp made no server")
        loop = asyncio.get_running_loop()
        self._gate = Gate(loop, self._doors, self._runner.server)
        try:
            self._listener = await loop.create_server(self._gate, self._host, self._port, backlog=BACKLOG)
        except OSError as error:
            await self._runner.cleanup()
            raise _cannot_listen(error, self._host, self._port) from error
        return int(self._listener.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no more connections, let requests that are under way finish."""
        if self._listener is not None:
            self._listener.close()
        if self._gate is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gate.close(), DRAIN_SECONDS)
        await self._runner.cleanup()


def _cannot_listen(error: OSError, host: str, port: int) -> UserError:
    what = f"Slipway cannot listen on {host}:{port}."
    if error.errno == errno.EADDRINUSE:
        return UserError(
            what, "Another program uses this port.", "Stop it, or set SLIPWAY_PORT to a free one."
        )
    if error.errno == errno.EACCES:
        return UserError(what, "Ports below 1024 need special rights.", "Set SLIPWAY_PORT to 1024 or more.")
    return UserError(what, error.strerror or str(error), "Set SLIPWAY_HOST to an address of this machine.")
