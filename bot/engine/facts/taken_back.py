"""What the release would take back of what runs there now, or may, where the policy guards any files."""

from __future__ import annotations

from bot.core.catalog import Policy
from bot.core.code import Direction
from bot.core.errors import Bug, NeedsHuman, Transient, UserError
from bot.core.falling_back import is_automatic
from bot.core.gates.model import Known
from bot.core.going_back import TakenBack, all_of, taken_back
from bot.core.records import Deployment
from bot.core.targets import targets
from bot.core.values import Kind, Sha
from bot.engine.world import World


async def gather(world: World, deployment: Deployment, policy: Policy) -> Known:
    """Of what runs now, or may, not of what ran when it was asked for: others went first since.

    Whatever failed on its way may have changed the database before that.
    """
    if deployment.resolution is None:
        raise Bug("a resolved deployment has no resolution")
    taken: list[TakenBack] = []
    if policy.migrations and deployment.wish.kind is not Kind.RESTORE:
        there = await _there(world, deployment)
        taken = [await _of(world, deployment, number, release) for release, number in there.items()]
    return Known(all_of(taken), world.clock.now())


async def _there(world: World, deployment: Deployment) -> dict[Sha, int]:
    """What was seen to run by our record, and what ended since then and may, with their numbers.

    What is under way does not count yet: nothing starts beside it, and then this is read again.
    """
    wish, workspace = deployment.wish, deployment.workspace
    live = await world.queries.live(workspace, wish.service, wish.environment)
    arrivals = await world.releases.arrivals(workspace, wish.service, wish.environment)
    ended = (each for each in arrivals if each.id != deployment.id and not each.under_way)
    current = targets(ended).current
    found: dict[Sha, int] = {}
    if live is not None and live.deployment.release_sha is not None:
        found[live.deployment.release_sha] = live.deployment.number
    return found | ({current.release: current.number} if current is not None else {})


async def _of(world: World, deployment: Deployment, number: int, runs: Sha) -> TakenBack:
    resolution = deployment.resolution
    if resolution is None or runs == resolution.release.sha:
        return TakenBack()
    if runs == resolution.base_sha and resolution.direction is Direction.AHEAD:
        return TakenBack()
    service, _ = world.entry(deployment.wish)
    try:
        host = world.provider(service.repository.provider).code
        found = await host.compare(service.repository.full_name, resolution.release.sha, runs)
    except (Transient, NeedsHuman, UserError) as error:
        if isinstance(error, Transient) and is_automatic(deployment):
            raise  # a closed gate would end it, and this one is only not read yet
        # A history that is gone stays so: a person may decide in spite of it.
        return TakenBack((), False, number, str(error))
    return taken_back(found, number)
