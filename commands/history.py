"""/history: what was deployed, newest first: who, what, when, how long, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.archive import HistoryWish, Page, Past
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.durations import format_duration
from bot.core.errors import UserError
from bot.core.lifecycle import ENDS, State
from bot.core.naming import named_as
from bot.core.paging import before_number, since_moment
from bot.core.policy import Permission
from bot.core.text import Link, Moment, Span, Text, bold, code, line
from bot.core.values import Kind, short
from bot.core.visible import clip

LONGEST = 80  # characters of a title, a reason or a note; the card has all of it


@dataclass(frozen=True, slots=True)
class Arguments:
    service: str = arg(ArgKind.SERVICE, "what was deployed", filler=("of",))
    environment: str | None = arg(ArgKind.ENVIRONMENT, "only there", filler=("to", "on", "in"), default=None)
    since: str | None = arg(
        ArgKind.WORD, "only from then on: 7d, yesterday, monday, 2026-11-01", filler=("since",), default=None
    )
    before: str | None = arg(ArgKind.WORD, "only before this number", filler=("before",), default=None)


async def run(ctx: Context, args: Arguments) -> Reply:
    """One page, and the way to the next."""
    wish = HistoryWish(args.service, args.environment, _since(ctx, args), before_number(args.before))
    page = await ctx.archive.history(ctx.workspace, wish)
    where = f"{args.service} to {args.environment}" if args.environment else args.service
    text = line(bold(f"What was deployed of {where}"), " · newest first")
    if not page.rows:
        narrowed = args.since is not None or args.before is not None
        text += line("Nothing then." if narrowed else "Nothing yet.")
    for past in page.rows:
        text += _told(ctx, past, with_place=args.environment is None)
    return Reply(text, older=_older(args, page))


def _since(ctx: Context, args: Arguments) -> datetime | None:
    """A word that is no time may have been meant for an environment."""
    try:
        return since_moment(args.since, ctx.now, ctx.person.zone)
    except UserError as error:
        service = ctx.catalog.service(args.service)
        if args.environment is not None or service is None:
            raise
        names = ", ".join(each.name for each in service.environments)
        why = f"Nor is it an environment of {args.service}: there are {names}."
        raise UserError(error.what, why, error.next) from None


def _told(ctx: Context, past: Past, *, with_place: bool) -> Text:
    """What and how it ended on one line, who and when on the next."""
    url = ctx.permalink(past.card) if past.card else ""
    spans: list[Span | str] = [Link(url, f"#{past.number}") if url else bold(f"#{past.number}")]
    spans.append(f" {_kind(past)}{_place(past) if with_place else ''}: ")
    spans.append(bold(_state(past.state)))
    lasted = past.lasted(ctx.now)
    if lasted is not None:
        spans.append(f" {'after' if past.state in ENDS else 'for'} {format_duration(lasted)}")
    release = past.sha if past.kind is not Kind.RESTORE else None  # none came or went with that
    spans += [" · ", code(short(release)), f" {clip(past.title, LONGEST)}"] if release else []
    return line(*spans) + line(*_people(past))


def _people(past: Past) -> list[Span | str]:
    asked = "started by " if past.state is State.BYPASSED else "asked by "
    spans: list[Span | str] = [asked, named_as(past.requested_by), " · "]
    spans.append(Moment(past.asked_at))
    if past.approved_by:
        spans.append(f" · approved by {', '.join(past.approved_by)}")
    if past.reason:
        spans.append(f" · because {clip(past.reason, LONGEST)}")
    if past.note and past.state is not State.SUCCEEDED:
        spans.append(f" · {clip(past.note, LONGEST)}")
    return spans


def _kind(past: Past) -> str:
    return f"emergency {past.kind}" if past.emergency else past.kind.value


def _place(past: Past) -> str:
    return f" {'of' if past.kind is Kind.RUN else 'to'} {past.environment}"


def _state(state: State) -> str:
    return state.replace("_", " ")


def _older(args: Arguments, page: Page[Past]) -> str:
    """The next page in words; `since` stays as it was said."""
    if not page.more:
        return ""
    words = [f"history service={args.service}"]
    words += [f"environment={args.environment}"] if args.environment else []
    words += [f'since="{args.since}"'] if args.since else []
    return " ".join([*words, f"before={page.rows[-1].number}"])


COMMAND = Command(
    name="history",
    arguments=Arguments,
    permission=Permission.LOOK,
    summary="Show what was deployed: who, what, when, how long, and how it ended",
    examples=("/history api", "/history api production", "/history api production since 7d"),
    run=run,
    form=True,
)
