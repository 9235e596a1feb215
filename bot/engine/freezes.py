"""Freezes begin and end by the clock: at each full minute somebody looks, and what has turned is told once.

What was told of a place is a row; it changes in the same commit as the event, and only from what was read.
So of several who look at the same moment one tells, and a crash repeats nothing and leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.core.catalog import Catalog, Policy
from bot.core.freeze_events import FreezeTurned
from bot.core.frozen import Frozen, Told, freezable, holding, turned
from bot.core.lifting import lifters_of_all
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.engine.world import World


@dataclass(frozen=True, slots=True)
class _Seen:
    """One place: what was told of it, and what is to be."""

    known: Frozen | None
    told: Told
    event: FreezeTurned | None


async def tell_of_freezes(world: World) -> int:
    """How many places were told to be frozen, or no longer, or for another time."""
    count = 0
    for workspace in await world.watch.workspaces():
        known = await world.frozen.of(workspace)
        seen = list(_look(world.catalog(), known, await world.watch.now()))
        if seen:
            count += await _keep(world, workspace, seen)
    return count


async def _keep(world: World, workspace: str, seen: list[_Seen]) -> int:
    count = 0
    async with world.units.begin(workspace, Step.TELL_OF_FREEZES) as uow:
        for each in seen:
            if await uow.frozen.swap(each.known, each.told.kept) and each.event is not None:
                await uow.record(each.event, SLIPWAY)
                count += 1
    return count


def _look(catalog: Catalog, known: tuple[Frozen, ...], now: datetime) -> Iterator[_Seen]:
    """The places of which something is to be kept or told, always in the same order.

    One that has left the catalog is frozen no longer.
    """
    before = {each.place: each for each in known}
    policies = {(service.name, place.name): place.policy for service, place in freezable(catalog)}
    for place in sorted({*before, *(each for each, policy in policies.items() if policy.freezes)}):
        policy = policies.get(place)
        was = before.get(place)
        told = turned(place, policy.freezes if policy else (), was, now)
        if told.kept != was or told.turn is not None:
            yield _Seen(was, told, _event(policy, was, told, now))


def _event(policy: Policy | None, was: Frozen | None, told: Told, now: datetime) -> FreezeTurned | None:
    of = told.kept or was
    if told.turn is None or of is None:
        return None
    closed = holding(policy.freezes, now) if policy else ()
    until = told.ended or of.until
    return FreezeTurned(
        *of.place,
        turn=told.turn,
        since=of.since.isoformat(),
        until=until.isoformat(),
        certain=of.certain or told.ended is not None,
        was=told.was.isoformat() if told.was is not None else "",
        reason="; ".join(dict.fromkeys(each.reason for each in closed)),
        override=lifters_of_all(closed, policy) if policy and closed else "",
    )
