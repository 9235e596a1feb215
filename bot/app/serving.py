"""`slipway serve`: start, wait for a signal, stop in time."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Mapping

from bot.app.compose import build
from bot.app.logs import set_up
from bot.config.settings import Settings

log = logging.getLogger(__name__)


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
    log.info("listening on http://%s:%s", settings.host, port)
    try:
        await ended.wait()
    finally:
        log.info("stopping: what is under way is finished first")
        await app.stop()
        log.info("stopped")
