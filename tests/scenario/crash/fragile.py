"""The product as it is, with a switch in front of each of its ports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, cast

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app.compose import App
from bot.app.outside import Outside
from bot.config.catalog import load_catalog
from bot.config.settings import Settings
from bot.core.alerts import Alarms
from bot.core.chat_ports import Channels, Chat, FormOpener, HomeTabs
from bot.core.following_ports import RunReader
from bot.core.landing_ports import Landings
from bot.core.link_ports import Accounts
from bot.core.metrics import Metrics
from bot.core.ports import CiProvider, Clock, CodeHost, Directory, Doors, Pins, Provider
from bot.core.publishing_ports import ReleaseReader
from bot.core.redelivery import Deliveries
from bot.core.run_reports import Artifacts
from bot.core.steps import Step
from bot.core.tails import RunLogs
from bot.core.verify_ports import Probe
from bot.store.database import Database
from tests.scenario.crash.connections import Connections
from tests.scenario.crash.points import Moment, Target, calls_of
from tests.scenario.crash.switch import Switch

Targets = Mapping[str, Target]
Received = Callable[[Target], int]  # how many calls of this kind the other side has got

INTAKE: Targets = {"store": Step.STORE_RECEIPT}
STORE: Targets = {"register_workspace": Step.HOUSEKEEPING, "take_over": Step.HOUSEKEEPING}
INBOX: Targets = {
    "claim": Step.CLAIM_DELIVERY,
    "give_back": Step.GIVE_BACK_DELIVERY,
    "bury": Step.GIVE_BACK_DELIVERY,
}
WORK: Targets = {
    "claim": Step.CLAIM_WORK,
    "keep": Step.KEEP_WORK,
    "requeue": Step.FINISH_WORK,
    "want": Step.WANT_LOOK,
}
OUTBOX: Targets = {
    "claim": Step.CLAIM_EFFECT,
    "mark_posting": Step.MARK_POSTING,
    "delivered": Step.FINISH_EFFECT,
    "retry": Step.RETRY_EFFECT,
    "bury": Step.RETRY_EFFECT,
}
_STEP: ContextVar[Step | None] = ContextVar("step", default=None)
_WROTE = "wrote"


class Watched:
    """Stands in front of a port; what is not watched goes straight through."""

    def __init__(self, port: object, switch: Switch, targets: Targets, received: Received) -> None:
        self._port, self._switch, self._targets, self._received = port, switch, targets, received

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)
        target = self._targets.get(name)
        if target is None:
            return real
        return self._commit(target, real) if isinstance(target, Step) else self._call(target, real)

    def _call(self, target: Target, real: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any, **more: Any) -> Any:
            await self._switch.reach(target, Moment.BEFORE)
            if self._switch.waits_for(target, Moment.DURING):
                work = real(*args, **more)
                return await self._switch.while_it_runs(target, work, lambda: self._received(target))
            result = await real(*args, **more)
            await self._switch.reach(target, Moment.AFTER)
            return result

        return call

    def _commit(self, step: Step, real: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        """A commit by itself. One that found nothing to do has written nothing, and is none."""

        async def commit(*args: Any, **more: Any) -> Any:
            token = _STEP.set(step)
            try:
                if step is Step.STORE_RECEIPT:  # it has a thread and a connection of its own
                    await self._switch.reach(step, Moment.BEFORE)
                result = await real(*args, **more)
            finally:
                _STEP.reset(token)
            if result or not real.__name__.startswith("claim"):
                await self._switch.reach(step, Moment.AFTER)
            return result

        return commit


class WatchedUnits:
    """Units of work that can die right before their commit and right after it."""

    def __init__(self, units: Any, switch: Switch) -> None:
        self._units, self._switch = units, switch

    @asynccontextmanager
    async def begin(self, workspace: str, step: Step, **more: Any) -> AsyncIterator[Any]:
        token = _STEP.set(step)
        try:
            async with self._units.begin(workspace, step, **more) as unit:
                yield unit
        finally:
            _STEP.reset(token)
        await self._switch.reach(step, Moment.AFTER)


def watch_commits(database: Database, switch: Switch) -> None:
    """Stop at the end of each transaction, when all is written and nothing is committed."""
    real = database.write
    writer = database._writer.sync_engine

    @event.listens_for(writer, "after_cursor_execute")
    def note(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        connection.info[_WROTE] = connection.info.get(_WROTE) or not statement.startswith(("SELECT", "BEGIN"))

    @asynccontextmanager
    async def write() -> AsyncIterator[AsyncConnection]:
        async with real() as connection:
            (await connection.get_raw_connection()).info[_WROTE] = False
            yield connection
            wrote = (await connection.get_raw_connection()).info[_WROTE]
            step = _STEP.get()
            if step is not None and wrote:
                await switch.reach(step, Moment.BEFORE)

    setattr(database, "write", write)  # noqa: B010 - a method, on purpose


class FragileApp(App):
    """Dies where its switch says."""

    def __init__(
        self, settings: Settings, clock: Clock, switch: Switch, at_slack: Received, at_github: Received
    ) -> None:
        super().__init__(settings, load_catalog(settings.config), clock, own_time=True)
        self._switch, self._at_slack, self._at_github = switch, at_slack, at_github
        store = self.store
        database = store.database
        watch_commits(database, switch)
        self.connections = Connections(database._writer, database._reader)
        store.units = cast(Any, WatchedUnits(store.units, switch))
        store.work = self._watched(store.work, WORK, at_github)
        store.outbox = self._watched(store.outbox, OUTBOX, at_slack)
        self.store = self._watched(store, STORE, at_slack)
        self.intake = self._watched(self.intake, INTAKE, at_slack)
        self._inbox = self._watched(self._inbox, INBOX, at_slack)

    def _outside(self, *parts: Any) -> Outside:
        real = super()._outside(*parts)
        slack, github = self._at_slack, self._at_github
        return Outside(
            {name: self._provider(each, github) for name, each in real.providers.items()},
            self._watched(real.chat, calls_of(Chat), slack),
            self._watched(real.opener, calls_of(FormOpener), slack),
            self._watched(real.directory, calls_of(Directory), slack),
            self._watched(real.channels, calls_of(Channels), slack),
            self._watched(real.tabs, calls_of(HomeTabs), slack),
            self._watched(real.probe, calls_of(Probe), github),
            self._watched(real.metrics, calls_of(Metrics), github),
            self._watched(real.alarms, calls_of(Alarms), github),
            {name: self._watched(each, calls_of(Accounts), github) for name, each in real.accounts.items()},
        )

    def _provider(self, real: Provider, received: Received) -> Provider:
        return Provider(
            self._watched(real.code, calls_of(CodeHost), received),
            self._watched(real.pins, calls_of(Pins), received),
            self._watched(real.ci, calls_of(CiProvider), received),
            self._watched(real.doors, calls_of(Doors), received),
            real.landings and self._watched(real.landings, calls_of(Landings), received),
            real.runs and self._watched(real.runs, calls_of(RunReader), received),
            real.deliveries and self._watched(real.deliveries, calls_of(Deliveries), received),
            real.artifacts and self._watched(real.artifacts, calls_of(Artifacts), received),
            real.releases and self._watched(real.releases, calls_of(ReleaseReader), received),
            real.logs and self._watched(real.logs, calls_of(RunLogs), received),
        )

    def _watched(self, port: object, targets: Targets, received: Received) -> Any:
        return Watched(port, self._switch, targets, received)
