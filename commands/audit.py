"""/audit: the records of the audit trail, newest first, for those with the right; that it was read is one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.archive import Page, TrailRecord, TrailWish
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import UserError
from bot.core.events import EVENT_NAMES, TrailRead
from bot.core.intents import Note
from bot.core.nearest import suggestion
from bot.core.paging import before_number, number_of, person_id, since_moment
from bot.core.policy import Permission, audit_scope
from bot.core.text import Mention, Moment, Span, Text, bold, code, line
from bot.core.values import SLIPWAY, ActorKind
from bot.core.visible import clip

LONGEST = 120  # characters of one fact; the export has all of it
TOLD = frozenset({"deployment", "number", "service", "environment"})  # at the head of the line
_NARROWING = ("what", "who", "since")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Arguments:
    service: str | None = arg(ArgKind.SERVICE, "only of this service", filler=("of",), default=None)
    environment: str | None = arg(ArgKind.ENVIRONMENT, "only there", filler=("to", "on", "in"), default=None)
    what: str | None = arg(
        ArgKind.WORD, "only of one deployment, #42, or one kind, request-refused", default=None
    )
    who: str | None = arg(
        ArgKind.WORD, "only by this person, @somebody, or slipway", filler=("by",), default=None
    )
    since: str | None = arg(
        ArgKind.WORD, "only from then on: 7d, yesterday, monday, 2026-11-01", filler=("since",), default=None
    )
    before: str | None = arg(ArgKind.WORD, "only before this record", filler=("before",), default=None)


async def run(ctx: Context, args: Arguments) -> Reply:
    """One page of what this person may read, and the note that they did."""
    page = await ctx.archive.trail(ctx.workspace, _wish(ctx, args))
    text = line(bold("The audit trail"), " · newest first")
    if not page.rows:
        text += line("There is no such record among those that you may read.")
    for record in page.rows:
        text += _told(record)
    read = TrailRead(args.service or "", args.environment or "", _words(args, _NARROWING))
    return Reply(text, (Note(read),), older=_older(args, page))


def _wish(ctx: Context, args: Arguments) -> TrailWish:
    number = number_of(args.what)
    return TrailWish(
        scope=audit_scope(ctx.person, ctx.catalog).within(args.service, args.environment),
        deployment=number,
        event=None if number is not None else _event(args.what),
        actor=_actor(args.who),
        since=since_moment(args.since, ctx.now, ctx.person.zone),
        before=before_number(args.before),
    )


def _event(word: str | None) -> str | None:
    """The kind of event as people write it: request-refused."""
    if word is None:
        return None
    kinds = {_kebab(name): name for name in EVENT_NAMES}
    if word.lower() not in kinds:
        hint = suggestion(word.lower(), kinds) or f"The kinds are {', '.join(sorted(kinds))}."
        raise UserError(f"`{word}` is neither a deployment such as `#42` nor a kind of record.", hint)
    return kinds[word.lower()]


def _actor(word: str | None) -> str | None:
    if word is None or word.lower() == SLIPWAY.id:
        return word and SLIPWAY.id
    found = person_id(word)
    if found is None:
        raise UserError(
            f"Who is `{word}`?",
            "A name can belong to several people.",
            "Mention the person: `who=@somebody`.",
        )
    return found


def _told(record: TrailRecord) -> Text:
    """Who did what, where and when; then the facts, and whether the record is as it was written."""
    actor = record.actor
    by: Span = Mention(actor.id, actor.name) if actor.kind is ActorKind.PERSON else bold(actor.name)
    spans: list[Span | str] = [code(str(record.seq)), " ", Moment(record.at), " · ", by, " · "]
    spans.append(_kebab(record.event).replace("-", " "))
    spans.append(f" #{record.number}" if record.number is not None else "")
    place = " to ".join(part for part in (record.service, record.environment) if part)
    spans.append(f" · {place}" if place else "")
    spans += [] if record.sound else [" · ", bold("it was changed: it does not fit its hash")]
    facts = [f"{name} {clip(str(value), LONGEST)}" for name, value in sorted(record.facts.items()) if value]
    told = [fact for fact in facts if fact.partition(" ")[0] not in TOLD]
    return line(*spans) + (line(" · ".join(told)) if told else Text(()))


def _kebab(name: str) -> str:
    return _HUMP.sub("-", name).lower()


def _words(args: Arguments, names: tuple[str, ...]) -> str:
    """What was asked for, as it can be typed again."""
    given = ((name, getattr(args, name)) for name in names)
    return " ".join(f'{name}="{value}"' for name, value in given if value)


def _older(args: Arguments, page: Page[TrailRecord]) -> str:
    if not page.more:
        return ""
    words = _words(args, ("service", "environment", *_NARROWING))
    return " ".join(part for part in ("audit", words, f"before={page.rows[-1].seq}") if part)


COMMAND = Command(
    name="audit",
    arguments=Arguments,
    permission=Permission.AUDIT,
    summary="Show records of the audit trail: of a place, a deployment, a person, a time",
    examples=("/audit #42", "/audit api production since 7d", "/audit what=request-refused by @ada"),
    run=run,
)
