"""How a run stands: what it is of, its attempts, its stages, what it left, and whose it is."""

from __future__ import annotations

from bot.core.command import Context
from bot.core.errors import UserError
from bot.core.following import RunRecord
from bot.core.naming import what_of
from bot.core.policy import visible_names
from bot.core.records import Deployment
from bot.core.run_links import RunLink, leads_to
from bot.core.run_sight import may_see_run, visible_repositories, visible_repository
from bot.core.run_words import artifact_line, run_name, stage_lines, standing
from bot.core.runs import RunRef
from bot.core.seen import Seen, as_of
from bot.core.text import NOTHING, Moment, Span, Text, bold, code, line
from bot.core.values import short
from bot.core.visible import clip, visible

NAME = 100
EARLIER = 5  # attempts


def not_there(word: str) -> UserError:
    """The same for one that is not there and one that this person may not know of."""
    return UserError(
        f"There is no run `{clip(word, 40)}` on record.",
        "Slipway knows those in repositories of its services, since it follows them.",
        "Paste the link of its page: then the provider is asked for it.",
    )


async def by_number(ctx: Context, word: str) -> Text | None:
    """The one that is on record; None where there is none that this person may know of."""
    known = visible_repositories(ctx.person, ctx.catalog)
    ref = await ctx.sights.record.called(ctx.workspace, known, word)
    return await _told(ctx, ref) if ref is not None else None


async def linked(ctx: Context, link: RunLink) -> Text:
    """As its provider shows it, or as it is on record."""
    repository = visible_repository(ctx.person, ctx.catalog, link.repository)
    if repository is None:
        raise _unseen(link)
    ref = RunRef(repository.provider, repository.full_name, link.external_id)
    found = await _told(ctx, ref, link)
    if found is None:
        raise _unseen(link)
    return found


def _unseen(link: RunLink) -> UserError:
    return UserError(
        f"There is no {_called(link)} in `{clip(visible(link.repository), NAME)}`.",
        "Or it is in no repository of a service that you can see.",
        "`/state` shows what there is.",
    )


def _called(link: RunLink) -> str:
    attempt = f"attempt {link.attempt} of the run" if link.attempt is not None else "run"
    return f"{attempt} {link.external_id}"


async def _told(ctx: Context, ref: RunRef, link: RunLink | None = None) -> Text | None:
    owners = await ctx.sights.record.owners(ctx.workspace, ref)
    seen = await ctx.sights.outside.run(ctx.workspace, ref)
    records = seen.value
    if records is None:
        text = line(f"Nothing is on record of the run {ref.external_id} of {ref.repository}, and {seen.why}.")
        return text + line("Try again in a moment.")
    record = _meant(records, link)
    if record is None or (link is not None and not leads_to(link, record.run.url)):
        return None
    path = record.about.path if record.about else ""
    if not may_see_run(ctx.person, ctx.catalog, ref, path, owners):
        return None
    return _run(ctx, record, seen) + _whose(ctx, owners) + _attempts(record, records)


def _meant(records: tuple[RunRecord, ...], link: RunLink | None) -> RunRecord | None:
    """The attempt that the link names, or the last one."""
    if link is not None and link.attempt is not None:
        return next((each for each in records if each.run.attempt == link.attempt), None)
    return records[-1] if records else None


def _run(ctx: Context, record: RunRecord, seen: Seen[tuple[RunRecord, ...]]) -> Text:
    run, about = record.run, record.about
    name = about.workflow if about else run.title
    of = f" · attempt {run.attempt}" if run.attempt > 1 else ""
    where: list[Span | str] = [f" of {run.ref.repository}{of} · looked at ", Moment(ctx.now)]
    text = line(bold(clip(visible(name), NAME)), " · ", run_name(run), *where)
    text += line(*standing(record), as_of(seen, ctx.now))
    if about is None:
        text += line("On ", code(short(run.head_sha)))
    else:
        title = clip(visible(about.commit), NAME)
        text += line(
            "On ", code(clip(visible(about.branch), NAME)), " · ", code(short(run.head_sha)), f" {title}"
        )
        text += line(
            f"Started by {clip(visible(about.actor), NAME)} ({visible(about.event).replace('_', ' ')})"
        )
    return text + stage_lines(run.stages) + artifact_line(record)


def _whose(ctx: Context, owners: tuple[Deployment, ...]) -> Text:
    """The deployments that this person may know of."""
    services = visible_names(ctx.person, ctx.catalog)
    text = NOTHING
    for each in owners:
        if each.wish.service in services:
            state = each.state.replace("_", " ")
            text += line(
                "It is of ",
                bold(f"#{each.number} {what_of(each.wish)}"),
                f", which is {state}: ",
                code(f"/state #{each.number}"),
            )
    return text if text.lines else line("It is of no deployment.")


def _attempts(record: RunRecord, records: tuple[RunRecord, ...]) -> Text:
    """How the others went."""
    others = [each for each in records if each.run.attempt != record.run.attempt][-EARLIER:]
    text = NOTHING
    for each in others:
        text += line(f"Attempt {each.run.attempt}: ", *standing(each))
    return text
