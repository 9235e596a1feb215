"""The queues: what waits to be looked at, to be understood and to be shown, and what takes it in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.effects import Posted, Tell
from bot.core.records import Delivery, Lane, Lease, Parcel, Receipt, Stored


class WorkQueue(Protocol):
    """Keys under lease, across replicas. Queues take and tell delays: only the store knows its own time."""

    async def claim(self, limit: int) -> tuple[Lease, ...]: ...

    async def keep(self, lease: Lease) -> None:
        """Extend it while the work takes long; LeaseLost when somebody else has taken it over."""
        ...

    async def requeue(self, lease: Lease, after: timedelta | None) -> None:
        """Give the key back: look again after so long, or only when somebody wants it."""
        ...

    async def want(self, workspace: str, key: str) -> None: ...

    async def next_due(self) -> timedelta | None:
        """How long until there is something to claim; negative when it has been waiting."""
        ...


class Inbox(Protocol):
    """Stored receipts that wait for a worker."""

    async def next_due(self) -> timedelta | None:
        """How long until there is something to claim; negative when it has been waiting."""
        ...

    async def claim(self, lanes: Sequence[Lane], limit: int) -> tuple[Delivery, ...]:
        """What waits, the oldest first; nothing of a lane while one before it has more."""
        ...

    async def give_back(self, delivery: Delivery, after: timedelta, why: str) -> None:
        """Somebody may take it again after so long."""
        ...

    async def bury(self, delivery: Delivery, why: str) -> None:
        """It failed too often; keep it for the operators."""
        ...


class Outbox(Protocol):
    """Effects that wait for the messenger; for each card in order, and only its newest state."""

    async def next_due(self) -> timedelta | None:
        """How long until there is something to claim; negative when it has been waiting."""
        ...

    async def claim(self, limit: int) -> tuple[Parcel, ...]: ...

    async def mark_posting(self, parcel: Parcel) -> Parcel | None:
        """Write down, before the call, that it may happen; the first such mark stays.

        None when its channel was told enough in this minute: a summary says it when the minute is over.
        """
        ...

    async def hold_back(self, parcel: Parcel, until: datetime) -> None:
        """Its person has quiet hours until then: one message after them says what came."""
        ...

    async def delivered(self, parcel: Parcel, posted: Posted | None) -> None: ...

    async def retry(self, parcel: Parcel, after: timedelta, why: str, *, maybe_posted: bool) -> None:
        """Once more after so long; `maybe_posted` keeps the mark, so that the next try looks first."""
        ...

    async def bury(self, parcel: Parcel, why: str, tell: Tell | None = None, once: str = "") -> None:
        """Give it up. `tell` is put into the outbox in its stead, once for each parcel or under this name."""
        ...


class Intake(Protocol):
    """The only thing between a request and its 200."""

    async def store(self, receipt: Receipt) -> Stored:
        """Commit it to disk; many receipts share one commit."""
        ...
