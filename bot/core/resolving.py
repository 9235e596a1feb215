"""Which commits a wish means, read through the code host that is handed in."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.core.asking import carries_release, pipeline_of
from bot.core.catalog import Environment, Policy, Service
from bot.core.code import Commit, Direction, RefKind, Repository, ResolvedRef
from bot.core.errors import Bug, NeedsHuman, UserError
from bot.core.gates.refs import admits, must_contain
from bot.core.globs import matches_any
from bot.core.pipelines import Pin, Pipeline, Start
from bot.core.ports import CodeHost, Queries
from bot.core.records import Base, Deployment, Leaving, Live, Resolution, Wish
from bot.core.rules import Exclusion
from bot.core.values import HURRIES, Kind, Sha

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_TAG_AT = re.compile(r"(.+)@([0-9a-f]{40})")


@dataclass(frozen=True, slots=True)
class Standing:
    """What our own record says: the live release here, and the verified ones it may be promoted from."""

    live: Sha | None
    promoted: Sha | None = None
    promoted_from: str = ""
    tag: str | None = None  # the tag by which it was deployed there
    base: Base | None = None  # of the live one
    unverified: str = ""  # why what runs where it would be promoted from is not to go on

    @property
    def reference(self) -> str | None:
        """What is promoted, as a wish keeps it: the commit, and with it the tag that it went by."""
        return f"{self.tag}@{self.promoted}" if self.tag and self.promoted else self.promoted


async def resolve(
    host: CodeHost, service: Service, environment: Environment, wish: Wish, standing: Standing
) -> Resolution:
    """Every commit of the request, or UserError with what to ask for instead."""
    repository = await host.repository(service.repository.full_name)
    mergers = asks_for_mergers(environment.policy)
    ref, why = await _reference(host, environment.policy, repository, wish, standing)
    goes_back = wish.kind in HURRIES  # to what was let in there before, whatever became of its branch
    if not goes_back:
        await _must_fit(host, environment, repository, ref)
    dispatch = await _dispatch_ref(host, service, environment, repository, ref, wish.kind)
    resolution = Resolution(
        repository_id=repository.id,
        ref_kind=ref.kind,
        ref_name=ref.name,
        ref_why=why,
        release=await host.commit(repository.full_name, ref.sha, mergers=mergers),
        dispatch_ref=dispatch.qualified,
        workflow_sha=dispatch.sha,
        base=standing.base,
        pull_requests=repository.pull_requests,
    )
    if wish.kind is Kind.RESTORE:
        return resolution
    known = await _with_changes(host, environment.policy, repository, resolution, standing.live)
    if goes_back:
        return await _with_what_leaves(host, repository, known)
    return await _with_unapproved(host, environment.policy, repository, known)


async def as_it_runs(
    host: CodeHost, service: Service, environment: Environment, release: Sha, standing: Standing
) -> Resolution:
    """What runs already, whether it may or not; a commit that can't be read is still that commit."""
    repository = await host.repository(service.repository.full_name)
    resolution = Resolution(
        repository_id=repository.id,
        ref_kind=RefKind.COMMIT,
        ref_name=release,
        ref_why="as the code host says",
        release=Commit(release, "It can't be read", "nobody knows who", _NEVER, _NEVER, ""),
        dispatch_ref=release,
        workflow_sha=release,
        base=standing.base,
        pull_requests=repository.pull_requests,
    )
    try:
        known = replace(resolution, release=await host.commit(repository.full_name, release))
        return await _with_changes(host, environment.policy, repository, known, standing.live)
    except (UserError, NeedsHuman):
        return resolution


async def standing(queries: Queries, workspace: str, service: Service, environment: Environment) -> Standing:
    """What a wish without a reference means here: the release verified where it is promoted from."""
    known = await _live(queries, workspace, service.name, environment.name)
    for promotion in environment.policy.promote_from:
        found = await queries.live(workspace, service.name, promotion.environment)
        if found is not None and found.deployment.landed_at is not None:
            return replace(known, unverified=unverified(found))
        if found is not None:
            return promoted_from(known, found)
    return known


def unverified(source: Live) -> str:
    """Why it is no release to promote."""
    return f"#{source.deployment.number} got to {source.environment} past Slipway: nobody approved it."


def promoted_from(standing: Standing, source: Live) -> Standing:
    """The same with what runs there as what is promoted."""
    resolution, release = source.deployment.resolution, source.deployment.release_sha
    if resolution is None or release is None:
        raise Bug("a release that runs was never resolved")
    tag = resolution.ref_name if resolution.ref_kind is RefKind.TAG else None
    return replace(standing, promoted=release, promoted_from=source.environment, tag=tag)


async def reachable(host: CodeHost, policy: Policy, repository: str, resolution: Resolution) -> bool:
    """Whether the release is on a branch that this policy asks for; its own branch is asked first."""
    known = await host.repository(repository)
    wanted = must_contain(policy, resolution.ref_kind, known.default_branch)
    release = resolution.release.sha
    own = (resolution.ref_name,) if resolution.ref_kind is RefKind.BRANCH and not wanted else ()
    if own and await host.reachable(repository, release, own):
        return True
    return await host.reachable(repository, release, wanted)


def asks_for_mergers(policy: Policy) -> bool:
    """Whether a rule here wants to know who merged what goes."""
    return bool(policy.approvals.rules) and Exclusion.MERGERS in policy.approvals.exclude


async def _live(queries: Queries, workspace: str, service: str, environment: str) -> Standing:
    found = await queries.live(workspace, service, environment)
    return standing_of(found.deployment) if found else Standing(None)


