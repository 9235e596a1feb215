"""What the release would take back of what runs there now, or may, where the policy guards any files."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.code import Direction
from bot.core.errors import Bug, NeedsHuman, Transient, UserError
from bot.core.gates.model import Known
from bot.core.going_back import TakenBack, all_of, taken_back
from bot.core.records import Deployment, Resolution
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:
    """Of what runs now, not of what ran when it was asked for: others went first since."""
    if deployment.resolution is None:
        raise Bug("a resolved deployment has no resolution")
    taken: list[TakenBack] = []
    if policy.migrations:
        there = await _there(world, deployment)
        taken = [await _of(world, deployment, deployment.resolution, each) for each in there]
    return Known(all_of(taken), world.clock.now())


async def _there(world: World, deployment: Deployment) -> tuple[Deployment, ...]:
    """What runs by our record, and what a rollback takes away: if that failed, its migrations may stand."""
    wish, workspace = deployment.wish, deployment.workspace
    live = await world.queries.live(workspace, wish.service, wish.environment)
    undone = await world.queries.deployment_by_id(workspace, deployment.undoes) if deployment.undoes else None
    found = (live.deployment if live else None, undone)
    return tuple({each.release_sha: each for each in found if each is not None}.values())


async def _of(world: World, deployment: Deployment, resolution: Resolution, other: Deployment) -> TakenBack:
    runs = other.release_sha
    goes_on = runs == resolution.base_sha and resolution.direction is Direction.AHEAD
    if runs is None or runs == resolution.release.sha or goes_on:
        return TakenBack()
    service, _ = world.entry(deployment.wish)
    try:
        host = world.provider(service.repository.provider).code
        found = await host.compare(service.repository.full_name, resolution.release.sha, runs)
    except (Transient, NeedsHuman, UserError) as error:
        # A history that is gone stays so: a person may decide in spite of it.
        return TakenBack((), False, other.number, str(error))
    return taken_back(found, other.number)
