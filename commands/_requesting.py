"""What /deploy, /promote and /rollback have in common: from a wish to the intent and the answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from bot.core.card_channel import card_channel
from bot.core.catalog import Environment, Service
from bot.core.command import ArgKind, Context, Reply, arg
from bot.core.due import Due, reads_as_time
from bot.core.durations import format_duration
from bot.core.electorate import Question, must_be_enough
from bot.core.emergencies import WHAT_IT_SKIPS
from bot.core.errors import Bug, Transient, UserError
from bot.core.intents import AskDeployment
from bot.core.lifecycle import ENDS
from bot.core.lock_words import in_the_way
from bot.core.naming import what_of
from bot.core.records import Deployment, Resolution, Wish
from bot.core.resolving import Standing, resolve
from bot.core.restore_words import source
from bot.core.superseding import contained, own_in_line
from bot.core.text import NOTHING, Span, Text, bold, code, line
from bot.core.values import DeploymentId, Kind, short
from bot.core.waiting_runs import WaitingRun, find_waiting, must_be_new, waits_elsewhere
from commands._line import InFront, in_front


def inputs_given() -> Any:
    """The argument for what the pipeline takes."""
    return arg(
        ArgKind.PAIRS, "what the pipeline accepts, as key=value, several with spaces between", default=()
    )


def time_given() -> Any:
    """The argument for a later start."""
    return arg(
        ArgKind.AFTER,
        "when, such as tomorrow 09:00, in your time zone unless you name one; else at once",
        word="at",
        default="",
        reads=reads_as_time,
    )


def reason_given() -> Any:
    """The argument for the reason, which nobody has to give."""
    return arg(ArgKind.REST, "why, in your words", word="because", default="")


def entry(ctx: Context, service: str, environment: str) -> tuple[Service, Environment]:
    """What the grammar let through is in the catalog."""
    found, place = ctx.catalog.service(service), ctx.catalog.environment(service, environment)
    if found is None or place is None:
        raise Bug("the grammar let a name through that the catalog does not know")
    return found, place


async def asked(
    ctx: Context,
    service: Service,
    environment: Environment,
    wish: Wish,
    stands: Standing,
    *,
    undoes: DeploymentId | None = None,
) -> Reply:
    """Find the commits now if the code host answers; the deployment itself starts after the answer."""
    await _refuse_twice(ctx, wish)
    channel = await _channel(ctx, service, environment)
    resolution, waits = await found_now(ctx, service, environment, wish, stands)
    await _refuse_in_vain(ctx, environment, wish, resolution)
    retires = await _retired(ctx, service, wish, resolution)
    front = await _in_front(ctx, wish, retires)
    text = (
        _answer(wish, resolution)
        + _lets_in(waits)
        + _replaces(retires)
        + front.text
        + await in_the_way(ctx, wish)
    )
    intent = AskDeployment(wish, resolution, channel, tuple(each.id for each in retires), waits, undoes)
    return Reply(text, (intent,), behind=front.behind)


async def _refuse_in_vain(
    ctx: Context, environment: Environment, wish: Wish, resolution: Resolution | None
) -> None:
    """What too few people could approve is not asked for; whom Slack does not list in time, nobody counts."""
    question = Question(ctx.workspace, ctx.actor.id, environment.policy, resolution)
    with suppress(TimeoutError):
        async with asyncio.timeout(ctx.deadline):
            await must_be_enough(ctx.directory, question, wish)


async def _retired(
    ctx: Context, service: Service, wish: Wish, resolution: Resolution | None
) -> tuple[Deployment, ...]:
    """What this person has waiting there and the new release contains; nothing that is not sure."""
    host = ctx.code_hosts.get(service.repository.provider)
    if resolution is None or host is None or wish.due is not None:
        return ()
    older = await own_in_line(ctx.queries, ctx.workspace, wish, ctx.actor)
    try:
        async with asyncio.timeout(ctx.deadline):
            ids = await contained(host, service.repository.full_name, resolution, older)
    except TimeoutError:
        return ()
    return tuple(each for each in older if each.id in ids)


def _replaces(retires: tuple[Deployment, ...]) -> Text:
    numbers = ", ".join(f"#{each.number}" for each in retires)
    said = f"It contains your {numbers}, which gives way to it, unless that has begun by then."
    return line(said) if retires else NOTHING


async def _refuse_twice(ctx: Context, wish: Wish) -> None:
    """A button that is pressed twice schedules once."""
    if wish.due is None:
        return
    recent = await ctx.queries.recent(ctx.workspace, wish.service, wish.environment, 20)
    mine = [each for each in recent if each.state not in ENDS and each.requested_by.id == ctx.actor.id]
    for each in mine:
        if each.wish == wish:
            raise UserError(
                f"You have asked for that already: #{each.number}.",
                f"It is due on {wish.due.said}.",
                f"`/state #{each.number}` shows how it stands.",
            )


def read_back(ctx: Context, due: Due, words: str, wish: Wish) -> Reply:
    """A time that leaves something to guess is told in full before anything is stored."""
    text = line(
        bold(wish.service), " to ", bold(wish.environment), " on ", bold(due.said), f", in {_left(ctx, due)}?"
    )
    if wish.ref is not None:
        text += line("Release: ", code(wish.ref))
    return Reply(text + line("Nothing is scheduled yet."), in_full=words)


async def _channel(ctx: Context, service: Service, environment: Environment) -> str:
    try:
        async with asyncio.timeout(ctx.deadline):
            return await card_channel(ctx, service, environment)
    except TimeoutError:
        raise Transient("It did not say who reads the card's channel.", system="Slack") from None


async def resolution_now(
    ctx: Context, service: Service, environment: Environment, wish: Wish, stands: Standing
) -> Resolution | None:
    """None when the code host does not answer in time: then it is resolved as soon as it does."""
    host = ctx.code_hosts.get(service.repository.provider)
    if host is None:
        raise UserError(
            f"{service.repository.provider} is not set up.",
            "Its token is not among the settings, or this version can't speak to it yet.",
            "An operator can add it; `slipway doctor` says how.",
        )
    try:
        async with asyncio.timeout(ctx.deadline):
            return await resolve(host, service, environment, wish, stands)
    except (Transient, TimeoutError):
        return None


async def found_now(
    ctx: Context, service: Service, environment: Environment, wish: Wish, stands: Standing
) -> tuple[Resolution | None, WaitingRun | None]:
    """The commits, and the run that waits for them where that is how it starts; both, or neither yet."""
    resolution = await resolution_now(ctx, service, environment, wish, stands)
    doors = ctx.doors.get(service.repository.provider)
    if resolution is None or not waits_elsewhere(service, environment):
        return resolution, None
    if doors is None:
        return None, None
    try:
        async with asyncio.timeout(ctx.deadline):
            waits = await find_waiting(doors, ctx.catalog, service, environment, resolution)
    except (Transient, TimeoutError):
        return None, None
    if not wish.emergency:  # that one goes first, whoever asks for the run already
        must_be_new(waits, await ctx.queries.in_line(ctx.workspace, wish))
    return resolution, waits


def _lets_in(waits: WaitingRun | None) -> Text:
    if waits is None:
        return NOTHING
    return line(f"Run {waits.gate.ref.external_id} waits there; it is let in when every rule holds.")


async def _in_front(ctx: Context, wish: Wish, retires: tuple[Deployment, ...]) -> InFront:
    """What is for later takes its place in the line then."""
    if wish.due is not None:
        return InFront(_later(ctx, wish.due))
    return await in_front(ctx, wish, {each.id for each in retires})


def _later(ctx: Context, due: Due) -> Text:
    text = line("It starts on ", bold(due.said), f", in {_left(ctx, due)}, if every rule holds then.")
    return text + line("Cancel it on its card, if it shall not.")


def _left(ctx: Context, due: Due) -> str:
    minute = timedelta(minutes=1)
    return format_duration(max(minute, (due.at - ctx.now) // minute * minute))


def _answer(wish: Wish, resolution: Resolution | None) -> Text:
    if wish.kind is Kind.RESTORE:
        return line("Asked for the ", *_target(wish), ".")
    first = "Going back: " if wish.kind is Kind.ROLLBACK else "Asked for "
    target = _target(wish)
    if resolution is None:
        text = line(first, *target, ". The code host does not answer yet; it goes on when it does.")
        return text + _glass(wish)
    why = f", {resolution.ref_why}" if resolution.ref_why else ""
    told = line(
        first,
        *target,
        ": ",
        code(resolution.ref_name),
        f"{why}, at ",
        code(short(resolution.release.sha)),
        ".",
    )
    return told + _glass(wish)


def _target(wish: Wish) -> tuple[Span | str, ...]:
    match wish.kind:
        case Kind.DEPLOY | Kind.PROMOTE:
            return (bold(wish.service), " to ", bold(wish.environment))
        case Kind.ROLLBACK:
            return (bold(wish.service), " in ", bold(wish.environment))
        case Kind.RUN:
            return (bold(wish.environment), " of ", bold(wish.service))
        case Kind.RESTORE:
            return (bold(what_of(wish)), ": ", *(source(wish.restores) if wish.restores else []))


def _glass(wish: Wish) -> Text:
    """What it means to have broken it."""
    if not wish.emergency:
        return Text(())
    return line(bold("You broke the glass."), f" {WHAT_IT_SKIPS} Everybody is told.")
