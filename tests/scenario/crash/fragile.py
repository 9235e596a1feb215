"""The product as it is, with a switch in front of each of its ports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.app.compose import App, Outside
from bot.config.catalog import load_catalog
from bot.config.settings import Settings
from bot.core.ports import Chat, Clock, CodeHost, CiProvider, Directory, FormOpener, Pins, Provider, UnitOfWork
from bot.core.steps import Step
from bot.store.inbox import SqlInbox
from bot.store.intake import GroupIntake
from bot.store.outbox import SqlOutbox
from bot.store.store import Store
from bot.store.units import SqlUnits
from bot.store.work import SqlWorkQueue
from tests.scenario.crash.points import Moment, Target, calls_of
from tests.scenario.crash.switch import Switch

INTAKE: Mapping[str, Target] = {"store": Step.STORE_RECEIPT}
STORE: Mapping[str, Target] = {"register_workspace": Step.HOUSEKEEPING, "take_over": Step.HOUSEKEEPING}
INBOX: Mapping[str, Target] = {"claim": Step.CLAIM_DELIVERY, "give_back": Step.GIVE_BACK_DELIVERY}
WORK: Mapping[str, Target] = {
    "claim": Step.CLAIM_WORK,
    "requeue": Step.FINISH_WORK,
    "want": Step.WANT_LOOK,
}
OUTBOX: Mapping[str, Target] = {
    "claim": Step.CLAIM_EFFECT,
    "mark_posting": Step.MARK_POSTING,
    "delivered": Step.FINISH_EFFECT,
    "retry": Step.RETRY_EFFECT,
}
CLAIMS = frozenset({Step.CLAIM_DELIVERY, Step.CLAIM_WORK, Step.CLAIM_EFFECT})


class Watched:
    """Stands in front of a port; what is not watched goes straight through."""

    def __init__(
        self, port: object, switch: Switch, targets: Mapping[str, Target], received: Callable[[], int]
    ) -> None:
        self._port, self._switch, self._targets, self._received = port, switch, targets, received

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)
        target = self._targets.get(name)
        return real if target is None else self._around(target, real)

    def _around(self, target: Target, real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def around(*args: Any, **more: Any) -> Any:
            switch = self._switch
            if target not in CLAIMS:
                await switch.reach(target, Moment.BEFORE)
            if switch.waits_for(target, Moment.DURING):
                result = await switch.while_it_runs(target, cast(Any, real(*args, **more)), self._received)
            else:
                result = await real(*args, **more)
            if target not in CLAIMS or result:
                await switch.reach(target, Moment.AFTER)
            return result

        return around
