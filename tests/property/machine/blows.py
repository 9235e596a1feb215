"""What can hit a process in the middle of a look, and the ports and units in which it happens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.core.ports import Provider, Units
from bot.core.steps import Step


class Died(BaseException):
    """The process is gone; nothing catches this but whoever starts the next one."""


class Blow(StrEnum):
    """What happens at the chosen moment."""

    DEATH = "death"  # also right before a commit
    PAUSE = "pause"  # so long that somebody else takes over; then it goes on as if nothing were
    MEANWHILE = "meanwhile"  # a person decides something


@dataclass
class Fate:
    """The blow that waits, and after how many moments it falls."""

    blow: Blow | None = None
    moments: int = 0
    act: Callable[[], Awaitable[None]] | None = None
    fell: bool = False

    def expect(self, blow: Blow, moments: int, act: Callable[[], Awaitable[None]] | None = None) -> None:
        """From now on."""
        self.blow, self.moments, self.act, self.fell = blow, moments, act, False

    def forget(self) -> None:
        """What has not fallen by now does not fall."""
        self.blow = None

    async def before_commit(self) -> None:
        """All is written; only a death is possible here, as the database is held."""
        if self.blow is Blow.DEATH and self._now():
            raise Died

    async def outside(self) -> None:
        """Between two transactions, or around a call."""
        blow, act = self.blow, self.act
        if blow is None or not self._now():
            return
        if blow is Blow.DEATH:
            raise Died
        assert act is not None
        await act()

    def _now(self) -> bool:
        self.moments -= 1
        if self.moments >= 0:
            return False
        self.blow, self.fell = None, True
        return True


class FatefulUnits:
    """Units of work in which a blow can fall before and after the commit."""

    def __init__(self, units: Units, fate: Fate) -> None:
        self._units, self._fate = units, fate

    @asynccontextmanager
    async def begin(self, workspace: str, step: Step, **more: Any) -> AsyncIterator[Any]:
        async with self._units.begin(workspace, step, **more) as unit:
            yield unit
            await self._fate.before_commit()
        await self._fate.outside()


class FatefulPort:
    """A port on whose calls a blow can fall, before them and after them."""

    def __init__(self, port: object, fate: Fate) -> None:
        self._port, self._fate = port, fate

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._port, name)

        async def call(*args: Any, **more: Any) -> Any:
            await self._fate.outside()
            result = await real(*args, **more)
            await self._fate.outside()
            return result

        return call


def fateful(provider: Provider, fate: Fate) -> Provider:
    """All of its ports."""
    ports = (provider.code, provider.pins, provider.ci, provider.doors)
    parts: list[Any] = [FatefulPort(each, fate) for each in ports]
    return Provider(*parts)
