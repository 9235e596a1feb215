"""/digest: what this channel is told each day or week of what was deployed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time

from bot.core.catalog import Every, Service, Weekday
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.digest_intents import SetDigest, SnoozeDigest, StopDigest
from bot.core.digest_jobs import Job, jobs
from bot.core.digest_words import computed, in_words
from bot.core.digesting import Reading, Wanted, gather, names_of, services_for
from bot.core.due import read_clock, read_zone, reads_as_time
from bot.core.errors import UserError
from bot.core.grammar_words import GrammarWord
from bot.core.nearest import suggestion
from bot.core.policy import Permission, authorise, visible_names, visible_services
from bot.core.schedules import Schedule, next_slot, window_until
from bot.core.text import NOTHING, bold, code, line, sentence
from bot.core.values import ActorKind
from bot.core.wall_clock import WallClock

PACES = {
    GrammarWord.DAILY: Every.DAY,
    GrammarWord.WEEKDAYS: Every.WEEKDAY,
    GrammarWord.WEEKLY: Every.WEEK,
}
WORDS = (*PACES, GrammarWord.NOW, GrammarWord.OFF, GrammarWord.SNOOZE)
NINE, TEN = time(9), time(10)
HOW = "Write for instance `/digest daily at 09:00 Europe/London` or `/digest weekly on monday at 10:00`."
GONE = ("There is no such digest here.", "`/digest` says what this channel gets.")


def _reads_day(text: str) -> bool:
    return text.lower() in set(Weekday)


def _reads_names(text: str) -> bool:
    return not any(word.lower() in set(GrammarWord) for word in text.split())


@dataclass(frozen=True, slots=True)
class Arguments:
    what: str | None = arg(ArgKind.WORD, "daily, weekdays, weekly, now, off or snooze", default=None)
    zone: str | None = arg(ArgKind.WORD, "a time zone; with now, off and snooze which one", default=None)
    day: str | None = arg(ArgKind.AFTER, "the day of a weekly one", word="on", reads=_reads_day, default=None)
    time: str | None = arg(
        ArgKind.AFTER, "09:00, with a zone if not the team's", word="at", reads=reads_as_time, default=None
    )
    services: str | None = arg(
        ArgKind.AFTER, "only of these", word="for", reads=_reads_names, default=None, label="Services"
    )


async def run(ctx: Context, args: Arguments) -> Reply:
    """To look costs no right; to change what a channel is told takes one."""
    if not ctx.place.channel:
        raise UserError("A digest belongs to a channel.", "This is none.", "Ask for it in the channel.")
    if args.what is None:
        return await _what_comes(ctx)
    word = next((each for each in WORDS if each == args.what.lower()), None)
    if word is None:
        raise UserError(f"`{args.what}` is no kind of digest.", suggestion(args.what, list(WORDS)), HOW)
    if word in PACES:
        return await _set(ctx, args, PACES[word])
    act = {GrammarWord.NOW: _preview, GrammarWord.OFF: _off, GrammarWord.SNOOZE: _snooze}[word]
    return await act(ctx, args)


async def _set(ctx: Context, args: Arguments, every: Every) -> Reply:
    schedule, named = _schedule(ctx, args, every), _named(ctx, args)
    services = await services_for(_reading(ctx), Wanted(ctx.place.channel, schedule, named))
    missing = sorted(set(named) - {each.name for each in services})
    if missing:
        raise UserError(
            f"This channel can't be told of {', '.join(missing)}.",
            "Not everybody who reads here may know of it.",
            "An administrator can name this `channel:` for it, or say `external: true`, in slipway.yml.",
        )
    known = visible_names(ctx.person, ctx.catalog)
    seen = tuple(each for each in services if each.name in known)
    if not seen:
        raise UserError(
            "There would be nothing to tell here.",
            "No service has its cards in this channel, or people of other organisations read it.",
            "Name services: `/digest daily for api web`.",
        )
    _must_subscribe(ctx, services)
    first = WallClock(schedule.zone).said(next_slot(schedule, ctx.now).moment)
    text = line(bold("This channel gets a digest "), f"{schedule.said}, of {_names(seen)}.")
    text += line(f"The first comes {first}. It stays silent when nothing happened.")
    text += line(code("/digest now"), " shows what one says, ", code("/digest off"), " ends it.")
    return Reply(text, (SetDigest(ctx.place.channel, schedule, named),))


async def _off(ctx: Context, args: Arguments) -> Reply:
    every = _pace(args.zone) if args.zone else None
    mine = [each for each in await _here(ctx) if each.asked is not None]
    mine = [each for each in mine if every is None or each.wanted.schedule.every is every]
    if not mine:
        raise UserError(
            GONE[0], "Only what was asked for in chat ends so; the rest stands in slipway.yml.", GONE[1]
        )
    for each in mine:
        if not _asked_by(ctx, each):
            _must_subscribe(ctx, await services_for(_reading(ctx), each.wanted))
    stopped = ", ".join(each.wanted.schedule.said for each in mine)
    return Reply(line(bold("No more digests here: "), f"{stopped}."), (StopDigest(ctx.place.channel, every),))


async def _snooze(ctx: Context, args: Arguments) -> Reply:
    """The next one is left out; asked for again, the one after it as well."""
    found = [each for each in await _here(ctx) if args.zone is None or _is_meant(each, args.zone)]
    if not found:
        raise UserError(GONE[0], "It may have been stopped meanwhile.", GONE[1])
    snoozes, text, intents = await ctx.digests.snoozes(ctx.workspace), NOTHING, []
    for each in found:
        if not _asked_by(ctx, each):
            _must_subscribe(ctx, await services_for(_reading(ctx), each.wanted))
        schedule = each.wanted.schedule
        skipped = each.after(ctx.now, snoozes.get(each.name))
        until = next_slot(schedule, skipped.moment).moment
        clock = WallClock(schedule.zone)
        text += line(f"The digest of {clock.said(skipped.moment)} is left out.")
        text += line(f"The next one comes {clock.said(until)}.")
        intents.append(SnoozeDigest(ctx.place.channel, each.name, until))
    return Reply(text, tuple(intents))


async def _preview(ctx: Context, args: Arguments) -> Reply:
    """As this channel gets it, or of a day; of nothing that the reader may not know of."""
    here = await _here(ctx)
    every = _pace(args.zone) if args.zone else None
    usual = here[0].wanted if here and every is None else None
    wanted = usual or Wanted(ctx.place.channel, _schedule(ctx, replace(args, zone=None), every or Every.DAY))
    reading, known = _reading(ctx), visible_names(ctx.person, ctx.catalog)
    named = replace(wanted, services=_named(ctx, args) or wanted.services)
    told = tuple(each.name for each in await services_for(reading, named) if each.name in known)
    if not told:
        raise UserError(
            "There is nothing to preview here.",
            "No service has its cards in this channel, or people of other organisations read it.",
            "Name services: `/digest now for api web`.",
        )
    window = window_until(wanted.schedule, ctx.now)
    found = await gather(reading, replace(wanted, services=told), window)
    return Reply(in_words(found, ctx.permalink) + line(computed(found)))


async def _what_comes(ctx: Context) -> Reply:
    """Those of the catalog beside those that people asked for."""
    found, snoozes = await _here(ctx), await ctx.digests.snoozes(ctx.workspace)
    if not found:
        return Reply(line("This channel gets no digest.") + sentence(HOW))
    text, known = line(bold("Digests of this channel")), visible_names(ctx.person, ctx.catalog)
    for each in found:
        schedule = each.wanted.schedule
        slot = each.after(ctx.now, snoozes.get(each.name))
        origin = f"asked for by {each.asked.by.name}" if each.asked else "from slipway.yml"
        services = [one for one in await services_for(_reading(ctx), each.wanted) if one.name in known]
        text += line(f"• {schedule.said}, of {_names(tuple(services))} · {origin}")
        text += line(f"   the next comes {WallClock(schedule.zone).said(slot.moment)}")
    return Reply(text)


async def _here(ctx: Context) -> list[Job]:
    """Those of this channel, by its id or its name."""
    names = await names_of(ctx.channels, ctx.workspace, ctx.place.channel)
    asked = await ctx.digests.asked(ctx.workspace)
    return [each for each in jobs(ctx.catalog, asked) if each.wanted.channel in names]


def _asked_by(ctx: Context, job: Job) -> bool:
    """Who asked for it may end it, wherever they work by now."""
    asked = job.asked
    return asked is not None and (asked.by.kind, asked.by.id) == (ActorKind.PERSON, ctx.person.id)


def _is_meant(job: Job, which: str) -> bool:
    return which == job.name or which.lower() in [
        word for word, every in PACES.items() if every is job.wanted.schedule.every
    ]


def _schedule(ctx: Context, args: Arguments, every: Every) -> Schedule:
    """By the team's clock unless a zone is named."""
    usual = TEN if every is Every.WEEK else NINE
    clock = read_clock(args.time) if args.time else (usual, "")
    if clock is None:
        raise UserError(f"`{args.time}` is no time of day.", "A digest always comes at the same time.", HOW)
    zone = read_zone(args.zone) if args.zone else clock[1] or ctx.catalog.channels.zone
    if zone is None or (args.zone and clock[1]):
        raise UserError(f"`{args.zone}` is one word too many, or no time zone.", "", HOW)
    return Schedule(every, clock[0], zone, _day(args, every))


