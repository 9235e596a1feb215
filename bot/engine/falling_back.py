"""Makes the rollback of a release that failed its verification, and ends one that may not go on by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.falling_back import falls_back, rollback_of
from bot.core.lifecycle import Trigger
from bot.core.locks import Scope
from bot.core.ports import UnitOfWork
from bot.core.quarantine import kept_out_of
from bot.core.records import Deployment
from bot.core.restorable import Restorable
from bot.core.restoring import matters, on_record
from bot.core.targets import Arrival, Targets, targets
from bot.core.values import SLIPWAY, Kind
from bot.core.verdicts import Verdict
from bot.engine.changes import begin, move
from bot.engine.world import World


@dataclass(frozen=True, slots=True)
class WayBack:
    """What would come back, with its backup; else why it does not go back by itself, where it was to."""

    target: Arrival | None = None
    why_not: str = ""
    restores: Restorable | None = None


async def way_back(world: World, deployment: Deployment) -> WayBack:
    """By the policy that it was asked under and by today's: whoever switched it off since relies on that."""
    if not falls_back(deployment):
        return WayBack()
    wish = deployment.wish
    place = world.catalog().environment(wish.service, wish.environment)
    if place is None or not place.policy.rollback.automatic:
        return WayBack(why_not="the catalog no longer says so.")
    others = await world.queries.in_line(deployment.workspace, wish)
    for each in others:
        if each.wish.kind is Kind.ROLLBACK:
            return WayBack(why_not=f"#{each.number} goes back already.")
    arrivals = await world.releases.arrivals(deployment.workspace, wish.service, wish.environment)
    way = _to(await _targets(world, deployment, arrivals), deployment)
    if way.target is None or not matters(place.policy):
        return way
    return replace(way, restores=await on_record(world.queries, deployment.workspace, arrivals, way.target))


async def _targets(world: World, deployment: Deployment, arrivals: tuple[Arrival, ...]) -> Targets:
    wish = deployment.wish
    held = await world.quarantines.held(deployment.workspace)
    return targets(arrivals, kept_out_of(held, Scope(wish.service, wish.environment)))


def _to(found: Targets, deployment: Deployment) -> WayBack:
    if found.current is None or found.current.id != deployment.id:
        return WayBack(why_not="something else got there since.")
    if not found.choices:
        return WayBack(why_not="nothing else was verified there, or nothing of that may come back.")
    return WayBack(found.choices[0])


async def fall_back(
    uow: UnitOfWork, failed: Deployment, target: Arrival, restores: Restorable | None, why: str
) -> Deployment:
    """In the commit that says that it failed; the commits are found right after it."""
    added = await uow.deployments.add(rollback_of(failed, target, restores, why, uow.now))
    await begin(uow, added, SLIPWAY)
    return added


async def give_up(uow: UnitOfWork, deployment: Deployment, closed: Verdict) -> Deployment:
    """From here on a person decides."""
    wish = deployment.wish
    why = f"It does not go back by itself. {closed.what} {closed.why}".strip()
    then = f"Somebody who may can look and decide: `/rollback {wish.service} {wish.environment}`"
    return await move(uow, deployment, Trigger.REFUSE, why, then)
