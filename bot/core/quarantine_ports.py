"""The store's ports for quarantined releases."""

from __future__ import annotations

from typing import Protocol

from bot.core.locks import Scope
from bot.core.quarantine import Fix, Quarantine
from bot.core.values import Actor, Sha


class Quarantines(Protocol):
    """Inside a unit of work."""

    async def held(self) -> tuple[Quarantine, ...]:
        """All that were not lifted, the oldest first."""
        ...

    async def put(self, scope: Scope, sha: Sha, ref: str, by: Actor, reason: str) -> Quarantine:
        """The quarantine of this release in this very scope after the try: an earlier one stays as it is."""
        ...

    async def lift(self, quarantine: Quarantine) -> bool:
        """False when it is no more, or another one by now."""
        ...

    async def mend(self, quarantine: Quarantine, fix: Fix) -> bool:
        """Keep that this release contains the fix, as it was said first; False when it is lifted by now."""
        ...

    async def hold_still(self) -> None:
        """Until the end of this unit of work nobody puts one or lifts one."""
        ...


class HeldQuarantines(Protocol):
    """As commands and gates read them, outside any unit of work."""

    async def held(self, workspace: str) -> tuple[Quarantine, ...]:
        """All that were not lifted, the oldest first."""
        ...
