"""The outbox as the relay sees it: for each card in order, and only its newest state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.catalog import BUDGET
from bot.core.effects import Card, Heard, Posted, Summary, Tell
from bot.core.errors import LeaseLost
from bot.core.following import KEYS
from bot.core.records import Lease, Parcel
from bot.store import budgets, quieting
from bot.store.database import Database
from bot.store.effects import EffectKind, channel_of, read_effect, tell_instead
from bot.store.statements import pairs, the, the_pairs, this
from bot.store.tables import cards, outbox
from bot.store.types import UtcDateTime
from bot.store.wakeups import Wake

CARD_PACE = timedelta(seconds=3)
DELIVERED_KEPT = timedelta(days=30)
RUN_CARDS_KEPT = timedelta(days=90)  # no code host starts a run again that is so old

_CARDS_FIRST = case((outbox.c.kind == EffectKind.SHOW_CARD.value, 0), else_=1)
_LEASE = (
    update(outbox)
    .where(pairs(outbox, "workspace_id", "id"))
    .values(fence=outbox.c.fence + 1, attempts=outbox.c.attempts + 1, urgent=False)
)
_STANDING = select(cards).where(pairs(cards, "workspace_id", "card"), cards.c.ts.is_not(None))
_NOW = bindparam("now", type_=UtcDateTime())
# Whoever looks for the message must look back as far as the first call.
_FIRST_MARK = func.coalesce(outbox.c.posting_since, _NOW)
_HELD = update(outbox).where(this(outbox, "workspace_id", "id", "fence", "owner"))
_LET_GO = _HELD.values(owner=None, until=None)
_MARK_POSTING = _HELD.values(posting_since=_FIRST_MARK)
_DELIVERED = _LET_GO.values(
    posting_since=None,
    failing_since=None,
    attempts=0,
    delivered_at=_NOW,
    due_at=case((outbox.c.urgent, _NOW), else_=bindparam("in_its_pace", type_=UtcDateTime())),
    why="",
)
_FAILED = _LET_GO.values(failing_since=func.coalesce(outbox.c.failing_since, _NOW))
_PENDING = and_(outbox.c.shown < outbox.c.wanted, outbox.c.dead_at.is_(None))


class SqlOutbox:
    """The Outbox of one process. Edits of one card keep a pace; what is urgent does not."""

    def __init__(
        self, database: Database, pace: timedelta = CARD_PACE, budget: Callable[[], int] = lambda: BUDGET
    ) -> None:
        self._database = database
        self._pace = pace
        self._budget = budget

    async def claim(self, limit: int) -> tuple[Parcel, ...]:
        """What may be delivered now: cards first, in their newest state.

        An announcement waits for its card, as long as that is not given up, and for those before it.
        """
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            rows = (await connection.execute(_ready(), {"now": now, "most": limit})).all()
            if not rows:
                return ()
            lease = {"owner": self._database.owner, "until": now + self._database.lease}
            taken = the_pairs((row.workspace_id, row.id) for row in rows)
            await connection.execute(_LEASE, taken | lease)
            places = await self._places(connection, rows)
            held = await budgets.held_back(connection, rows)
            quiet = await quieting.held_back(connection, rows)
        parcels = (self._parcel(row, places.get((row.workspace_id, row.card)), now) for row in rows)
        filled = (_with_held_back(each, held.get((each.workspace, each.id), ())) for each in parcels)
        return tuple(quieting.filled(each, quiet.get((each.workspace, each.id), ())) for each in filled)

    async def next_due(self) -> timedelta | None:
        """How long until there is something to claim, if nothing else happens."""
        return await self._database.how_long(_soonest())

    async def mark_posting(self, parcel: Parcel) -> Parcel | None:
        """Write down, before the call, that it may happen; the first such mark stays.

        None when its channel was told enough in this minute: a summary says it when the minute is over.
        """
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            if budgets.is_counted(parcel) and await self._is_too_much(connection, parcel, now):
                return None
            until = now + self._database.lease
            await _carry_out(connection, _MARK_POSTING, parcel, now=now, until=until)
        return replace(parcel, posting_since=parcel.posting_since or now)

    async def _is_too_much(self, connection: AsyncConnection, parcel: Parcel, now: datetime) -> bool:
        """Then it is given up for now; news of the same card give that a new chance."""
        channel, workspace = channel_of(parcel.effect) or "", parcel.workspace
        if not await budgets.is_full(self._database, connection, workspace, channel, self._budget(), now):
            return False
        summary = await budgets.summary_of(self._database, connection, workspace, channel, now)
        told = {"dead_at": now, "delivered_at": now, "summary": summary, "why": budgets.HELD_BACK}
        await _carry_out(connection, _LET_GO, parcel, **told)
        return True

    async def hold_back(self, parcel: Parcel, until: datetime) -> None:
        """Its person has quiet hours until then: one message after them says what came."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            later = await quieting.message_after(self._database, connection, parcel, until, now)
            if later is None:  # it says by itself what came
                due = max(until, now) + quieting.GRACE
                await _carry_out(connection, _LET_GO, parcel, due_at=due, why=quieting.QUIET)
                return
            told = {"dead_at": now, "delivered_at": now, "summary": later, "why": quieting.QUIET}
            await _carry_out(connection, _LET_GO, parcel, **told)
        self._database.ring({Wake.OUTBOX})

    async def delivered(self, parcel: Parcel, posted: Posted | None) -> None:
        """It stands; a newer state of the card waits its turn."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            told = {"now": now, "in_its_pace": now + self._pace, "shown": parcel.wanted}
            await _carry_out(connection, _DELIVERED, parcel, **told)
            if isinstance(parcel.effect, Card) and posted is not None:
                await self._keep_place(connection, parcel.workspace, parcel.effect, posted)
        self._database.ring({Wake.OUTBOX})

    async def retry(self, parcel: Parcel, after: timedelta, why: str, *, maybe_posted: bool) -> None:
        """Once more after so long; `maybe_posted` keeps the mark, so that the next try looks first."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            if budgets.is_counted(parcel) and not maybe_posted:
                await budgets.give_back(connection, parcel, channel_of(parcel.effect) or "")
            failed = _FAILED.values(posting_since=_FIRST_MARK if maybe_posted else None)
            await _carry_out(connection, failed, parcel, now=now, due_at=now + after, why=why)

    async def bury(self, parcel: Parcel, why: str, tell: Tell | None = None, once: str = "") -> None:
        """It failed too long, or for good; keep it for the operators, and `tell` in its stead."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            await _carry_out(connection, _LET_GO, parcel, dead_at=now, why=why)
            if tell is not None:
                await tell_instead(self._database, connection, parcel, tell, once, now)
        self._database.ring({Wake.OUTBOX})

    async def purge(self) -> int:
        """Forget what was delivered or given up weeks ago; a deployment's card stays, for its next edit."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            await budgets.forget(connection, now)
            ended = or_(outbox.c.delivered_at < now - DELIVERED_KEPT, outbox.c.dead_at < now - DELIVERED_KEPT)
            said = and_(outbox.c.kind != EffectKind.SHOW_CARD.value, ended)
            count = (await connection.execute(delete(outbox).where(said))).rowcount
            return count + await _forget_runs(connection, now - RUN_CARDS_KEPT)

    async def _keep_place(
        self, connection: AsyncConnection, workspace: str, card: Card, posted: Posted
    ) -> None:
        place = {"channel": posted.channel, "ts": posted.ts}
        row = {"workspace_id": workspace, "card": card.card} | place
        upsert = self._database.insert(cards).values(row)
        await connection.execute(
            upsert.on_conflict_do_update(index_elements=["workspace_id", "card"], set_=place)
        )

    async def _places(
        self, connection: AsyncConnection, rows: Sequence[Row[Any]]
    ) -> dict[tuple[str, str], Posted]:
        """Where their cards stand; asked after the rows are locked, so that it is not older than they are."""
        wanted = [(row.workspace_id, row.card) for row in rows if row.card is not None]
        if not wanted:
            return {}
        found = await connection.execute(_STANDING, the_pairs(wanted))
        return {(row.workspace_id, row.card): Posted(row.channel, row.ts) for row in found}

    def _parcel(self, row: Row[Any], known: Posted | None, now: datetime) -> Parcel:
        return Parcel(
            id=row.id,
            workspace=row.workspace_id,
            operation=row.id,
            effect=read_effect(row.kind, row.effect),
            known=known,
            wanted=row.wanted,
            posting_since=row.posting_since,
            attempts=row.attempts + 1,
            lease=Lease(row.workspace_id, row.id, row.fence + 1, self._database.owner),
            claimed_at=now,
            failing_since=row.failing_since,
        )


