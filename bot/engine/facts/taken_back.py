"""What the release would take back of what runs there now, where the policy guards any files."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.code import Direction
from bot.core.errors import Bug, NeedsHuman, Transient, UserError
from bot.core.falling_back import is_automatic
from bot.core.gates.model import Known
from bot.core.going_back import TakenBack, taken_back
from bot.core.records import Deployment
from bot.core.targets import targets
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:
    """Of what runs now, or may, not of what ran when it was asked for: others went first since.

    Whatever failed on its way may have changed the database before that.
    """
    resolution, wish = deployment.resolution, deployment.wish
    if resolution is None:
        raise Bug("a resolved deployment has no resolution")
    if not policy.migrations:
        return Known(TakenBack(), world.clock.now())
    arrivals = await world.releases.arrivals(deployment.workspace, wish.service, wish.environment)
    there = targets(each for each in arrivals if each.id != deployment.id).current
    runs = there.release if there else None
    goes_on = runs == resolution.base_sha and resolution.direction is Direction.AHEAD
    if there is None or runs is None or runs == resolution.release.sha or goes_on:
        return Known(TakenBack(), world.clock.now())
    service, _ = world.entry(wish)
    try:
        host = world.provider(service.repository.provider).code
        found = await host.compare(service.repository.full_name, resolution.release.sha, runs)
    except (Transient, NeedsHuman, UserError) as error:
        if isinstance(error, Transient) and is_automatic(deployment):
            raise  # a closed gate would end it, and this one is only not read yet
        # A history that is gone stays so: a person may decide in spite of it.
        return Known(TakenBack((), False, there.number, str(error)), world.clock.now())
    return Known(taken_back(found, there.number), world.clock.now())
