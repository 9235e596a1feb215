"""/changes: what lies between two releases: commits, pull requests, issues, and who wrote them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from bot.core.catalog import Service
from bot.core.code import Commit, Comparison, Direction, Repository
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import Bug, Transient, UserError
from bot.core.nearest import suggestion
from bot.core.policy import Permission
from bot.core.ports import CodeHost
from bot.core.range_words import AUTHOR, IN_FULL, commit_spans, issue_spans
from bot.core.text import NOTHING, Link, Span, Text, bold, code, line
from bot.core.values import Sha, short
from bot.core.visible import clip, visible

DOTS = ".."
AUTHORS = 12  # by name; a long range has many


@dataclass(frozen=True, slots=True)
class Arguments:
    service: str = arg(ArgKind.SERVICE, "whose", filler=("of",))
    between: str | None = arg(
        ArgKind.WORD,
        "environments, tags, branches or commits: `staging..production`; one alone is compared with the"
        " default branch, and without any each environment is",
        default=None,
    )


@dataclass(frozen=True, slots=True)
class End:
    """One end of a range, as it was called."""

    name: str
    sha: Sha


async def run(ctx: Context, args: Arguments) -> Reply:
    """Both ways: what one has and the other lacks, since people think of either when they say it."""
    service = ctx.catalog.service(args.service)
    host = ctx.code_hosts.get(service.repository.provider) if service else None
    if service is None or host is None:
        raise Bug("the grammar let a service through whose code nobody can read")
    try:
        async with asyncio.timeout(ctx.deadline):
            repository = await host.repository(service.repository.full_name)
            if args.between is None:
                return Reply(await _undeployed(ctx, host, service, repository))
            one, other = await _ends(ctx, host, service, repository, args.between)
            return Reply(await _between(host, repository, service, one, other))
    except TimeoutError:
        raise Transient("It did not say in time what lies between.", system="The code host") from None


async def _ends(
    ctx: Context, host: CodeHost, service: Service, repository: Repository, between: str
) -> tuple[End, End]:
    names = re.sub(r"\.{3}|…", DOTS, between).split(DOTS)  # as git says it, and what a phone makes of it
    if len(names) > 2 or (len(names) == 2 and not all(names)):
        raise UserError(
            f"`{clip(between, 60)}` is no range.",
            "It has two ends.",
            f"Such as `/changes {service.name} staging{DOTS}production`.",
        )
    one = await _end(ctx, host, service, repository, names[0])
    other = names[1] if len(names) == 2 else repository.default_branch
    return one, await _end(ctx, host, service, repository, other)


async def _end(ctx: Context, host: CodeHost, service: Service, repository: Repository, name: str) -> End:
    """An environment means what runs there now."""
    if name in {each.name for each in service.environments}:
        live = await ctx.queries.live(ctx.workspace, service.name, name)
        release = live.deployment.release_sha if live else None
        if release is None:
            raise UserError(
                f"Nobody knows what runs in {name}.",
                f"Slipway has deployed nothing of {service.name} there yet.",
                "Name a tag or a commit in its place.",
            )
        return End(name, release)
    try:
        return End(name, (await host.resolve(repository.full_name, name)).sha)
    except UserError as error:
        near = suggestion(name, [each.name for each in service.environments])
        raise UserError(error.what, error.why, near or error.next) from None


async def _between(host: CodeHost, repository: Repository, service: Service, one: End, other: End) -> Text:
    text = line(bold(f"{service.name}: {visible(one.name)} and {visible(other.name)}"), *_at(one, other))
    there = await host.compare(repository.full_name, other.sha, one.sha)
    if there.direction is Direction.IDENTICAL:
        return text + line("They are the same commit.")
    if there.direction is Direction.UNRELATED:
        return text + line("They share no history, so nobody can say what lies between.")
    text += _told(there, repository, one, other)
    if there.behind_by:
        back = await host.compare(repository.full_name, one.sha, other.sha)
        text += _told(back, repository, other, one)
    return text


def _at(one: End, other: End) -> tuple[Span | str, ...]:
    return (" · ", code(short(one.sha)), " and ", code(short(other.sha)))


def _told(found: Comparison, repository: Repository, has: End, lacks: End) -> Text:
    """What one end has more."""
    total = max(found.total_commits, len(found.commits))
    if not total:
        return NOTHING
    pulls = len({each.pull_request for each in found.commits if each.pull_request is not None})
    counted = f"{total:,} commit{'' if total == 1 else 's'}"
    counted += f", {pulls} pull request{'' if pulls == 1 else 's'}" if pulls and not found.truncated else ""
    text = line(bold(f"In {visible(has.name)} and not in {visible(lacks.name)}: {counted}"))
    text += line(f"By {_authors(found.commits)}")
    for each in found.commits[::-1][:IN_FULL]:
        text += line(*commit_spans(each, repository.pull_requests), *issue_spans(each, repository.url))
    more = total - min(len(found.commits), IN_FULL)
    if more:
        text += line(f"… and {more:,} more: see ", Link(found.url, "the comparison"))
    return text


def _authors(commits: tuple[Commit, ...]) -> str:
    names = list(dict.fromkeys(name for each in commits for name in (each.author, *each.co_authors)))
    shown = ", ".join(clip(visible(name), AUTHOR) for name in names[:AUTHORS])
    more = len(names) - AUTHORS
    return f"{shown} and {more} more" if more > 0 else shown


async def _undeployed(ctx: Context, host: CodeHost, service: Service, repository: Repository) -> Text:
    """Of each environment, how far it is behind the default branch."""
    tip = End(
        repository.default_branch, (await host.resolve(repository.full_name, repository.default_branch)).sha
    )
    text = line(bold(f"{service.name}: what is on {tip.name} and not deployed yet"))
    listed = ""
    for environment in service.environments:
        live = await ctx.queries.live(ctx.workspace, service.name, environment.name)
        if live is None or live.deployment.release_sha is None:
            text += line(bold(environment.name), ": nothing deployed by Slipway yet")
            continue
        found = await host.compare(repository.full_name, live.deployment.release_sha, tip.sha)
        text += line(bold(environment.name), f": {_lag(found)} · ", code(short(live.deployment.release_sha)))
        listed = listed or (environment.name if found.total_commits or found.behind_by else "")
    return text + line("List them: ", code(f"/changes {service.name} {listed}")) if listed else text


def _lag(found: Comparison) -> str:
    match found.direction:
        case Direction.IDENTICAL:
            return "everything is there"
        case Direction.UNRELATED:
            return "it shares no history with that branch"
        case Direction.BEHIND:
            return f"it is {_commits(found.behind_by)} ahead of that branch"
        case Direction.AHEAD | Direction.DIVERGED:
            back = (
                f", and it has {_commits(found.behind_by)} that the branch lacks" if found.behind_by else ""
            )
            return f"{_commits(found.total_commits)} to come{back}"


def _commits(count: int) -> str:
    return f"{count:,} commit{'' if count == 1 else 's'}"


COMMAND = Command(
    name="changes",
    arguments=Arguments,
    permission=Permission.LOOK,
    summary="Show what lies between two releases: commits, pull requests, and who wrote them",
    examples=("/changes api", "/changes api staging..production", "/changes api v1.4.0..v1.5.0"),
    run=run,
)
