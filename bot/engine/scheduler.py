"""APScheduler as the metronome: it only says that it is time; what is done is idempotent."""

from __future__ import annotations

import logging

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.core.errors import Transient
from bot.engine.world import World, work_key

log = logging.getLogger(__name__)

RESYNC_SECONDS = 60
GRACE_SECONDS = 30


class Metronome:
    """Looks at everything that is open once a minute, so that a lost hint only costs time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.add_job(
            self.resync,
            "interval",
            seconds=RESYNC_SECONDS,
            misfire_grace_time=GRACE_SECONDS,
            coalesce=True,
            max_instances=1,
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def resync(self) -> None:
        """Want another look at every open deployment of every workspace."""
        try:
            for workspace in await self._world.watch.workspaces():
                for id in await self._world.watch.open_deployments(workspace):
                    await self._world.queue.want(workspace, work_key(id))
        except Transient as error:
            log.warning("the resync comes a minute later: %s", error.why)
