"""How a branch stands: its last commit, its last runs, and where of its commits something runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.core.catalog import Environment, Service
from bot.core.code import Direction, RefKind
from bot.core.command import Context
from bot.core.errors import UserError
from bot.core.following import RunRecord
from bot.core.lifecycle import ENDS
from bot.core.naming import what_of
from bot.core.nearest import suggestion
from bot.core.records import Deployment
from bot.core.run_sight import may_see_run
from bot.core.run_words import run_line
from bot.core.runs import RunRef
from bot.core.seen import Seen, ago, as_of
from bot.core.sightings import Lag, Tip
from bot.core.text import NOTHING, Link, Moment, Span, Text, bold, code, line
from bot.core.values import short
from bot.core.visible import clip, visible
from commands._state_place import RECENT, commits, lag_of, word

MOST = 10  # workflows
NAME = 100


@dataclass(frozen=True, slots=True)
class There:
    """What runs in an environment, and how the branch lies to it."""

    environment: Environment
    live: Deployment
    lag: Seen[Lag]


async def told(ctx: Context, service: Service, name: str, *, surely: bool = True) -> Text:
    """What the code host says or said last, and the record of runs.

    Not surely: other services have an environment of that name, so that one may have been meant.
    """
    try:
        tip = await _tip(ctx, service, name)
    except UserError:
        if surely:
            raise
        raise _no_place(service, name) from None
    branch = tip.value.branch if tip.value else name
    runs = await _runs(ctx, service, branch)
    if tip.value is None and not runs:
        if not surely:
            raise _no_place(service, name)
        return await _nothing(ctx, service, name, tip.why)
    text = line(
        bold(f"{service.name} · {clip(visible(branch), NAME)}"),
        f" · a branch of {service.repository.full_name} · looked at ",
        Moment(ctx.now),
    )
    text += _last(ctx, tip, runs) + await _deployed(ctx, service, tip, branch)
    text += await _on_its_way(ctx, service, branch)
    return text + await _ran(ctx, service, tip, runs)


async def _tip(ctx: Context, service: Service, name: str) -> Seen[Tip]:
    try:
        return await ctx.sights.outside.tip(ctx.workspace, service.repository, name)
    except UserError as error:
        near = await _near(ctx, service, name)
        places = ", ".join(each.name for each in service.environments)
        raise UserError(
            f"There is no environment or branch `{clip(name, 60)}` of {service.name}.",
            f"{error.what} Its environments are {places}.",
            near or error.next or "Look how the branch is called.",
        ) from None


def _no_place(service: Service, name: str) -> UserError:
    names = ", ".join(each.name for each in service.environments)
    what = f"There is no `{clip(name, 60)}` of `{service.name}`."
    return UserError(what, f"There are {names}.", "Try `/state` without it.")


async def _near(ctx: Context, service: Service, name: str) -> str:
    """An environment or a branch that was meant, by what is on record."""
    known = [each.name for each in service.environments]
    return suggestion(name, [*known, *await ctx.sights.record.branches(ctx.workspace, service.repository)])


async def _nothing(ctx: Context, service: Service, name: str, why: str) -> Text:
    """Nobody knows, and that is said; it is no error of whoever asked."""
    text = line("Nothing is on record of a branch ", code(clip(visible(name), NAME)), f" of {service.name}.")
    text += line(f"{why}, so nobody can say now whether there is one." if why else "")
    near = await _near(ctx, service, name)
    return text + line(f"{near} " if near else "", "Try again in a moment.")


async def _runs(ctx: Context, service: Service, branch: str) -> tuple[RunRecord, ...]:
    """Those that this person may know of."""
    found = await ctx.sights.record.newest_on(ctx.workspace, service.repository, branch)
    shown = []
    for each in found[:MOST]:
        owners = await _owners(ctx, each.run.ref)
        path = each.about.path if each.about else ""
        if may_see_run(ctx.person, ctx.catalog, each.run.ref, path, owners):
            shown.append(each)
    return tuple(shown)


async def _owners(ctx: Context, ref: RunRef) -> tuple[Deployment, ...]:
    return await ctx.sights.record.owners(ctx.workspace, ref)


def _last(ctx: Context, tip: Seen[Tip], runs: tuple[RunRecord, ...]) -> Text:
    """As the code host tells of it; else as it was when something ran on it last."""
    if tip.value is not None:
        found = tip.value
        name: Span = Link(found.url, short(found.commit)) if found.url else code(short(found.commit))
        said = f" {clip(visible(found.title), NAME)} · {clip(visible(found.author), NAME)}, "
        return line("Last commit: ", name, said, Moment(found.committed_at), as_of(tip, ctx.now))
    last = runs[0]
    title = clip(visible(last.about.commit), NAME) if last.about else ""
    when = Seen(last, last.observed_at, tip.why)
    return line(
        "Last commit on which something ran: ",
        code(short(last.run.head_sha)),
        f" {title}",
        as_of(when, ctx.now),
    )


async def _deployed(ctx: Context, service: Service, tip: Seen[Tip], branch: str) -> Text:
    """Environment by environment."""
    found: list[tuple[Environment, Deployment]] = []
    for environment in service.environments:
        runs = await ctx.queries.live(ctx.workspace, service.name, environment.name)
        if runs is not None and runs.deployment.release_sha is not None:
            found.append((environment, runs.deployment))
    if not found:
        return line("Slipway has deployed nothing of this service yet.")
    asked = (lag_of(ctx, service, each.release_sha, tip) for _, each in found if each.release_sha)
    lags = await asyncio.gather(*asked)
    text = line(bold("Where it runs"))
    for (environment, live), lag in zip(found, lags, strict=True):
        text += _there(ctx, There(environment, live, lag), branch)
    return text


def _there(ctx: Context, there: There, branch: str) -> Text:
    live, release = there.live, there.live.release_sha or ""
    spans: list[Span | str] = [
        bold(there.environment.name),
        ": ",
        code(release[:7]),
        f", {_lies(there, branch)}",
    ]
    spans += [as_of(there.lag, ctx.now), f" · #{live.number} by {live.requested_by.name}"]
    since = live.landed_at or live.ended_at
    return line(*spans, ", since ", Moment(since)) if since else line(*spans)


async def _on_its_way(ctx: Context, service: Service, branch: str) -> Text:
    """What was asked for from this branch and has not ended. Pinned by a tag, it runs on that."""
    recent = await ctx.queries.recent(ctx.workspace, service.name, None, RECENT)
    text = NOTHING
    for each in [each for each in recent if each.state not in ENDS and _is_from(each, branch)][:MOST]:
        text += line(f"On its way: #{each.number} {what_of(each.wish)} is {word(each.state)}")
    return text


def _is_from(deployment: Deployment, branch: str) -> bool:
    found = deployment.resolution
    return found is not None and (found.ref_kind, found.ref_name) == (RefKind.BRANCH, branch)


def _lies(there: There, branch: str) -> str:
    """By what the code host says, or by which branch it was deployed from."""
    lag = there.lag.value
    if lag is None:
        of_it = _is_from(there.live, branch)
        return "deployed from it" if of_it else "and nobody can say whether it is of this branch"
    match lag.direction:
        case Direction.IDENTICAL:
            return "its last commit"
        case Direction.AHEAD:
            return f"{commits(lag.ahead)} behind it"
        case Direction.BEHIND:
            return f"all of it and {commits(lag.behind)} more"
        case Direction.DIVERGED:
            return f"not of this branch: it lacks {commits(lag.ahead)}, and has {commits(lag.behind)} more"
        case Direction.UNRELATED:
            return "not of this branch: they share no history"


async def _ran(ctx: Context, service: Service, tip: Seen[Tip], runs: tuple[RunRecord, ...]) -> Text:
    """Of each workflow the last one; with a silent provider there may be others by now."""
    if not runs:
        return line("No run on it is on record.")
    text = line(bold("Last runs"), await _age(ctx, service, tip, runs))
    return sum((run_line(each, ctx.now) for each in runs), text)


async def _age(ctx: Context, service: Service, tip: Seen[Tip], runs: tuple[RunRecord, ...]) -> str:
    if tip.is_new:
        return ""
    looked = await ctx.sights.record.looked_through(ctx.workspace, service.repository)
    last = max([each.observed_at for each in runs] + ([looked] if looked else []))
    return f" as of {ago(last, ctx.now)}; {tip.why}"
