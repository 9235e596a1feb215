"""/state: what runs where, and what is under way. (Slack keeps /status for itself.)"""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.catalog import Environment, Service
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.deciding import visible_one
from bot.core.errors import UserError
from bot.core.lifecycle import BEFORE_DISPATCH, ENDS, State
from bot.core.lock_words import lock_spans
from bot.core.locks import STORY, Lock, Scope
from bot.core.naming import named_as, what_of
from bot.core.nearest import suggestion
from bot.core.paging import number_of
from bot.core.policy import Permission, visible_services
from bot.core.quarantine import Quarantine, against
from bot.core.range_words import all_changes, warned
from bot.core.records import Deployment, Transition
from bot.core.release_words import judged, release_lines
from bot.core.reviewing import review_text
from bot.core.routine_words import routine_text
from bot.core.routines import posts_at
from bot.core.run_report_words import reported_text
from bot.core.runs import RUN_ENDS
from bot.core.text import Icon, Link, Moment, Span, Text, bold, code, line, lines
from bot.core.values import ActorKind, short
from bot.core.verify_words import measured_text
from bot.core.visible import clip

RECENT = 50


@dataclass(frozen=True, slots=True)
class Arguments:
    what: str | None = arg(ArgKind.WORD, "a service, an environment, or #number", default=None)
    environment: str | None = arg(
        ArgKind.ENVIRONMENT, "only this environment", filler=("in", "on"), default=None
    )


async def run(ctx: Context, args: Arguments) -> Reply:
    """One deployment by its number, or the matrix of services and environments."""
    services = visible_services(ctx.person, ctx.catalog)
    if args.what and number_of(args.what) is not None:
        return Reply(await _one(ctx, await visible_one(ctx, args.what)))
    rows = _wanted(services, args)
    text = line(bold("What runs where"), f" · as recorded by Slipway at {ctx.now:%H:%M} UTC")
    if not rows:
        text += line("There is no service that you can see.")
    locks = await ctx.locks.held(ctx.workspace)
    kept = await ctx.quarantines.held(ctx.workspace)
    for service, environment in rows:
        text += line(*await _row(ctx, service, environment, kept))
        text += _locked(locks, Scope(service.name, environment.name))
    if len(rows) == 1:
        text += await _on_schedule(ctx, *rows[0])
    return Reply(text + await _reviews(ctx, rows))


def _wanted(services: tuple[Service, ...], args: Arguments) -> list[tuple[Service, Environment]]:
    rows = [(service, environment) for service in services for environment in service.environments]
    what, where = (args.what or "").lower(), args.environment
    if what in {service.name for service in services}:
        rows = [(service, environment) for service, environment in rows if service.name == what]
    elif what in {environment.name for _, environment in rows}:
        rows = [(service, environment) for service, environment in rows if environment.name == what]
    elif what:
        names = {service.name for service in services} | {environment.name for _, environment in rows}
        hint = suggestion(what, names) or f"There are {', '.join(sorted(names))}."
        raise UserError(f"There is no service or environment called `{args.what}`.", hint, "Try `/state`.")
    if where is None:
        return rows
    found = [(service, environment) for service, environment in rows if environment.name == where]
    if not found:
        raise UserError(f"There is no `{where}` of `{args.what}`.", "", "Try `/state` without it.")
    return found


async def _row(
    ctx: Context, service: Service, environment: Environment, kept: tuple[Quarantine, ...]
) -> tuple[Span | str, ...]:
    live = await ctx.queries.live(ctx.workspace, service.name, environment.name)
    recent = await ctx.queries.recent(ctx.workspace, service.name, environment.name, RECENT)
    moving = next((each for each in recent if each.state not in ENDS | {State.SCHEDULED}), None)
    spans: list[Span | str] = [bold(f"{service.name} · {environment.name}"), "  "]
    spans += _release(live.deployment) if live else ["nothing deployed by Slipway yet"]
    for each in against(kept, live.deployment) if live else ():
        spans += ["  · ", bold("quarantined"), f": “{clip(each.reason, STORY)}”"]
    if moving is not None:
        spans.append(f"  · #{moving.number} is {_word(moving.state)}")
    scheduled = [(each.wish.due, each.number) for each in recent if each.state is State.SCHEDULED]
    for at, number in sorted((due.at, number) for due, number in scheduled if due is not None):
        spans += [f"  · #{number} is scheduled for ", Moment(at)]
    return tuple(spans)


