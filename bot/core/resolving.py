"""Which commits a wish means, read through the code host that is handed in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.asking import carries_release, pipeline_of
from bot.core.catalog import Environment, Policy, Service
from bot.core.code import RefKind, Repository, ResolvedRef
from bot.core.errors import UserError
from bot.core.gates.refs import admits, must_contain
from bot.core.pipelines import Pin
from bot.core.ports import CodeHost, Queries
from bot.core.records import Resolution, Wish
from bot.core.values import Sha


@dataclass(frozen=True, slots=True)
class Standing:
    """What our own record says: the live release here, and the verified ones it may be promoted from."""

    live: Sha | None
    promoted: Sha | None = None
    promoted_from: str = ""


async def resolve(
    host: CodeHost, service: Service, environment: Environment, wish: Wish, standing: Standing
) -> Resolution:
    """Every commit of the request, or UserError with what to ask for instead."""
    repository = await host.repository(service.repository.full_name)
    name, why = _named(wish, standing, repository)
    ref = await host.resolve(repository.full_name, name)
    await _must_fit(host, environment, repository, ref)
    dispatch = await _dispatch_ref(host, service, environment, repository, ref)
    resolution = Resolution(
        repository_id=repository.id,
        ref_kind=ref.kind,
        ref_name=ref.name,
        ref_why=why,
        release=await host.commit(repository.full_name, ref.sha),
        dispatch_ref=dispatch.qualified,
        workflow_sha=dispatch.sha,
    )
    return await _with_changes(host, repository, resolution, standing.live)


async def standing(queries: Queries, workspace: str, service: Service, environment: Environment) -> Standing:
    """What a wish without a reference means here: the release verified where it is promoted from."""
    live = await _live(queries, workspace, service.name, environment.name)
    for promotion in environment.policy.promote_from:
        promoted = await _live(queries, workspace, service.name, promotion.environment)
        if promoted is not None:
            return Standing(live, promoted, promotion.environment)
    return Standing(live)


async def reachable(host: CodeHost, policy: Policy, repository: str, resolution: Resolution) -> bool:
    """Whether the release is on a branch that this policy asks for; its own branch is asked first."""
    known = await host.repository(repository)
    wanted = must_contain(policy, resolution.ref_kind, known.default_branch)
    release = resolution.release.sha
    own = (resolution.ref_name,) if resolution.ref_kind is RefKind.BRANCH and not wanted else ()
    if own and await host.reachable(repository, release, own):
        return True
    return await host.reachable(repository, release, wanted)


async def _live(queries: Queries, workspace: str, service: str, environment: str) -> Sha | None:
    found = await queries.live(workspace, service, environment)
    return found.deployment.request.release_sha if found and found.deployment.request else None


def _named(wish: Wish, standing: Standing, repository: Repository) -> tuple[str, str]:
    if wish.ref is not None:
        return wish.ref, ""
    if standing.promoted is not None:
        return standing.promoted, f"verified in {standing.promoted_from}"
    return repository.default_branch, "the default branch"


async def _must_fit(
    host: CodeHost, environment: Environment, repository: Repository, ref: ResolvedRef
) -> None:
    policy = environment.policy
    if ref.kind is not RefKind.COMMIT and not admits(policy, ref.name):
        raise UserError(
            f"`{ref.name}` may not go to {environment.name}.",
            f"It takes {', '.join(policy.refs)}.",
            "Name another reference.",
        )
    wanted = must_contain(policy, ref.kind, repository.default_branch)
    own_name = ref.kind is not RefKind.COMMIT and not wanted
    if not own_name and not await host.reachable(repository.full_name, ref.sha, wanted):
        branches = ", ".join(wanted) or f"any branch or tag of {repository.full_name} itself"
        raise UserError(
            f"`{ref.name}` may not go to {environment.name}.",
            f"It is not on {branches}.",
            "Merge it first, or name another reference.",
        )


async def _dispatch_ref(
    host: CodeHost, service: Service, environment: Environment, repository: Repository, ref: ResolvedRef
) -> ResolvedRef:
    """The workflow runs from the release's own name; for a bare commit, from the branch of the pipeline."""
    pipeline = pipeline_of(service, environment)
    if pipeline.ref is not None:
        return await host.resolve(repository.full_name, pipeline.ref)
    if ref.kind is not RefKind.COMMIT:
        return ref
    if carries_release(pipeline):
        return await host.resolve(repository.full_name, repository.default_branch)
    if pipeline.pin is Pin.TAG:
        return ref
    raise UserError(
        f"A bare commit can't be deployed to {environment.name}.",
        "Its workflow has no input that says which commit to deploy, and it is started on a branch.",
        "Name a branch or tag, or give the pipeline an input with {sha}.",
    )


async def _with_changes(
    host: CodeHost, repository: Repository, resolution: Resolution, live: Sha | None
) -> Resolution:
    if live is None or live == resolution.release.sha:
        return resolution
    between = await host.compare(repository.full_name, live, resolution.release.sha)
    return replace(
        resolution,
        base_sha=live,
        changes=between.commits,
        paths=between.paths,
        truncated=between.truncated,
        compare_url=between.url,
    )