def standing_of(deployment: Deployment) -> Standing:
    """As if this one is what runs there."""
    resolution = deployment.resolution
    if resolution is None:
        return Standing(None)
    before = resolution.base
    approved = deployment.landed_at is None
    let_in = before.let_in if before else None
    base = Base(
        deployment.number,
        resolution.ref_kind,
        resolution.ref_name,
        resolution.release.url,
        approved,
        deployment.release_sha if approved else let_in,
    )
    return Standing(deployment.release_sha, base=base)


async def _reference(
    host: CodeHost, policy: Policy, repository: Repository, wish: Wish, standing: Standing
) -> tuple[ResolvedRef, str]:
    """What was named, else what is promoted, else the default branch; and why it is that."""
    release = standing.promoted
    tag, named = (standing.tag, release) if wish.ref is None else _parts(wish.ref)
    promotes = wish.ref is None or (wish.kind is Kind.PROMOTE and named == release)
    if release is not None and promotes:
        why = f"verified in {standing.promoted_from}"
        return await _promoted(host, policy, repository, release, tag), why
    if tag is not None and named is not None:
        return await _promoted(host, policy, repository, named, tag), ""
    if wish.ref is None and standing.unverified:
        raise UserError(
            "There is no verified release to promote.",
            standing.unverified,
            "Name a release that was verified, or deploy the one that should run there first.",
        )
    name = wish.ref if wish.ref is not None else repository.default_branch
    return await host.resolve(repository.full_name, name), "" if wish.ref else "the default branch"


def _parts(ref: str) -> tuple[str | None, Sha]:
    """`v1.4.1@<commit>` as the tag and the commit; what is not written so has no tag."""
    found = _TAG_AT.fullmatch(ref)
    return (found[1], Sha(found[2])) if found else (None, Sha(ref))


async def _promoted(
    host: CodeHost, policy: Policy, repository: Repository, release: Sha, tag: str | None
) -> ResolvedRef:
    """By its tag, while that still means this very commit and may go there; else by the commit alone."""
    if tag is not None and admits(policy, tag):
        with suppress(UserError):
            found = await host.resolve(repository.full_name, tag)
            if (found.kind, found.sha) == (RefKind.TAG, release):
                return found
    return await host.resolve(repository.full_name, release)


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
    host: CodeHost,
    service: Service,
    environment: Environment,
    repository: Repository,
    ref: ResolvedRef,
    kind: Kind,
) -> ResolvedRef:
    """The workflow runs from the release's own name; for a bare commit, from the branch of the pipeline.

    A pipeline that is there for going back is today's: an old release may have an older one, or none.
    """
    pipeline = pipeline_of(service, environment)
    if pipeline.start in (Start.GATE, Start.TAG):
        return ref  # such a run has its file from the commit that it shows
    if kind is Kind.RESTORE:  # it brings no release
        return await host.resolve(repository.full_name, pipeline.ref or repository.default_branch)
    of_today = kind is Kind.ROLLBACK and environment.policy.rollback.pipeline is not None
    if pipeline.ref is not None or of_today:
        branch = pipeline.ref or repository.default_branch
        return _told(environment, pipeline, ref, await host.resolve(repository.full_name, branch))
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


def _told(environment: Environment, pipeline: Pipeline, release: ResolvedRef, at: ResolvedRef) -> ResolvedRef:
    """A workflow that runs at another commit and is not told the release would bring that other commit."""
    if at.sha == release.sha or carries_release(pipeline):
        return at
    raise UserError(
        f"Nothing tells the workflow that goes to {environment.name} which release is meant.",
        f"It runs on {at.name}, which is another commit, and none of its inputs names the release.",
        "An administrator can give its pipeline an input with {sha} or {version} in slipway.yml.",
    )


async def _with_changes(
    host: CodeHost, policy: Policy, repository: Repository, resolution: Resolution, live: Sha | None
) -> Resolution:
    if live is None or live == resolution.release.sha:
        return resolution
    mergers = asks_for_mergers(policy)
    between = await host.compare(repository.full_name, live, resolution.release.sha, mergers=mergers)
    return replace(
        resolution,
        base_sha=live,
        changes=between.commits,
        paths=between.paths,
        truncated=between.truncated,
        compare_url=between.url,
        direction=between.direction,
        total=between.total_commits,
        behind=between.behind_by,
        migrations=tuple(path for path in between.paths if matches_any(path, policy.migrations)),
    )


async def _with_what_leaves(host: CodeHost, repository: Repository, resolution: Resolution) -> Resolution:
    """The commits that run there and that the older release has not."""
    live = resolution.base_sha
    if live is None:
        return resolution
    try:
        between = await host.compare(repository.full_name, resolution.release.sha, live)
    except (UserError, NeedsHuman):  # swept away, or never there: no reason to stay with it
        return replace(resolution, leaves=Leaving(truncated=True), direction=Direction.UNRELATED)
    total = max(between.total_commits, len(between.commits))
    leaves = Leaving(between.commits, between.paths, total, between.truncated)
    return replace(resolution, leaves=leaves, compare_url=between.url)


async def _with_unapproved(
    host: CodeHost, policy: Policy, repository: Repository, resolution: Resolution
) -> Resolution:
    """What runs there past us was approved by nobody: whoever approves this approves that of it as well."""
    base, release = resolution.base, resolution.release.sha
    let_in = base.let_in if base and not base.approved else None
    if let_in is None or let_in == release or not policy.approvals.rules:
        return resolution
    between = await host.compare(repository.full_name, let_in, release, mergers=asks_for_mergers(policy))
    known = {each.sha for each in resolution.changes}
    unapproved = tuple(each for each in between.commits if each.sha not in known)
    return replace(resolution, unapproved=unapproved, unapproved_whole=not between.truncated)
