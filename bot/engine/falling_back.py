"""Makes the rollback of a release that failed its verification, and ends one that may not go on by itself."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.effects import ShowCard
from bot.core.events import DeploymentAsked
from bot.core.falling_back import falls_back, rollback_of
from bot.core.lifecycle import Trigger
from bot.core.locks import Scope
from bot.core.policy_version import asked_under
from bot.core.ports import UnitOfWork
from bot.core.quarantine import kept_out_of
from bot.core.records import Deployment
from bot.core.restorable import Restorable
from bot.core.restoring import matters, on_record
from bot.core.targets import Arrival, targets
from bot.core.values import SLIPWAY, Kind
from bot.core.verdicts import Verdict
from bot.engine.changes import move
from bot.engine.world import World, work_key


@dataclass(frozen=True, slots=True)
class WayBack:
    """What comes back by itself, and the backup that goes with it."""

    target: Arrival
    restores: Restorable | None


async def way_back(world: World, deployment: Deployment) -> WayBack | None:
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
    if not found.choices:
        return None
    target, policy = found.choices[0], asked_under(deployment)
    if policy is None or not matters(policy):
        return WayBack(target, None)
    return WayBack(target, await on_record(world.queries, deployment.workspace, arrivals, target))


async def fall_back(uow: UnitOfWork, failed: Deployment, back: WayBack, why: str) -> Deployment:
    """In the commit that says that it failed; the commits are found right after it."""
    added = await uow.deployments.add(rollback_of(failed, back.target, back.restores, why, uow.now))
    wish = added.wish
    asked = DeploymentAsked(
        added.id, added.number, wish.service, wish.environment, wish.ref or "", wish.reason
    )
    await uow.record(asked, SLIPWAY)
    await uow.show(ShowCard(added.id))
    await uow.work.want(work_key(added.id))
    return added


async def give_up(uow: UnitOfWork, deployment: Deployment, closed: Verdict) -> Deployment:
    """From here on a person decides."""
    wish = deployment.wish
    why = f"It does not go back by itself. {closed.what} {closed.why}".strip()
    then = f"Somebody who may can look and decide: `/rollback {wish.service} {wish.environment}`"
    return await move(uow, deployment, Trigger.REFUSE, why, then)