def _day(args: Arguments, every: Every) -> Weekday | None:
    if every is not Every.WEEK:
        if args.day:
            raise UserError("`on` belongs to a weekly digest.", "The others have no day of their own.", HOW)
        return None
    if args.day and not _reads_day(args.day):
        raise UserError(f"`{args.day}` is no day of the week.", suggestion(args.day, list(Weekday)), HOW)
    return Weekday(args.day.lower()) if args.day else Weekday.MONDAY


def _pace(word: str) -> Every:
    found = next((every for pace, every in PACES.items() if pace == word.lower()), None)
    if found is None:
        raise UserError(f"`{word}` is no kind of digest.", suggestion(word, list(PACES)), HOW)
    return found


def _named(ctx: Context, args: Arguments) -> tuple[str, ...]:
    """What this person may not know of is not there."""
    known = visible_names(ctx.person, ctx.catalog)
    wanted = tuple(dict.fromkeys((args.services or "").replace(",", " ").lower().split()))
    for each in wanted:
        if each not in known:
            hint = suggestion(each, sorted(known)) or f"There are {', '.join(sorted(known))}."
            raise UserError(f"There is no service called `{each}`.", hint, HOW)
    return wanted


def _must_subscribe(ctx: Context, services: tuple[Service, ...]) -> None:
    """For each of them, where the nearest word on the right counts; what tells of none is as of all."""
    for each in services or visible_services(ctx.person, ctx.catalog) or (None,):
        authorise(Permission.SUBSCRIBE, ctx.person, ctx.catalog, each)


def _names(services: tuple[Service, ...]) -> str:
    return ", ".join(each.name for each in services) or "nothing that you may know of"


def _reading(ctx: Context) -> Reading:
    return Reading(ctx.workspace, ctx.catalog, ctx.queries, ctx.happenings, ctx.channels)


COMMAND = Command(
    name="digest",
    arguments=Arguments,
    permission=Permission.LOOK,
    summary="Have a summary of what was deployed posted here each day or week, or look at one now",
    examples=(
        "/digest daily at 09:00 Europe/London",
        "/digest weekly on monday at 10:00 for api web",
        "/digest now",
        "/digest off",
    ),
    run=run,
)
