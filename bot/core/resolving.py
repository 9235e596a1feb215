"""Which commits a wish means, read through the code host that is handed in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.asking import carries_release, pipeline_of
from bot.core.catalog import Environment, Service
from bot.core.code import RefKind, Repository, ResolvedRef
from bot.core.errors import UserError
from bot.core.gates.refs import admits, must_contain
from bot.core.pipelines import Pin
from bot.core.ports import CodeHost
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


async def reachable(host: CodeHost, environment: Environment, repository: str, sha: Sha) -> bool:
    """Whether the release is on a branch it must be on."""
    return await host.reachable(repository, sha, must_contain(environment.policy))


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
    own_name = ref.kind is not RefKind.COMMIT and not must_contain(policy)
    if not own_name and not await reachable(host, environment, repository.full_name, ref.sha):
        branches = ", ".join(must_contain(policy)) or f"any branch or tag of {repository.full_name} itself"
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
