"""What all contestants have in common: one loop, one port, and an end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

from aiohttp import web

Start = Callable[[AsyncExitStack], Awaitable[int]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def perform(start: Start) -> None:
    """Print the port it listens on and serve until standard input ends."""
    asyncio.run(_perform(start))


async def _perform(start: Start) -> None:
    async with AsyncExitStack() as around:
        sys.stdout.write(f"{await start(around)}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


async def serve(routes: Mapping[str, Handler], around: AsyncExitStack) -> int:
    """An aiohttp application with nothing but these routes."""
    app = web.Application()
    for path, handler in routes.items():
        app.router.add_post(path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    around.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return int(runner.addresses[0][1])
