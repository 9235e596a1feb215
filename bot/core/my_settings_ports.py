"""The store's ports for what each person chose."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from bot.core.my_settings import USUAL, MySettings


class MySettingsBook(Protocol):
    """Inside a unit of work."""

    async def of(self, person: str, *, to_change: bool = False) -> MySettings:
        """The usual ones, as long as they chose nothing. What is to be changed stays so until the commit."""
        ...

    async def put(self, person: str, settings: MySettings) -> None:
        """From now on."""
        ...

    async def forget(self, person: str) -> None:
        """They left."""
        ...


class HeldSettings(Protocol):
    """Outside any unit of work."""

    async def settings(self, workspace: str, people: Collection[str]) -> Mapping[str, MySettings]:
        """Of each of these."""
        ...


class NobodyChose:
    """Where there is nothing to choose."""

    async def settings(self, workspace: str, people: Collection[str]) -> Mapping[str, MySettings]:  # noqa: ARG002
        """The usual ones."""
        return dict.fromkeys(people, USUAL)