def _locked(locks: tuple[Lock, ...], place: Scope) -> Text:
    """A line for each lock that covers the place."""
    text = Text(())
    for each in locks:
        if each.scope.covers(place):
            text += line(Icon("lock"), " ", *lock_spans(each))
    return text


async def _on_schedule(ctx: Context, service: Service, environment: Environment) -> Text:
    """How what is measured between releases stands."""
    if ctx.courses is None or not environment.routines:
        return Text(())
    known = await ctx.courses.at(ctx.workspace, service.name, environment.name)
    return routine_text(posts_at(service, environment), known, ctx.now)


async def _reviews(ctx: Context, rows: list[tuple[Service, Environment]]) -> Text:
    """A line for each emergency that waits for its review."""
    places = {(service.name, environment.name) for service, environment in rows}
    text = Text(())
    for each in await ctx.queries.open_reviews(ctx.workspace):
        if each.review is not None and (each.wish.service, each.wish.environment) in places:
            due = Moment(each.review.due_at)
            text += line(
                Icon("rotating_light"), f" The emergency #{each.number} waits for its review, due ", due
            )
    return text


def _release(deployment: Deployment) -> list[Span | str]:
    spans: list[Span | str] = []
    if deployment.resolution is not None:
        spans += [code(short(deployment.resolution.release.sha)), f" {deployment.resolution.release.title}"]
    spans += [f" · #{deployment.number} by {deployment.requested_by.name}, "]
    if deployment.landed_at is not None:
        return [*spans, Moment(deployment.landed_at), " · ", bold("past Slipway: nobody approved it")]
    if deployment.ended_at is not None:
        spans.append(Moment(deployment.ended_at))
    return spans


async def _one(ctx: Context, deployment: Deployment) -> Text:
    wish = deployment.wish
    by = named_as(deployment.requested_by)
    text = line(bold(f"#{deployment.number} {what_of(wish)}"), f": {_word(deployment.state)}")
    asked = "Started by " if deployment.state is State.BYPASSED else "Asked by "
    text += line(asked, by, " · ", Moment(deployment.created_at), _because(wish.reason))
    if wish.due is not None:
        text += line(f"Due on {wish.due.said} · ", Moment(wish.due.at))
    text += release_lines(wish, deployment.resolution)
    if deployment.resolution is not None and deployment.state not in ENDS:
        text += warned(deployment.resolution)
    if deployment.run is not None and deployment.run.url:
        ended = f"ended: {deployment.run.status}" if deployment.run.status in RUN_ENDS else "is under way"
        text += line(Link(deployment.run.url, "The run"), f" {ended}")
    text += reported_text(deployment) + review_text(deployment) + measured_text(deployment)
    if deployment.note:
        text += lines(f"{deployment.note} {deployment.next_step}".strip())
    if deployment.state in BEFORE_DISPATCH:
        text += judged(deployment.verdicts)
    for step in await ctx.queries.transitions(ctx.workspace, deployment.id):
        text += line(*_step(step, told=deployment.note))
    return text + all_changes(deployment.resolution) if deployment.resolution else text


def _step(step: Transition, told: str) -> tuple[Span | str, ...]:
    """When it became what; by whom, where that was a person; and why, unless the note says so already."""
    who = f" · {step.actor.name}" if step.actor.kind is ActorKind.PERSON else ""
    why = f" · {step.why}" if step.why and step.why != told else ""
    return (Moment(step.at), f" · {_word(step.target)}{who}{why}")


def _word(state: State) -> str:
    return state.replace("_", " ")


def _because(reason: str) -> str:
    return f" because {reason}" if reason else ""


COMMAND = Command(
    name="state",
    arguments=Arguments,
    permission=Permission.LOOK,
    summary="Show what runs where, or how a deployment stands",
    examples=("/state", "/state api", "/state api production", "/state #42"),
    run=run,
    alias=("status",),
)
