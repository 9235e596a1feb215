"""The way back, walked without going it: what would be started, what would hold it, how long it takes."""

from __future__ import annotations

from datetime import timedelta

from bot.core.catalog import Environment, Service
from bot.core.command import Context, Reply
from bot.core.drill_events import RollbackDrilled
from bot.core.drills import PROVEN_FOR
from bot.core.durations import format_duration
from bot.core.errors import Transient
from bot.core.intents import Note
from bot.core.lifecycle import State
from bot.core.records import Deployment, Wish
from bot.core.release_words import judged
from bot.core.resolving import standing_of
from bot.core.targets import Arrival
from bot.core.text import Text, bold, line
from bot.core.values import Kind
from bot.core.verdicts import Verdict, passes
from commands._back_preview import verdicts_of
from commands._rehearsal import imagined, inputs_of
from commands._requesting import resolution_now

LATELY = 20  # deployments of the place in which an earlier rollback is looked for


async def drilled(
    ctx: Context,
    service: Service,
    environment: Environment,
    wish: Wish,
    target: Arrival,
    undone: Deployment,
) -> Reply:
    """Kept in the audit trail, so that everybody knows that the way is open; nothing else is changed."""
    resolution = await resolution_now(ctx, service, environment, wish, standing_of(undone))
    if resolution is None:
        raise Transient("So nobody can say whether the way back is open.", system="The code host")
    asked, request = await imagined(ctx, service, environment, wish, resolution)
    verdicts = await verdicts_of(ctx, asked, undone)
    closed = tuple(each for each in verdicts if not passes(each))
    took = await _took(ctx, wish, target)
    text = line(bold(f"Drill: {service.name} in {environment.name} back to {target.named}."))
    text += line("Nothing was started, and nothing was changed.") + inputs_of(request)
    text += _held(verdicts, closed) + _time(took)
    seen = RollbackDrilled(
        service=service.name,
        environment=environment.name,
        leaves=undone.number,
        release=target.release,
        workflow=request.workflow,
        held_by=", ".join(each.gate for each in closed) or ("" if verdicts else "not judged"),
        seconds=int(took.total_seconds()) if took else 0,
    )
    return Reply(text, (Note(seen),))


def _held(verdicts: tuple[Verdict, ...], closed: tuple[Verdict, ...]) -> Text:
    if not verdicts:
        return line("Nobody could say what its gates ask for, so this proves nothing. Try again in a moment.")
    if closed:
        text = line(bold("It would wait, as things stand. So the way back is not proven."))
        return text + judged(closed)
    days = PROVEN_FOR // timedelta(days=1)
    return line(bold(f"It would start at once. The way back counts as proven for {days} days."))


def _time(took: timedelta | None) -> Text:
    if took is None:
        return line("How long it would take, nobody knows: nothing like it has run there yet.")
    return line(f"It would take about {format_duration(took)}, as it did the last time.")


async def _took(ctx: Context, wish: Wish, target: Arrival) -> timedelta | None:
    """The last rollback there, else the pipeline that brought the release the first time."""
    for each in await ctx.queries.recent(ctx.workspace, wish.service, wish.environment, LATELY):
        if each.wish.kind is Kind.ROLLBACK and each.state is State.SUCCEEDED and _ran(each) is not None:
            return _ran(each)
    back = await ctx.queries.deployment(ctx.workspace, target.number)
    return _ran(back) if back else None


def _ran(deployment: Deployment) -> timedelta | None:
    run = deployment.run
    return run.ended_at - run.started_at if run and run.started_at and run.ended_at else None
