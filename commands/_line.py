"""Who is in front of a new request, as its answer tells it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.core.command import Context
from bot.core.lifecycle import HOLDING
from bot.core.line import held_at, passes_at
from bot.core.naming import named_as
from bot.core.records import Deployment, Wish
from bot.core.superseding import Behind, in_line, may_hand_over, takes_turns
from bot.core.text import NOTHING, Span, Text, line
from bot.core.values import HURRIES, DeploymentId
from bot.core.voting import names


@dataclass(frozen=True, slots=True)
class InFront:
    """What is said of it, and the first one that could be replaced."""

    text: Text
    behind: Behind | None = None


async def in_front(ctx: Context, wish: Wish, without: Collection[DeploymentId]) -> InFront:
    """Say so at once when it will have to wait for others; an emergency passes those that only wait."""
    passed = passes_at(wish, ctx.actor, await ctx.locks.held(ctx.workspace), ctx.now)
    others = await ctx.queries.in_line(ctx.workspace, wish)
    waits = [each for each in others if each.id not in without and not held_at(each) & passed]
    if not takes_turns(wish):
        waits = [each for each in waits if each.state in HOLDING or _first(each.wish) <= _first(wish)]
    if not waits:
        return InFront(NOTHING)
    replaceable = [each for each in waits if in_line(each)] if takes_turns(wish) else []
    behind = _behind(ctx, replaceable[0]) if replaceable else None
    return InFront(line("It waits for ", *_named(waits), ", and starts by itself then."), behind)


def _first(wish: Wish) -> int:
    """Emergencies before rollbacks before all others."""
    return 0 if wish.emergency else 1 if wish.kind in HURRIES else 2


def _named(waits: list[Deployment]) -> list[Span | str]:
    spans: list[Span | str] = []
    for each in waits:
        asker = each.requested_by
        spans += [f"{', ' if spans else ''}#{each.number} by ", named_as(asker)]
    return spans


def _behind(ctx: Context, older: Deployment) -> Behind:
    service = ctx.catalog.service(older.wish.service)
    owners = names(service.owners) if service else ""
    mine = may_hand_over(ctx.person, older, ctx.catalog)
    return Behind(older.number, older.digest or "", older.version, owners, mine)
