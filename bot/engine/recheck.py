"""Right before it is sent: does the world still say what the request says?"""

from __future__ import annotations

from dataclasses import replace

from bot.core.asking import freeze
from bot.core.code import RefKind, ResolvedRef
from bot.core.errors import Bug, UserError
from bot.core.pipelines import Pin
from bot.core.records import Deployment, Resolution
from bot.core.request import DeployRequest, differences
from bot.core.resolving import Standing, resolve
from bot.core.targets import targets
from bot.core.values import Kind
from bot.engine.world import World

UNBOUND = frozenset({"policy_version", "expires_at"})  # a policy is judged by the gates, under both versions


async def parts_that_changed(world: World, deployment: Deployment, request: DeployRequest) -> tuple[str, ...]:
    """The parts that would be dispatched differently if it were asked for now.

    A branch that moved on is no change where a tag of our own holds the dispatch to the commit.
    """
    if deployment.resolution is None:
        raise Bug("a request without a resolution")
    service, environment = world.entry(deployment.wish)
    if not await _still_runs(world, deployment):
        restores = deployment.wish.kind is Kind.RESTORE
        return ("what runs there" if restores else "what it takes back",)
    host = world.provider(request.provider).code
    held = request.pin == Pin.TAG and deployment.resolution.ref_kind is not RefKind.TAG
    name = request.release_sha if held else _full_name(deployment.resolution)
    try:
        repository = await host.repository(service.repository.full_name)
        ref = await host.resolve(repository.full_name, name)
        if held:
            now = freeze(deployment, deployment.resolution, service, environment, deployment.created_at)
        else:
            standing = Standing(deployment.resolution.base_sha)
            same_name = replace(deployment.wish, ref=_full_name(deployment.resolution))
            fresh = await resolve(host, service, environment, same_name, standing)
            now = freeze(deployment, fresh, service, environment, deployment.created_at)
    except UserError as error:
        return (error.what,)
    found = set(differences(request, now)) - UNBOUND
    if repository.id != request.repository_id:
        found.add("repository_id")
    if ref.sha != request.release_sha:
        found.add("release_sha")
    return tuple(sorted(found))


def _full_name(resolution: Resolution) -> str:
    """The name that means the same again, whatever else is called so by now."""
    return ResolvedRef(resolution.ref_kind, resolution.ref_name, resolution.release.sha).qualified


async def _still_runs(world: World, deployment: Deployment) -> bool:
    """A rollback was confirmed to take one deployment away, and a restore beside one that runs."""
    restores = deployment.wish.kind is Kind.RESTORE
    if deployment.undoes is None and not restores:
        return True
    wish = deployment.wish
    arrivals = await world.releases.arrivals(deployment.workspace, wish.service, wish.environment)
    current = targets(each for each in arrivals if each.id != deployment.id).current
    if restores:
        return current is not None and current.release == deployment.release_sha
    return current is not None and current.id == deployment.undoes
