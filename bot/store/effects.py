"""Effects on their way into the outbox, and back out of its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import case, or_, text, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.effects import (
    Announce,
    Answer,
    Card,
    Effect,
    Heard,
    Notice,
    PostDigest,
    Said,
    ShowCard,
    ShowHome,
    ShowRun,
    Summary,
    Tell,
    TellEnd,
    TellLater,
    TellRun,
    Unfurl,
)
from bot.core.records import Parcel
from bot.store.database import Database
from bot.store.ids import new_id
from bot.store.inside import Inside
from bot.store.statements import Kind, the, this
from bot.store.tables import cards, outbox


class EffectKind(StrEnum):
    """How the rows name the effects; those of a run are kept and ordered as those of a deployment."""

    SHOW_CARD = "show_card"
    ANNOUNCE = "announce"
    ANSWER = "answer"
    TELL = "tell"
    TELL_END = "tell_end"
    TELL_LATER = "tell_later"
    UNFURL = "unfurl"
    SHOW_HOME = "show_home"
    NOTICE = "notice"
    SUMMARY = "summary"
    POST_DIGEST = "post_digest"


_ADAPTERS: dict[EffectKind, TypeAdapter[Any]] = {
    EffectKind.SHOW_CARD: TypeAdapter(Card),
    EffectKind.ANNOUNCE: TypeAdapter(Said),
    EffectKind.ANSWER: TypeAdapter(Answer),
    EffectKind.TELL: TypeAdapter(Tell),
    EffectKind.TELL_END: TypeAdapter(TellEnd),
    EffectKind.TELL_LATER: TypeAdapter(TellLater),
    EffectKind.UNFURL: TypeAdapter(Unfurl),
    EffectKind.SHOW_HOME: TypeAdapter(ShowHome),
    EffectKind.NOTICE: TypeAdapter(Notice),
    EffectKind.SUMMARY: TypeAdapter(Summary),
    EffectKind.POST_DIGEST: TypeAdapter(PostDigest),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """An effect, and whether it may be held back to keep a card's pace."""

    effect: Effect
    urgent: bool


def read_effect(kind: str, plain: dict[str, Any]) -> Effect:
    """The effect that a row holds."""
    effect: Effect = _ADAPTERS[EffectKind(kind)].validate_python(plain)
    return effect


def channel_of(effect: Effect) -> str | None:
    """Which channel hears of it because it asked to; None where nobody subscribed."""
    return (effect.channel or None) if isinstance(effect, Heard) else None


def collapse(wanted: Iterable[Wanted]) -> list[Wanted]:
    """Several wishes to show one card are one; urgent when one of them is."""
    urgent: dict[Card, bool] = {}
    others: list[Wanted] = []
    for item in wanted:
        if isinstance(item.effect, Card):
            urgent[item.effect] = item.urgent or urgent.get(item.effect, False)
        else:
            others.append(item)
    shown = sorted(urgent, key=lambda effect: effect.card)
    return [Wanted(effect, urgent[effect]) for effect in shown] + others


