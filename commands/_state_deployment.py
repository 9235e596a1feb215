"""How one deployment stands, or ended: what it waits for, votes, stages, and the way to its card."""

from __future__ import annotations

from bot.core.command import Context
from bot.core.following import RunRecord, has_ended
from bot.core.lifecycle import BEFORE_DISPATCH, ENDS, State
from bot.core.naming import named_as, what_of
from bot.core.range_words import all_changes, warned
from bot.core.records import Deployment, Transition
from bot.core.release_words import judged, release_lines
from bot.core.reviewing import review_text
from bot.core.run_report_words import reported_text
from bot.core.run_words import WORDS, stage_lines
from bot.core.runs import Run
from bot.core.seen import Seen, ago, as_of
from bot.core.text import NOTHING, Icon, Link, Moment, Span, Text, bold, line, lines
from bot.core.values import ActorKind
from bot.core.verify_words import measured_text
from bot.core.visible import clip
from bot.core.votes import VoteKind
from commands._state_place import word

REASON = 160


async def told(ctx: Context, deployment: Deployment) -> Text:
    """All of it, however long ago it ended."""
    wish = deployment.wish
    by = named_as(deployment.requested_by)
    text = line(
        bold(f"#{deployment.number} {what_of(wish)}"),
        f": {word(deployment.state)}",
        *await _card(ctx, deployment),
    )
    asked = "Started by " if deployment.state is State.BYPASSED else "Asked by "
    text += line(asked, by, " · ", Moment(deployment.created_at), _because(wish.reason))
    if wish.due is not None:
        text += line(f"Due on {wish.due.said} · ", Moment(wish.due.at))
    text += release_lines(wish, deployment.resolution)
    if deployment.resolution is not None and deployment.state not in ENDS:
        text += warned(deployment.resolution)
    text += await _run(ctx, deployment)
    text += reported_text(deployment) + review_text(deployment) + _measured(ctx, deployment)
    if deployment.note:
        text += lines(f"{deployment.note} {deployment.next_step}".strip())
    if deployment.state in BEFORE_DISPATCH:
        text += judged(deployment.verdicts)
    text += _votes(deployment)
    for step in await ctx.queries.transitions(ctx.workspace, deployment.id):
        text += line(*_step(step, told=deployment.note))
    return text + all_changes(deployment.resolution) if deployment.resolution else text


async def _card(ctx: Context, deployment: Deployment) -> list[Span | str]:
    card = await ctx.queries.card_of(ctx.workspace, deployment.id)
    url = ctx.permalink(card) if card else ""
    return [" · ", Link(url, "Its card")] if url else []


async def _run(ctx: Context, deployment: Deployment) -> Text:
    """As its provider shows it now, while it is under way; what has ended stays as it is on record."""
    run = deployment.run
    if run is None:
        return NOTHING
    age: tuple[Span | str, ...] = ()
    if deployment.state not in ENDS and not has_ended(run):
        seen = await ctx.sights.outside.run(ctx.workspace, run.ref)
        old = as_of(seen, ctx.now)
        run, age = _newest(run, seen), (old,) if old else (" · looked at ", Moment(ctx.now))
    name: Span | str = Link(run.url, "The run") if run.url else "The run"
    again = f", attempt {run.attempt}" if run.attempt > 1 else ""
    return line(name, f": {WORDS[run.status]}{again}", *age) + stage_lines(run.stages)


def _newest(run: Run, seen: Seen[tuple[RunRecord, ...]]) -> Run:
    """The same attempt as it was read; another one is none of this deployment."""
    return next((each.run for each in seen.value or () if each.run.attempt == run.attempt), run)


def _measured(ctx: Context, deployment: Deployment) -> Text:
    """What was measured, and how old the last reading is."""
    read = [each.read_at for each in deployment.verifications if each.read_at is not None]
    text = measured_text(deployment)
    return text + line(f"Read last {ago(max(read), ctx.now)}") if text.lines and read else text


def _votes(deployment: Deployment) -> Text:
    """Who said what; of another request digest, that it does not count any more."""
    text = NOTHING
    for each in deployment.votes:
        approves = each.kind is VoteKind.APPROVE
        what = "approved it" if approves else "rejected it"
        void = "" if each.digest == deployment.digest else ", but what they saw has changed"
        why = f": “{clip(each.reason, REASON)}”" if each.reason else ""
        text += line(
            Icon("white_check_mark" if approves else "x"),
            f" {each.name} {what} ",
            Moment(each.at),
            f"{void}{why}",
        )
    return text


def _step(step: Transition, told: str) -> tuple[Span | str, ...]:
    """When it became what; by whom, where that was a person; and why, unless the note says so already."""
    who = f" · {step.actor.name}" if step.actor.kind is ActorKind.PERSON else ""
    why = f" · {step.why}" if step.why and step.why != told else ""
    return (Moment(step.at), f" · {word(step.target)}{who}{why}")


def _because(reason: str) -> str:
    return f" because {reason}" if reason else ""
