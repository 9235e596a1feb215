"""Queues in memory for the workers' tests: what they hold, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.core.effects import Effect, Posted, ShowCard, Tell
from bot.core.errors import NeedsHuman, UserError
from bot.core.queue_ports import Outbox
from bot.core.records import Delivery, Lane, Lease, Parcel, Receipt, Source
from bot.core.text import line
from bot.core.values import DeploymentId
from tests.fakes.samples import NOON, TEAM


class StillClock:
    """Stands still; a sleep moves it on."""

    def __init__(self) -> None:
        self.time = NOON
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Bell:
    """A worker's `wake`: rings so often; then it says that nothing is left to do, and lets it wait."""

    def __init__(self, rings: int = 0) -> None:
        self.rings = rings
        self.idle = asyncio.Event()
        self.waits: list[float] = []

    async def __call__(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.rings -= 1
        if self.rings >= 0:
            return True
        self.idle.set()
        return await asyncio.Event().wait()


def lease(key: str = "k") -> Lease:
    """A lease of ours."""
    return Lease(TEAM, key, 1, "us")


def delivery(
    id: str = "d1",
    lane: Lane = Lane.INTERACTIVE,
    attempts: int = 1,
    body: bytes = b"{}",
    kind: str = "command",
) -> Delivery:
    """A receipt of Slack's, leased to us."""
    receipt = Receipt(TEAM, Source.SLACK, lane, kind, f"key-{id}", f"sig-{id}", body)
    return Delivery(id, receipt, NOON, attempts, lease(id))


@dataclass
class FakeInbox:
    """The port Inbox."""

    waiting: list[Delivery] = field(default_factory=list)
    given_back: list[tuple[str, timedelta, str]] = field(default_factory=list)
    buried: list[tuple[str, str]] = field(default_factory=list)
    claim_fails: list[Exception] = field(default_factory=list)
    return_fails: Exception | None = None

    async def claim(self, lanes: Sequence[Lane], limit: int) -> tuple[Delivery, ...]:
        if self.claim_fails:
            raise self.claim_fails.pop(0)
        found = [each for lane in lanes for each in self.waiting if each.receipt.lane is lane][:limit]
        for each in found:
            self.waiting.remove(each)
        return tuple(found)

    async def next_due(self) -> None: ...

    async def give_back(self, delivery: Delivery, after: timedelta, why: str) -> None:
        if self.return_fails is not None:
            raise self.return_fails
        self.given_back.append((delivery.id, after, why))

    async def bury(self, delivery: Delivery, why: str) -> None:
        self.buried.append((delivery.id, why))


CARD = ShowCard(DeploymentId("one"))


def parcel(id: str = "p1", effect: Effect = CARD, **changes: object) -> Parcel:
    """A card that was never shown."""
    plain = Parcel(id, TEAM, f"op-{id}", effect, None, 1, None, 1, lease(id), NOON)
    return replace(plain, **changes)  # type: ignore[arg-type]


@dataclass
class FakeOutbox:
    """The port Outbox; `told` is what became of each parcel, in order."""

    waiting: list[Parcel] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    tells: list[Tell] = field(default_factory=list)
    retries: list[tuple[timedelta, bool]] = field(default_factory=list)
    claim_fails: list[Exception] = field(default_factory=list)
    finish_fails: Exception | None = None
    full: frozenset[str] = frozenset()  # parcels whose channels were told enough

    async def claim(self, limit: int) -> tuple[Parcel, ...]:
        if self.claim_fails:
            raise self.claim_fails.pop(0)
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return tuple(taken)

    async def next_due(self) -> None: ...

    async def mark_posting(self, parcel: Parcel) -> Parcel | None:
        if parcel.id in self.full:
            self.told.append(f"sum up {parcel.id}")
            return None
        self.told.append(f"mark {parcel.id}")
        return replace(parcel, posting_since=parcel.posting_since or NOON)

    async def hold_back(self, parcel: Parcel, until: datetime) -> None:
        self.told.append(f"hold back {parcel.id} until {until:%H:%M}")

    async def delivered(self, parcel: Parcel, posted: Posted | None) -> None:
        if self.finish_fails is not None:
            raise self.finish_fails
        self.told.append(f"delivered {parcel.id} {posted.ts if posted else '-'}")

    async def retry(self, parcel: Parcel, after: timedelta, why: str, *, maybe_posted: bool) -> None:  # noqa: ARG002
        self.told.append(f"retry {parcel.id}")
        self.retries.append((after, maybe_posted))

    async def bury(self, parcel: Parcel, why: str, tell: Tell | None = None, once: str = "") -> None:
        self.told.append(f"bury {parcel.id}: {why}{f' ({once})' if tell and once else ''}")
        self.tells += [tell] if tell else []


async def deliver_all(outbox: Outbox) -> list[Effect]:
    """What a real outbox has to say, in the order in which it reaches people; each stands somewhere now."""
    told: list[Effect] = []
    while claimed := await outbox.claim(20):
        for each in claimed:
            await outbox.delivered(each, Posted("C1", "1.0"))
            told.append(each.effect)
    return told


@dataclass
class FakeMessenger:
    """The port Messenger: `answers` in turn, then always well; `stands` is what a look finds."""

    answers: list[Exception | Posted | None] = field(default_factory=list)
    stands: Posted | Exception | None = None
    delivered: list[tuple[str, Posted | None, bool]] = field(default_factory=list)
    looked: list[tuple[str, datetime]] = field(default_factory=list)

    async def deliver(
        self,
        workspace: str,  # noqa: ARG002
        operation: str,
        effect: Effect,  # noqa: ARG002
        known: Posted | None,
        *,
        repeated: bool = False,
    ) -> Posted | None:
        self.delivered.append((operation, known, repeated))
        answer = self.answers.pop(0) if self.answers else Posted("C1", "1.1")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def look_up(
        self,
        workspace: str,  # noqa: ARG002
        operation: str,
        effect: Effect,  # noqa: ARG002
        known: Posted | None,  # noqa: ARG002
        since: datetime,
    ) -> Posted | None:
        self.looked.append((operation, since))
        if isinstance(self.stands, Exception):
            raise self.stands
        return self.stands

    async def instead(
        self,
        workspace: str,  # noqa: ARG002
        effect: Effect,
        refusal: NeedsHuman | UserError,
    ) -> Tell | None:
        return Tell("U1", line(refusal.what)) if isinstance(effect, ShowCard) else None
