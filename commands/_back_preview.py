"""What a rollback would do, before anybody confirms it: nothing is asked for, and nothing is kept."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bot.core.catalog import Environment, Service
from bot.core.code import Commit
from bot.core.command import Context, Reply
from bot.core.durations import format_duration
from bot.core.errors import Bug, Transient, UserError
from bot.core.grammar_words import GrammarWord
from bot.core.lifecycle import State
from bot.core.range_words import AUTHOR, TITLE, listed, size, warned
from bot.core.records import Deployment, Leaving, Resolution, Wish
from bot.core.release_words import judged
from bot.core.resolving import standing_of
from bot.core.restore_words import database_text
from bot.core.targets import Arrival, Targets
from bot.core.text import NOTHING, Icon, Moment, Span, Text, bold, code, line
from bot.core.values import Sha, short
from bot.core.verdicts import Verdict, passes
from bot.core.visible import clip, visible
from bot.core.waiting_runs import WaitingRun
from commands._back_migrations import between
from commands._rehearsal import imagined
from commands._requesting import found_now

COMMITS = 10
OTHERS = 4  # releases that could come back instead
READ = 10  # deployments of which the record says what they brought
LONGEST_REASON = 1500  # characters: the button carries it
LABEL = 30  # characters of a release on the button


async def previewed(
    ctx: Context,
    service: Service,
    environment: Environment,
    wish: Wish,
    found: Targets,
    target: Arrival,
    undone: Deployment,
) -> Reply:
    """The releases, what leaves, what holds it, and one button that means exactly this."""
    if len(wish.reason) > LONGEST_REASON:
        raise UserError(
            "That reason is too long.", "The button that confirms it carries it.", "Give a shorter reason."
        )
    back = await ctx.queries.deployment(ctx.workspace, target.number)
    resolution, waits = await found_now(ctx, service, environment, wish, standing_of(undone))
    text = line(bold(f"Roll back {service.name} in {environment.name}?"))
    text += _releases(undone, back, target) + _in_doubt(found, target)
    text += await _leaving(ctx, environment, wish, target, resolution)
    text += await _held(ctx, service, environment, wish, resolution, undone, waits)
    text += _database(ctx, environment, wish)
    text += _others(found, target) + line("Nothing has been done yet.")
    words = f'rollback "{service.name}" "{environment.name}"'
    words += f' version="#{target.number}" away_from="#{undone.number}"'
    words += f" because {_whole(wish.reason)}" if wish.reason else ""
    name = clip(visible(target.tag or short(target.release)), LABEL)
    return Reply(text, in_full=words, yes=f"Roll back to {name}")


def _whole(reason: str) -> str:
    """A form takes any words; at the end of a line some are options, and a full stop says that it is none."""
    return f"{reason}." if reason.rsplit(maxsplit=1)[-1].lower() in set(GrammarWord) else reason


def _releases(undone: Deployment, back: Deployment | None, target: Arrival) -> Text:
    text = line("Runs now: ", *_release(undone), *_since(undone.landed_at or undone.ended_at))
    spans: list[Span | str] = ["Comes back: "]
    spans += _release(back) if back else [code(target.named)]
    text += line(*spans)
    if back is None or back.run is None or not back.run.started_at or not back.run.ended_at:
        return text
    took = format_duration(back.run.ended_at - back.run.started_at)
    return text + line(f"Its pipeline took {took} the last time, and it was verified then.")


def _release(deployment: Deployment) -> list[Span | str]:
    resolution = deployment.resolution
    if resolution is None:
        return [f"#{deployment.number}"]
    name = resolution.ref_name
    spans: list[Span | str] = [code(clip(visible(name), 100))] if name != resolution.release.sha else []
    title = clip(visible(resolution.release.title), 100)
    return [*spans, " ", code(short(resolution.release.sha)), f" {title} · #{deployment.number}"]


def _since(at: datetime | None) -> list[Span | str]:
    return [" · since ", Moment(at)] if at is not None else []


def _in_doubt(found: Targets, target: Arrival) -> Text:
    """What was begun and did not end well may have changed a part of it."""
    each = found.doubtful
    if each is None:
        return NOTHING
    if each.under_way:
        verifying = each.state is State.VERIFYING
        first = " Nobody waits for its verification then." if verifying else " It is cancelled first."
        text = line(Icon("warning"), " ", bold(f"#{each.number} is under way there."), first)
    else:
        how = f"#{each.number} ({each.named}) ended there as {each.state}."
        text = line(Icon("warning"), " ", bold(how), " A part of it may run.")
    return text + line(f"#{target.number} is the last that was verified and is not in doubt.")


async def _leaving(
    ctx: Context, environment: Environment, wish: Wish, target: Arrival, resolution: Resolution | None
) -> Text:
    """From the code host; while it is down, what our record says that the deployments since then brought."""
    if resolution is None:
        return _by_our_record(environment, await _since_then(ctx, wish, target))
    said = size(resolution)
    text = line(bold(f"{said[:1].upper()}{said[1:]}.")) + listed(resolution, COMMITS)
    leaves = resolution.leaves or Leaving()
    return text + warned(resolution) + between(environment.policy, leaves.paths, whole=not leaves.truncated)


def _by_our_record(environment: Environment, brought: tuple[Resolution, ...]) -> Text:
    known: dict[Sha, Commit] = {}
    for each in brought:
        known |= {commit.sha: commit for commit in each.changes}
    if known:
        text = line(Icon("warning"), " The code host does not answer. By our own record these leave:")
    else:
        text = line(Icon("warning"), " The code host does not answer: nobody can say now what leaves.")
    for commit in list(known.values())[-COMMITS:][::-1]:
        title, author = clip(visible(commit.title), TITLE), clip(visible(commit.author), AUTHOR)
        text += line(code(short(commit.sha)), f" {title} · {author}")
    paths = (path for each in brought for path in each.paths)
    return text + between(environment.policy, paths, whole=False)


async def _since_then(ctx: Context, wish: Wish, target: Arrival) -> tuple[Resolution, ...]:
    """Of everything that got there since then, the oldest first."""
    arrivals = await ctx.releases.arrivals(ctx.workspace, wish.service, wish.environment)
    places = [place for place, each in enumerate(arrivals) if each.id == target.id]
    since = arrivals[places[-1] + 1 :] if places else ()
    brought = [await ctx.queries.deployment(ctx.workspace, each.number) for each in since[-READ:]]
    return tuple(each.resolution for each in brought if each is not None and each.resolution is not None)


async def _held(
    ctx: Context,
    service: Service,
    environment: Environment,
    wish: Wish,
    resolution: Resolution | None,
    undone: Deployment,
    waits: WaitingRun | None,
) -> Text:
    """What would stand in its way now; whoever confirms may still want it to wait for that."""
    if resolution is None:
        return NOTHING
    imaginary, _ = await imagined(ctx, service, environment, wish, resolution, waits)
    verdicts = await verdicts_of(ctx, imaginary, undone)
    if not verdicts:
        return line("Nobody can say now what its gates ask for.")
    closed = tuple(each for each in verdicts if not passes(each))
    first = "It would wait, as things stand:" if closed else "It would start at once."
    return line(bold(first)) + judged(closed)


async def verdicts_of(ctx: Context, imaginary: Deployment, undone: Deployment) -> tuple[Verdict, ...]:
    """What each gate would say of it now; none where that can't be read in time."""
    if ctx.rehearse is None:
        raise Bug("nothing judges what nobody has asked for here")
    with suppress(TimeoutError, Transient, UserError):
        async with asyncio.timeout(ctx.deadline):
            return await ctx.rehearse(replace(imaginary, undoes=undone.id))
    return ()


def _database(ctx: Context, environment: Environment, wish: Wish) -> Text:
    """Going back and restoring are two decisions: the second is made on the card of the first."""
    text = database_text(wish.restores, ctx.now)
    if wish.restores is None or wish.restores.backup is None or environment.policy.restore is None:
        return text
    return text + line("Nothing restores it by itself: the card of the rollback has a button for that.")


def _others(found: Targets, target: Arrival) -> Text:
    """What could come back instead."""
    others = [each for each in found.choices if each.release != target.release][:OTHERS]
    spans: list[Span | str] = []
    for each in others:
        spans += [", " if spans else "", code(f"to #{each.number}"), f" {each.named}"]
    return line("Also possible: ", *spans) if others else NOTHING
