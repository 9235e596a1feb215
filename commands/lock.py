"""/lock: keep others from deploying somewhere, for a while and for a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.durations import format_duration, parse_duration
from bot.core.errors import UserError
from bot.core.intents import TakeLock
from bot.core.lifecycle import HOLDING
from bot.core.lock_words import lock_spans, scope_of, visible_lock
from bot.core.locks import Scope
from bot.core.policy import Permission, authorise_scope, visible_names
from bot.core.text import Icon, Moment, Span, Text, bold, code, line

RECENT = 50
_AFTERTHOUGHT = re.compile(r"(.*?)\s*\bfor\s+(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)  # so that the reason, which must be there, comes last
class Arguments:
    service: str | None = arg(ArgKind.SERVICE, "only this service; without one every service", default=None)
    environment: str | None = arg(
        ArgKind.ENVIRONMENT,
        "only this environment; without one all of them",
        filler=("in", "on"),
        default=None,
    )
    everything: bool = arg(ArgKind.FLAG, "all services in all environments", word="everything", default=False)
    duration: str = arg(
        ArgKind.AFTER, "how long, such as `30m` or `2h`; else until it is unlocked", word="for", default=""
    )
    reason: str = arg(ArgKind.REST, "why, in your words; whoever has to wait reads it", word="because")


async def run(ctx: Context, args: Arguments) -> Reply:
    """Theirs alone; what runs already goes on."""
    lasts = _lasts(args)
    scope = scope_of(ctx.catalog, "lock", args.everything, args.service, args.environment)
    authorise_scope(Permission.LOCK, ctx.person, ctx.catalog, scope)
    text = line("Locked: ", bold(str(scope)), *_until(ctx, lasts), ".")
    text += line("Deployments of others wait, and start by themselves when it is free. Yours may go on.")
    text += await _others_in_there(ctx, scope) + await _under_way(ctx, scope)
    text += line(code(f"/unlock {scope.typed}"), " ends it sooner.")
    return Reply(text, (TakeLock(scope, args.reason, lasts),))


def _lasts(args: Arguments) -> timedelta | None:
    if args.duration:
        lasts = parse_duration(args.duration)
        if lasts is None:
            raise UserError(
                f"`{args.duration}` is no duration.",
                "It stands between the place and the reason.",
                "For example: `/lock api production for 1h30m because incident 4711`",
            )
        return lasts
    _refuse_afterthought(args.reason)
    return None


def _refuse_afterthought(reason: str) -> None:
    """`because … for 2h` would lock for good what was meant for two hours; it is not guessed."""
    found = _AFTERTHOUGHT.fullmatch(reason)
    if found is None or parse_duration(found[2]) is None:
        return
    raise UserError(
        f"`for {found[2]}` at the end can be read in two ways.",
        f"Either the reason is “{reason}” and the lock has no end, or it lasts {found[2]}.",
        f"For the duration write `for {found[2]} because {found[1]}`; for the reason add a full stop.",
    )


def _until(ctx: Context, lasts: timedelta | None) -> tuple[Span | str, ...]:
    if lasts is None:
        return (", until it is unlocked",)
    return (f" for {format_duration(lasts)}, until ", Moment(ctx.now + lasts))


async def _others_in_there(ctx: Context, scope: Scope) -> Text:
    """Whoever holds a part of it goes on holding that; there the two wait for each other."""
    text = Text(())
    for each in await ctx.locks.held(ctx.workspace):
        if each.is_of(ctx.actor) or not scope.covers(each.scope) or each.scope == scope:
            continue
        if visible_lock(ctx.person, ctx.catalog, each):
            text += line(Icon("lock"), " ", *lock_spans(each), ". Yours does not end that.")
    return text


async def _under_way(ctx: Context, scope: Scope) -> Text:
    """A lock stops nothing that has begun; who locks at night should know of it."""
    known = visible_names(ctx.person, ctx.catalog)
    recent = await ctx.queries.recent(ctx.workspace, scope.service, scope.environment, RECENT)
    numbers = [f"#{each.number}" for each in recent if each.state in HOLDING and each.wish.service in known]
    return line(f"Under way already, and not stopped by this: {', '.join(numbers)}.") if numbers else Text(())


COMMAND = Command(
    name="lock",
    arguments=Arguments,
    permission=Permission.LOCK,
    summary="Keep others from deploying somewhere",
    examples=(
        "/lock production for 2h because incident 4711",
        "/lock api production because the database moves",
        "/lock everything for 30m because we change the network",
    ),
    run=run,
    form=True,
)
