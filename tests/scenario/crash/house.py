"""A house whose bot can be killed and started again, as often as one likes."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, partial
from pathlib import Path

from sqlalchemy import func, select

from bot.config.settings import Settings
from bot.core.values import DeploymentId
from bot.engine.world import work_key
from bot.playground.control import Control
from bot.playground.github.git import TAGS
from bot.playground.github.names import Trigger, Where
from bot.playground.slack.seed import TEAM
from bot.store.database import LEASE
from bot.store.store import Store
from bot.store.tables import inbox, leases, outbox, slots
from tests.scenario.crash.fragile import FragileApp
from tests.scenario.crash.points import Call, Point, Target
from tests.scenario.crash.switch import Life, Switch, watch_tasks
from tests.scenario.house import CATALOG, PATIENCE, House

OURS = f"{TAGS}slipway/"
JOURNAL: Mapping[Target, tuple[str, ...]] = {
    Call("Pins", "create"): (Where.REF_CREATE,),
    Call("Pins", "delete"): (Where.REF_DELETE,),
    Call("CiProvider", "trigger"): (Where.DISPATCH, Where.REF_CREATE),
    Call("CiProvider", "cancel"): (Where.RUN_CANCEL,),
    Call("Chat", "post"): ("chat.postMessage",),
    Call("Chat", "edit"): ("chat.update",),
    Call("Chat", "whisper"): ("response_url",),
    Call("FormOpener", "open_form"): ("views.open",),
}


def received(control: Control, target: Target) -> int:
    """The calls that this one makes at a stand-in, so far; of those that only read, any."""
    where = JOURNAL.get(target)
    return len(control.journal) if where is None else sum(len(control.calls(each)) for each in where)


@cache
def spare_what_stays() -> None:
    """What the first house loaded stays for all; no later collection need look at it again."""
    gc.freeze()


class FragileHouse(House):
    """`await house.dies()` waits for the switch; `await house.start_bot()` begins the next life."""

    def __init__(self, database_url: str, *, factor: float = 30.0, catalog: Path = CATALOG) -> None:
        super().__init__(database_url, factor=factor, catalog=catalog)
        self.switch = Switch()
        self._eye = Store(database_url, self.clock, owner="the test", database_time=False)

    @property
    def record(self) -> Store:
        """By connections of the test's own: those of the bot are taken away when it dies."""
        return self._eye

    async def start_bot(self) -> None:
        """Begin a life, which may end before the start is over."""
        watch_tasks(asyncio.get_running_loop())
        environ = self.play.environment() | {
            "DATABASE_URL": self._database_url,
            "SLIPWAY_CONFIG": str(self._catalog),
            "SLIPWAY_PORT": str(self._port),
        }
        at_slack = partial(received, self.play.slack.control)
        at_github = partial(received, self.play.github.control)
        app = FragileApp(Settings.load(environ), self.clock, self.switch, at_slack, at_github)
        self._app, self.connections = app, app.connections
        self.switch.life = life = Life()
        starting = life.begin(app.start())
        try:
            await starting
        except asyncio.CancelledError:
            if not life.ended.is_set():
                raise

    async def __aexit__(self, *error: object) -> None:
        await super().__aexit__(*error)
        await self._eye.close()
        gc.collect()  # what the dead left open is closed within the test that killed them
        spare_what_stays()

    async def dies(self) -> None:
        """Wait for the strike; then everything the process held is let go of, as the system does it."""
        life = self.switch.life
        assert life is not None
        try:
            async with asyncio.timeout(PATIENCE):
                await life.ended.wait()
        except TimeoutError:
            seen = {str(Point(*each)): often for each, often in self.switch.passed.items()}
            raise AssertionError(f"it never came to that point, only to {seen}") from None
        await life.over()
        with suppress(asyncio.CancelledError):
            await self.app.stop()
        await self.connections.close()

    async def lives_on(self) -> None:
        """Another process begins; the leases of the dead one have run out by then."""
        if not self.app.store.database.sqlite:
            self.clock.leap(LEASE.total_seconds() + 1)
        await self.start_bot()

    async def remains(self) -> dict[str, int]:
        """What must not be left over when all is quiet: slots, and whatever was given up."""
        async with self.app.store.database.read() as connection:
            counts = {
                "slots": select(func.count()).select_from(slots),
                "buried deliveries": select(func.count()).where(inbox.c.dead_at.is_not(None)),
                "buried effects": select(func.count()).where(outbox.c.dead_at.is_not(None)),
                "effects in the air": select(func.count()).where(outbox.c.posting_since.is_not(None)),
                "leased deliveries": select(func.count()).where(inbox.c.until.is_not(None)),
                "leased effects": select(func.count()).where(outbox.c.until.is_not(None)),
            }
            return {
                name: count
                for name, query in counts.items()
                if (count := (await connection.execute(query)).scalar_one())
            }

    def pushes(self) -> list[str]:
        """Each time that it asked for a tag that starts a pipeline, also in vain; pins start none."""
        asked = [json.loads(each.body)["ref"] for each in self.play.github.control.calls(Where.REF_CREATE)]
        return [name for name in asked if not name.startswith(OURS)]

    def started_by_tags(self, repository: str) -> list[str]:
        """For each run that the push of a tag started, the tag, if it is still there."""
        found = self.play.github.world.repository(repository)
        assert found is not None
        tags = [run.ref for run in found.runs.values() if run.trigger is Trigger.PUSH]
        return [name for name in tags if name.startswith(TAGS) and name in found.git.refs]

    async def fence(self) -> int:
        """How often the one deployment was claimed."""
        mine = select(leases.c.fence).where(leases.c.key.startswith(work_key(DeploymentId(""))))
        async with self.app.store.database.read() as connection:
            return int((await connection.execute(mine)).scalar_one())

    async def audit_holds(self) -> bool:
        """Whether the chain verifies, and is not empty."""
        report = await self.app.store.audit.verify(TEAM)
        return report.broken_at is None and report.records > 0