def _with_held_back(parcel: Parcel, held: tuple[Heard, ...]) -> Parcel:
    """A summary says what was held back by the time at which it is shown."""
    if not isinstance(parcel.effect, Summary):
        return parcel
    return replace(parcel, effect=replace(parcel.effect, held_back=held))


async def _forget_runs(connection: AsyncConnection, before: datetime) -> int:
    """Cards of runs that have not changed since, and where they stand."""
    last = func.coalesce(outbox.c.delivered_at, outbox.c.dead_at)
    old = and_(
        outbox.c.kind == EffectKind.SHOW_CARD.value,
        outbox.c.follows.startswith(KEYS),
        ~_PENDING,
        last < before,
    )
    count = (await connection.execute(delete(outbox).where(old))).rowcount
    used = exists().where(outbox.c.workspace_id == cards.c.workspace_id, outbox.c.card == cards.c.card)
    await connection.execute(delete(cards).where(cards.c.card.startswith(KEYS), ~used))
    return count


async def _carry_out(connection: AsyncConnection, change: Update, parcel: Parcel, **values: Any) -> None:
    """A change of one row, by whoever it is leased to."""
    lease = parcel.lease
    held = the(workspace_id=parcel.workspace, id=parcel.id, fence=lease.fence, owner=lease.owner)
    if (await connection.execute(change, {**held, **values})).rowcount == 0:
        raise LeaseLost(parcel.id)


