"""APScheduler as the metronome: it only says that it is time; what is done is idempotent."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.core.errors import Transient
from bot.engine.freezes import tell_of_freezes
from bot.engine.routines import take_turns
from bot.engine.world import World, work_key

log = logging.getLogger(__name__)

RESYNC_SECONDS = 60
CLEAN_UP_SECONDS = 3600
GRACE_SECONDS = 30

Chore = Callable[[], Awaitable[int]]


class Metronome:
    """Looks at everything that may move once a minute, so that a lost hint only costs time."""

    def __init__(
        self,
        world: World,
        chores: Sequence[Chore] = (),
        leavers: Chore | None = None,
        digests: Chore | None = None,
    ) -> None:
        self._world = world
        self._chores = chores
        self._leavers = leavers
        self._digests = digests
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin to tick."""
        self._every(RESYNC_SECONDS, self.resync)
        self._every(RESYNC_SECONDS, self.measure)
        self._every(CLEAN_UP_SECONDS, self.clean_up)
        self._every(CLEAN_UP_SECONDS, self.look_for_leavers)
        self._at_full_minutes(self.post_digests)
        self._at_full_minutes(self.tell_of_freezes)
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _every(self, seconds: int, job: Callable[[], Awaitable[None]]) -> None:
        self._scheduler.add_job(
            job, "interval", seconds=seconds, misfire_grace_time=GRACE_SECONDS, coalesce=True, max_instances=1
        )

    def _at_full_minutes(self, job: Callable[[], Awaitable[None]]) -> None:
        self._scheduler.add_job(
            job, "cron", second=0, misfire_grace_time=GRACE_SECONDS, coalesce=True, max_instances=1
        )

    async def clean_up(self) -> None:
        """Forget what was kept long enough."""
        try:
            forgotten = sum([await chore() for chore in self._chores])
        except Transient as error:
            log.warning("the clean-up comes an hour later: %s", error.why)
        else:
            log.info("%s old rows were forgotten", forgotten)

    async def look_for_leavers(self) -> None:
        """Whether somebody left without our being told."""
        try:
            left = await self._leavers() if self._leavers is not None else 0
        except Transient as error:
            log.warning("who left is looked for an hour later: %s", error.why)
        else:
            log.info("%s people were found to have left", left)

    async def measure(self) -> None:
        """Whose turn it is among the verifications on a schedule."""
        try:
            await take_turns(self._world)
        except Transient as error:
            log.warning("the verifications on a schedule come a minute later: %s", error.why)

    async def post_digests(self) -> None:
        """At each full minute: what is due, and what the minutes before left over."""
        try:
            posted = await self._digests() if self._digests is not None else 0
        except Transient as error:
            log.warning("digests come a minute later: %s", error.why)
        else:
            log.debug("%s digests were posted", posted)

    async def tell_of_freezes(self) -> None:
        """At each full minute: which places are frozen now, and which no longer."""
        try:
            told = await tell_of_freezes(self._world)
        except Transient as error:
            log.warning("what began or ended of freezes is told a minute later: %s", error.why)
        else:
            log.debug("%s places were told to be frozen or no longer", told)

    async def resync(self) -> None:
        """Want another look at every deployment that may move, of every workspace."""
        try:
            for workspace in await self._world.watch.workspaces():
                for id in await self._world.watch.open_deployments(workspace):
                    await self._world.queue.want(workspace, work_key(id))
        except Transient as error:
            log.warning("the resync comes a minute later: %s", error.why)
