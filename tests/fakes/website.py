"""A service that is deployed: it answers at /health as a test wants it to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self

from aiohttp import web

Says = Callable[[int], web.Response]  # by the number of the request, from 1


def fine(_: int) -> web.Response:
    """As it should be."""
    return web.Response(text="ok")


def broken(_: int) -> web.Response:
    """It stumbles."""
    return web.Response(status=503)


class Website:
    """`async with Website() as site`; what it says is changed at any time."""

    def __init__(self) -> None:
        self.says: Says = fine
        self.asked = 0
        self.stuck = False
        self._goes_on = asyncio.Event()
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/health", self._health)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._goes_on.set()
        await self._runner.cleanup()

    async def goes_down(self) -> None:
        """Nobody listens any more."""
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}/health"

    async def _health(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.stuck:
            await self._goes_on.wait()
        return self.says(self.asked)