class OutboxWriter(Inside):
    """Writes the effects of one unit of work."""

    async def put(self, wanted: Iterable[Wanted]) -> None:
        """All of them, cards first and in one order, so that two units never wait for each other."""
        for item in collapse(wanted):
            match item.effect:
                case ShowCard():
                    followed = item.effect.deployment
                    await self._show(item.effect, followed if item.effect.channel else None, item.urgent)
                    if not item.effect.channel:
                        await self._follow(followed)
                case ShowRun(channel=""):
                    await self._follow(item.effect.key)
                case ShowRun():
                    await self._show(item.effect, item.effect.key, item.urgent)
                case Announce() | TellRun():
                    await self._announce(item.effect)
                case Answer():
                    await self._put(item.effect, EffectKind.ANSWER)
                case Tell():
                    await self._put(item.effect, EffectKind.TELL)
                case TellEnd():
                    await self._put(item.effect, EffectKind.TELL_END)
                case TellLater():
                    await self._put(item.effect, EffectKind.TELL_LATER)
                case Unfurl():
                    await self._once(item.effect)
                case ShowHome():
                    await self._put(item.effect, EffectKind.SHOW_HOME)
                case Notice():
                    await self._put(item.effect, EffectKind.NOTICE)
                case Summary():
                    await self._put(item.effect, EffectKind.SUMMARY)
                case PostDigest():
                    await self._put(item.effect, EffectKind.POST_DIGEST)

    async def _put(self, effect: Effect, kind: EffectKind) -> None:
        await self._connection.execute(outbox.insert(), self._row(effect, kind))

    async def _once(self, effect: Unfurl) -> None:
        """One for each link of each message, as Slack tells of it again when somebody edits that."""
        link = sha256(effect.url.encode()).hexdigest()[:16]
        id = f"unfurl-{effect.channel}-{effect.ts}-{link}"
        row = effect_row(self._workspace, id, effect, EffectKind.UNFURL, self._now)
        await self._connection.execute(self._database.insert(outbox).values(row).on_conflict_do_nothing())

    async def _show(self, effect: Card, follows: str | None, urgent: bool) -> None:
        """One row for each card, which counts; a card that was given up gets a new chance by new news."""
        row = self._row(effect, EffectKind.SHOW_CARD) | {"card": effect.card, "urgent": urgent}
        await self._connection.execute(_show(self._database.kind, urgent), row | {"follows": follows})

    async def _follow(self, follows: str) -> None:
        """Those that were posted because somebody listens are shown anew."""
        await self._connection.execute(_COPIES_FOLLOW, the(workspace_id=self._workspace, follows=follows))

    async def _announce(self, effect: Said) -> None:
        first = {"workspace_id": self._workspace, "card": effect.card, "announced": 1}
        count = await self._connection.execute(_count(self._database.kind), first)
        position: int = count.scalar_one()
        row = self._row(effect, EffectKind.ANNOUNCE) | {"card": effect.card, "position": position}
        await self._connection.execute(outbox.insert(), row)

    def _row(self, effect: Effect, kind: EffectKind) -> dict[str, Any]:
        return effect_row(self._workspace, new_id(), effect, kind, self._now)


# One that was given up stays so, until there is something its channel asked to hear.
_COPIES_FOLLOW = (
    update(outbox)
    .where(this(outbox, "workspace_id", "follows"))
    .values(wanted=outbox.c.wanted + 1, failing_since=None)
)


@cache
def _show(kind: Kind, urgent: bool) -> Any:
    upsert = kind.insert(outbox)
    dead = outbox.c.dead_at.is_not(None)
    at_once = or_(dead, outbox.c.attempts == 0) if urgent else dead
    sooner = kind.earlier(outbox.c.due_at, upsert.excluded.due_at)
    return upsert.on_conflict_do_update(
        index_elements=["workspace_id", "card"],
        index_where=text("kind = 'show_card'"),
        set_={
            "wanted": outbox.c.wanted + 1,
            "urgent": true() if urgent else outbox.c.urgent,
            "due_at": case((at_once, sooner), else_=outbox.c.due_at),
            "attempts": case((dead, 0), else_=outbox.c.attempts),
            "dead_at": None,
            "failing_since": None,  # what is new is tried as long as anything else
        },
    )


@cache
def _count(kind: Kind) -> Any:
    """How many announcements a card has with this one."""
    return (
        kind.insert(cards)
        .on_conflict_do_update(
            index_elements=["workspace_id", "card"], set_={"announced": cards.c.announced + 1}
        )
        .returning(cards.c.announced)
    )


async def tell_instead(
    database: Database, connection: AsyncConnection, parcel: Parcel, tell: Tell, once: str, now: datetime
) -> None:
    """Once for each parcel, as a card that can't be shown fails again with its news; or once by this name."""
    row = effect_row(parcel.workspace, once or f"{parcel.id}-refused", tell, EffectKind.TELL, now)
    await connection.execute(database.insert(outbox).values(row).on_conflict_do_nothing())


def effect_row(workspace: str, id: str, effect: Effect, kind: EffectKind, now: datetime) -> dict[str, Any]:
    """As it waits to be shown."""
    return {
        "workspace_id": workspace,
        "id": id,
        "kind": kind.value,
        "position": 0,
        "effect": _ADAPTERS[kind].dump_python(effect, mode="json"),
        "channel": channel_of(effect),
        "wanted": 1,
        "shown": 0,
        "created_at": now,
        "due_at": now,
    }
