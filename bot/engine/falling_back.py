"""Makes the rollback of a release that failed its verification, and ends one that may not go on by itself."""

from __future__ import annotations

from bot.core.falling_back import falls_back, rollback_of
from bot.core.lifecycle import Trigger
from bot.core.locks import Scope
from bot.core.ports import UnitOfWork
from bot.core.quarantine import kept_out_of
from bot.core.records import Deployment
from bot.core.targets import Arrival, targets
from bot.core.values import SLIPWAY, Kind
from bot.core.verdicts import Verdict
from bot.engine.changes import begin, move
from bot.engine.world import World


async def way_back(world: World, deployment: Deployment) -> Arrival | None:
    """What would come back; None where it does not go back by itself, or somebody asked for that already."""
    if not falls_back(deployment):
        return None
    wish = deployment.wish
    others = await world.queries.in_line(deployment.workspace, wish)
    if any(each.wish.kind is Kind.ROLLBACK for each in others):
        return None
    held = await world.quarantines.held(deployment.workspace)
    place = Scope(wish.service, wish.environment)
    arrivals = await world.releases.arrivals(deployment.workspace, wish.service, wish.environment)
    found = targets(arrivals, kept_out_of(held, place))
    if found.current is None or found.current.id != deployment.id:
        return None
    return found.choices[0] if found.choices else None


async def fall_back(uow: UnitOfWork, failed: Deployment, target: Arrival, why: str) -> Deployment:
    """In the commit that says that it failed; the commits are found right after it."""
    added = await uow.deployments.add(rollback_of(failed, target, why, uow.now))
    await begin(uow, added, SLIPWAY)
    return added


async def give_up(uow: UnitOfWork, deployment: Deployment, closed: Verdict) -> Deployment:
    """From here on a person decides."""
    wish = deployment.wish
    why = f"It does not go back by itself. {closed.what} {closed.why}".strip()
    then = f"Somebody who may can look and decide: `/rollback {wish.service} {wish.environment}`"
    return await move(uow, deployment, Trigger.REFUSE, why, then)
