"""`slipway serve`: start, wait for a signal, stop in time."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Mapping

from bot.app import starting
from bot.app.compose import App, build
from bot.app.logs import set_up
from bot.config.settings import Settings

log = logging.getLogger(__name__)

STOP_SECONDS = 9.0


async def serve(environ: Mapping[str, str]) -> None:
    """Until SIGTERM or SIGINT; SIGHUP reads the catalog again."""
    settings = Settings.load(environ)
    set_up(settings)
    app = build(settings)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    loop.add_signal_handler(signal.SIGHUP, app.reload)
    port = await app.start()
    starting.ended()
    log.info("listening on http://%s:%s", settings.host, port)
    try:
        await ended.wait()
    finally:
        await _stop(app)


async def _stop(app: App) -> None:
    """What is under way is finished first, within the time that whoever stopped us gives."""
    log.info("stopping: what is under way is finished first")
    stopping = asyncio.create_task(app.stop())
    await asyncio.wait({stopping}, timeout=STOP_SECONDS)
    if not stopping.done():
        log.warning("a call did not end in time; what came of it is looked for at the next start")
        logging.shutdown()
        os._exit(0)  # a thread that waits for an answer can't be ended, and Python would wait for it
    await stopping
    log.info("stopped")
