"""A digest in words. The chat shows the same figures in a table and a chart where it can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.core.catalog import Every
from bot.core.digests import MOST_FIGURES, MOST_NEEDS, Compared, Counts, Day, Digest, Need, NeedKind, Row
from bot.core.dora import Figures, ages
from bot.core.durations import format_duration
from bot.core.effects import Posted
from bot.core.happenings import Happened
from bot.core.text import NOTHING, Link, Moment, Span, Text, bold, code, line
from bot.core.values import short
from bot.core.visible import clip
from bot.core.wall_clock import WallClock

NAME = 60  # characters of a service or an environment
Permalink = Callable[[Posted], str]


def headline(digest: Digest) -> str:
    """What it is, and of when."""
    clock, every = WallClock(digest.schedule.zone), digest.schedule.every
    starts, ends = _short(clock, digest.window.starts), _short(clock, digest.window.ends)
    said = {
        Every.DAY: f"The day until {ends}",
        Every.WEEKDAY: f"Since {starts}",
        Every.WEEK: f"The week until {ends}",
    }
    return said[every]


def _short(clock: WallClock, moment: datetime) -> str:
    local = clock.reading(moment)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def summary(digest: Digest) -> tuple[str, str]:
    """The two lines that say it all."""
    return f"{_happened(digest.counts)}.", _waits(digest)


def in_words(digest: Digest, permalink: Permalink) -> Text:
    """All of it without any table."""
    happened, waits = summary(digest)
    text = line(bold(headline(digest))) + line(happened) + line(waits)
    text += needs_text(digest, permalink)
    for each in digest.rows:
        text += line(bold(f"{each.service} in {each.environment}"), f" · {_row(each)}")
    return text + rest_text(digest)


def needs_text(digest: Digest, permalink: Permalink) -> Text:
    """What needs people, the most urgent first, each with the way to it."""
    text = line(bold("Needs you")) if digest.needs else NOTHING
    for each in digest.needs[:MOST_NEEDS]:
        text += _need(each, permalink)
    more = len(digest.needs) - MOST_NEEDS
    return text + (line(f"{more} more: ", code("/approvals"), " lists what waits.") if more > 0 else NOTHING)


def rest_text(digest: Digest) -> Text:
    """What stands below the places: the days, the figures, and how they came about."""
    text = NOTHING
    if digest.more_rows:
        text += line(f"{digest.more_rows} more places are not listed.")
    if digest.days:
        text += line(bold("By day: "), days_line(digest.days))
    for each in digest.figures[:MOST_FIGURES]:
        text += _figures(each)
    if len(digest.figures) > MOST_FIGURES:
        text += line(f"{len(digest.figures) - MOST_FIGURES} more services changed in production.")
    return text


def computed(digest: Digest) -> str:
    """How it was computed, for who doubts it."""
    clock, window = WallClock(digest.schedule.zone), digest.window
    before = "day before" if digest.schedule.every is Every.DAY else "same time a week earlier"
    return (
        f"From {clock.said(window.starts)} until before {clock.said(window.ends)}. A deploy is a release that"
        " got somewhere for the first time; rollbacks are counted apart. Figures are of production, each"
        f" service by itself: half were at most p50. “Before” is the {before}."
    )


def days_line(days: tuple[Day, ...]) -> str:
    """The numbers behind the chart."""
    return ", ".join(f"{each.day:%a} {each.day.day}: {_day(each)}" for each in days)


def _day(day: Day) -> str:
    return f"{day.deploys} ({day.failures} failed)" if day.failures else str(day.deploys)


def about(length: timedelta) -> str:
    """As exact as people want it: seconds under a minute, minutes under a day, hours above."""
    step = timedelta(seconds=1)
    if length >= timedelta(minutes=1):
        step = timedelta(minutes=1) if length < timedelta(days=1) else timedelta(hours=1)
    return format_duration(round(length / step) * step)


def counted(number: int, what: str, several: str = "") -> str:
    """`1 deploy`, `3 deploys`."""
    return f"{number} {what if number == 1 else several or what + 's'}"


def _happened(counts: Counts) -> str:
    if counts.nothing:
        return "Nothing was deployed"
    deploys = counted(counts.production, "deploy") + " to production" if counts.production else ""
    if counts.elsewhere:
        deploys += f" and {counts.elsewhere}" if deploys else counted(counts.elsewhere, "deploy")
        deploys += " elsewhere"
    parts = [deploys or "No deploys"]
    if counts.rollbacks:
        parts.append(counted(counts.rollbacks, "rollback"))
    if counts.failures:
        parts.append(f"{len(counts.failures)} failed{_recovered(counts)}")
    if counts.broke_off:
        parts.append(f"{counts.broke_off} did not get through")
    return ", ".join(parts)


def _recovered(counts: Counts) -> str:
    took = counts.recovery
    if took is None:
        return " and still fails" if len(counts.failures) == 1 else ", and not all have recovered"
    one = len(counts.failures) == 1
    how = ("was rolled back" if one else "were rolled back") if counts.all_rolled_back else "recovered"
    return f" and {how} in {about(took)}" if one else f" and {how} in at most {about(took)}"


def _waits(digest: Digest) -> str:
    kinds = [each.kind for each in digest.needs]
    unknown, review, approval = (kinds.count(each) for each in NeedKind)
    parts = [f"{counted(unknown, 'outcome')} {'is' if unknown == 1 else 'are'} unknown"] if unknown else []
    if review:
        parts.append(f"{counted(review, 'emergency', 'emergencies')} to be reviewed")
    if approval:
        parts.append(f"{counted(approval, 'request')} {'waits' if approval == 1 else 'wait'} for approval")
    return f"{', '.join(parts)}." if parts else "Nothing waits."


_ASKS = {
    NeedKind.UNKNOWN: "nobody knows what became of it, since ",
    NeedKind.REVIEW: "the glass was broken and two people are to look at it, since ",
    NeedKind.APPROVAL: "waits for approval since ",
}


def _need(need: Need, permalink: Permalink) -> Text:
    url = permalink(need.card) if need.card else ""
    number: Span = Link(url, f"#{need.number}") if url else bold(f"#{need.number}")
    return line("• ", number, f" {clip(need.what, 2 * NAME)}: {_ASKS[need.kind]}", Moment(need.since))


def _row(row: Row) -> str:
    runs = f"{row.runs} runs there · " if row.runs else ""
    return f"{runs}{counted(row.deploys, 'deploy')}, {counted(row.failures, 'failure')}"


def _figures(compared: Compared) -> Text:
    now, before = compared.now, compared.before
    head = bold(f"{clip(compared.service, NAME)} in production: ")
    if now.few:
        shown: list[Span | str] = [f"{counted(len(now.deploys), 'deploy')}, too few for figures"]
        for number, each in enumerate(now.deploys):
            shown += [": " if number == 0 else ", ", *_listed(each)]
        return line(head, *shown, f", {_unplanned(now)}" if now.unplanned else "", _then(before))
    return line(head, _measured(now), _then(before))


def _listed(deploy: Happened) -> list[Span | str]:
    oldest = max(ages(deploy), default=None)
    spans: list[Span | str] = [f"#{deploy.number}"]
    spans += [" ", code(short(deploy.sha))] if deploy.sha else []
    return spans + ([f" {about(oldest)} after its first commit"] if oldest is not None else [])


def _measured(found: Figures) -> str:
    count = len(found.deploys)
    parts = [counted(count, "deploy")]
    if found.lead is not None:
        parts.append(f"lead time {about(found.lead.p50)} (p50) and {about(found.lead.p90)} (p90)")
    parts.append(f"{found.failed} of {count} failed ({round(100 * found.failed / count)} %)")
    if found.recovery is not None:
        parts.append(f"recovery {about(found.recovery.p50)} (p50)")
    return ", ".join([*parts, _unplanned(found)])


def _unplanned(found: Figures) -> str:
    return f"{found.unplanned} of {found.changes} unplanned"


def _then(before: Figures) -> str:
    if not before.changes:
        return " · before: none"
    if before.few:
        return f" · before: {counted(len(before.deploys), 'deploy')}"
    return f" · before: {_measured(before)}"