@cache
def _soonest() -> Select[Any]:
    """When the next message may be delivered."""
    at = case((outbox.c.until > outbox.c.due_at, outbox.c.until), else_=outbox.c.due_at)
    return select(func.min(at, type_=UtcDateTime())).where(_PENDING, _in_turn())


@cache
def _ready() -> Select[Any]:
    """What may be delivered at `now`; made once, as it is asked for often."""
    free = or_(outbox.c.until.is_(None), outbox.c.until <= _NOW)
    return (
        select(outbox)
        .where(_PENDING, outbox.c.due_at <= _NOW, free, _in_turn())
        .order_by(_CARDS_FIRST, outbox.c.due_at, outbox.c.created_at, outbox.c.id)
        .limit(bindparam("most", type_=Integer()))
        .with_for_update(skip_locked=True)
    )


def _of_same_card(table: Any) -> ColumnElement[bool]:
    return and_(table.c.workspace_id == outbox.c.workspace_id, table.c.card == outbox.c.card)


def _in_turn() -> ColumnElement[bool]:
    """Announcements follow each other, and their card, in whose thread they stand unless it was given up."""
    other, its_card = outbox.alias("other"), outbox.alias("its_card")
    an_earlier_waits = exists().where(
        _of_same_card(other),
        other.c.kind == EffectKind.ANNOUNCE.value,
        other.c.position < outbox.c.position,
        other.c.shown < other.c.wanted,
        other.c.dead_at.is_(None),
    )
    card_given_up = exists().where(
        _of_same_card(its_card),
        its_card.c.kind == EffectKind.SHOW_CARD.value,
        its_card.c.dead_at.is_not(None),
    )
    card_stands = exists().where(_of_same_card(cards), cards.c.ts.is_not(None))
    follows = and_(or_(card_stands, card_given_up), ~an_earlier_waits)
    in_order = and_(outbox.c.kind == EffectKind.ANNOUNCE.value, follows)
    return or_(in_order, and_(outbox.c.kind != EffectKind.ANNOUNCE.value, _may_be_copied()))


def _may_be_copied() -> ColumnElement[bool]:
    """A copy comes after its card: where that stands, no copy is needed. Those of a run copy none."""
    original, place = outbox.alias("original"), cards.alias("place")
    given_up = exists().where(
        original.c.workspace_id == outbox.c.workspace_id,
        original.c.card == outbox.c.follows,
        original.c.kind == EffectKind.SHOW_CARD.value,
        original.c.dead_at.is_not(None),
    )
    stands = exists().where(
        place.c.workspace_id == outbox.c.workspace_id,
        place.c.card == outbox.c.follows,
        place.c.ts.is_not(None),
    )
    of_run = outbox.c.follows.startswith(KEYS)
    return or_(outbox.c.follows.is_(None), of_run, stands, given_up)
