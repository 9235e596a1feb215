"""What runs in a place, how it stands, and what is on its way there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.core.catalog import Environment, Service
from bot.core.code import Direction
from bot.core.command import Context
from bot.core.errors import UserError
from bot.core.freezing import begins_next, frozen_until, thaw
from bot.core.lifecycle import BEFORE_DISPATCH, ENDS, State
from bot.core.lock_words import lock_spans
from bot.core.locks import STORY, Lock, Scope
from bot.core.quarantine import Quarantine, against
from bot.core.records import Deployment
from bot.core.release_words import judged
from bot.core.routine_words import routine_text
from bot.core.routines import posts_at
from bot.core.seen import Seen, ago, as_of
from bot.core.sightings import Lag, Tip
from bot.core.text import NOTHING, Icon, Moment, Span, Text, bold, code, line
from bot.core.values import Sha, short
from bot.core.verdicts import passes
from bot.core.verifications import Measured
from bot.core.verify_words import LOOKS
from bot.core.visible import clip

RECENT = 50
MOST = 3  # of what is on its way, and of what fails
NAME, SAID = 100, 160


@dataclass(frozen=True, slots=True)
class Place:
    """One row, as it is on record."""

    service: Service
    environment: Environment
    live: Deployment | None
    recent: tuple[Deployment, ...]

    @property
    def moving(self) -> tuple[Deployment, ...]:
        """What is on its way, the newest first; what is due later is told by itself."""
        return tuple(each for each in self.recent if each.state not in ENDS | {State.SCHEDULED})


async def places(ctx: Context, rows: list[tuple[Service, Environment]], *, in_full: bool) -> Text:
    """A line for each with what holds it; in full, all that is known, and what the code host says of it."""
    found = [await _place(ctx, *each) for each in rows]
    lags = await _lags(ctx, found) if in_full else {}
    locks = await ctx.locks.held(ctx.workspace)
    kept = await ctx.quarantines.held(ctx.workspace)
    text = NOTHING
    for place in found:
        text += line(*_row(place, kept)) + _locked(locks, place)
        if in_full:
            text += await _in_full(ctx, place, lags.get(place.environment.name))
    if len(found) == 1:
        text += await _on_schedule(ctx, found[0])
    return text + await _reviews(ctx, found)


async def _place(ctx: Context, service: Service, environment: Environment) -> Place:
    live = await ctx.queries.live(ctx.workspace, service.name, environment.name)
    recent = await ctx.queries.recent(ctx.workspace, service.name, environment.name, RECENT)
    return Place(service, environment, live.deployment if live else None, recent)


async def _in_full(ctx: Context, place: Place, lag: Text | None) -> Text:
    text = lag or NOTHING
    if place.live is not None:
        text += _verified(ctx, place.live)
    failing = await ctx.sights.record.failing(ctx.workspace, place.service.name, place.environment.name)
    for each in failing[-MOST:]:
        text += line(
            "   ", Icon("x"), " Failing since ", Moment(each.started_at), f": {clip(each.summary, SAID)}"
        )
    return text + _under_way(place) + _frozen(ctx, place.environment)


def _row(place: Place, kept: tuple[Quarantine, ...]) -> tuple[Span | str, ...]:
    live = place.live
    spans: list[Span | str] = [bold(f"{place.service.name} · {place.environment.name}"), "  "]
    spans += _release(live) if live else ["nothing deployed by Slipway yet"]
    for each in against(kept, live) if live else ():
        spans += ["  · ", bold("quarantined"), f": “{clip(each.reason, STORY)}”"]
    if place.moving:
        spans.append(f"  · #{place.moving[0].number} is {word(place.moving[0].state)}")
    scheduled = [(each.wish.due, each.number) for each in place.recent if each.state is State.SCHEDULED]
    for at, number in sorted((due.at, number) for due, number in scheduled if due is not None):
        spans += [f"  · #{number} is scheduled for ", Moment(at)]
    return tuple(spans)


def _release(deployment: Deployment) -> list[Span | str]:
    """What, by whom, since when."""
    spans: list[Span | str] = []
    if deployment.resolution is not None:
        spans += [code(short(deployment.resolution.release.sha)), f" {deployment.resolution.release.title}"]
    spans += [f" · #{deployment.number} by {deployment.requested_by.name}, since "]
    if deployment.landed_at is not None:
        return [*spans, Moment(deployment.landed_at), " · ", bold("past Slipway: nobody approved it")]
    if deployment.ended_at is not None:
        spans.append(Moment(deployment.ended_at))
    return spans


def _locked(locks: tuple[Lock, ...], place: Place) -> Text:
    """A line for each lock that covers the place."""
    text, scope = NOTHING, Scope(place.service.name, place.environment.name)
    for each in locks:
        if each.scope.covers(scope):
            text += line(Icon("lock"), " ", *lock_spans(each))
    return text


def _frozen(ctx: Context, environment: Environment) -> Text:
    """What holds now, and what comes next."""
    freezes, text = environment.policy.freezes, NOTHING
    holding = [each for each in freezes if frozen_until(each, ctx.now) is not None]
    end, certain = thaw(freezes, ctx.now)
    if holding:
        reasons = "; ".join(dict.fromkeys(clip(each.reason, SAID) for each in holding))
        until = "until " if certain else "at least until "
        text += line("   ", Icon("snowflake"), f" Frozen {until}", Moment(end), f": “{reasons}”")
    if not certain:
        return text
    ahead = [(start, each.reason) for each in freezes if (start := begins_next(each, end)) is not None]
    if ahead:
        start, reason = min(ahead)
        text += line("   The next freeze begins ", Moment(start), f": “{clip(reason, SAID)}”")
    return text


def _under_way(place: Place) -> Text:
    """What each waits for, and who can still vote."""
    text = NOTHING
    for each in place.moving[:MOST]:
        closed = tuple(verdict for verdict in each.verdicts if not passes(verdict))
        if each.state in BEFORE_DISPATCH and closed:
            text += line("   ", bold(f"#{each.number} waits for"), f" · asked by {each.requested_by.name}")
            text += judged(closed)
        elif each.note:
            text += line("   ", bold(f"#{each.number}"), f" {clip(each.note, SAID)}")
    more = len(place.moving) - MOST
    return text + line(f"   … and {more} more on their way") if more > 0 else text


def _verified(ctx: Context, live: Deployment) -> Text:
    """The last word on what runs there, and how old it is."""
    read = [each for each in live.verifications if each.read_at is not None]
    return sum((_measured(ctx, each) for each in read[-MOST:]), NOTHING)


def _measured(ctx: Context, found: Measured) -> Text:
    said = f" · {clip(found.said, SAID)}" if found.said else ""
    what = f" {clip(found.what, NAME)}: {found.outcome.value}{said}"
    return line(
        "   ", Icon(LOOKS[found.outcome]), what, f" · {ago(found.read_at, ctx.now)}" if found.read_at else ""
    )


async def _on_schedule(ctx: Context, place: Place) -> Text:
    """How what is measured between releases stands."""
    if ctx.courses is None or not place.environment.routines:
        return NOTHING
    service, environment = place.service, place.environment
    known = await ctx.courses.at(ctx.workspace, service.name, environment.name)
    return routine_text(posts_at(service, environment), known, ctx.now)


async def _reviews(ctx: Context, found: list[Place]) -> Text:
    """A line for each emergency that waits for its review."""
    names = {(each.service.name, each.environment.name) for each in found}
    text = NOTHING
    for each in await ctx.queries.open_reviews(ctx.workspace):
        if each.review is not None and (each.wish.service, each.wish.environment) in names:
            due = Moment(each.review.due_at)
            text += line(
                Icon("rotating_light"), f" The emergency #{each.number} waits for its review, due ", due
            )
    return text


async def _lags(ctx: Context, found: list[Place]) -> dict[str, Text]:
    """By environment, what of the default branch is not there; all are asked for at the same time."""
    live = {each.environment.name: each.live.release_sha for each in found if each.live is not None}
    releases = {name: release for name, release in live.items() if release is not None}
    if not releases:
        return {}
    service = found[0].service
    try:
        tip = await ctx.sights.outside.tip(ctx.workspace, service.repository, None)
    except UserError as error:
        return {name: line(f"   {error.what}") for name in releases}
    asked = (lag_of(ctx, service, release, tip) for release in releases.values())
    lags = await asyncio.gather(*asked)
    told = zip(releases, lags, strict=True)
    return {name: _lag(ctx, f"{service.name} {name}", tip, lag) for name, lag in told}


async def lag_of(ctx: Context, service: Service, release: Sha, tip: Seen[Tip]) -> Seen[Lag]:
    """How the tip lies to this release, or lay."""
    return await ctx.sights.outside.lag(ctx.workspace, service.repository, release, tip)


def _lag(ctx: Context, place: str, tip: Seen[Tip], seen: Seen[Lag]) -> Text:
    branch = clip(tip.value.branch, NAME) if tip.value else "the default branch"
    if seen.value is None:
        why = f" ({seen.why})" if seen.why else ""
        return line(f"   How far it is behind {branch} is not on record{why}.")
    said, listed = _lies(seen.value, branch)
    list_them: list[Span | str] = [": ", code(f"/changes {place}")] if listed else []
    return line(f"   {said}", *list_them, as_of(seen, ctx.now))


def _lies(lag: Lag, branch: str) -> tuple[str, bool]:
    """And whether there is anything to list."""
    match lag.direction:
        case Direction.IDENTICAL:
            return f"Everything of {branch} is there", False
        case Direction.UNRELATED:
            return f"It shares no history with {branch}", False
        case Direction.BEHIND:
            return f"It is {commits(lag.behind)} ahead of {branch}", True
        case Direction.AHEAD | Direction.DIVERGED:
            lacks = f", and it has {commits(lag.behind)} that {branch} lacks" if lag.behind else ""
            are = "is" if lag.ahead == 1 else "are"
            return f"{commits(lag.ahead)} of {branch} {are} not there yet{lacks}", True


def commits(count: int) -> str:
    """`1 commit`, `3 commits`."""
    return f"{count:,} commit{'' if count == 1 else 's'}"


def word(state: State) -> str:
    """A state as people say it."""
    return state.replace("_", " ")
