"""What people read of the verifications on a schedule: when one turns, and where they ask for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.courses import Course, Turn
from bot.core.durations import format_duration
from bot.core.owning import Owners
from bot.core.records import Deployment, Live
from bot.core.routines import Post
from bot.core.targets import Arrival
from bot.core.text import NOTHING, Icon, Link, Mention, Moment, Span, Text, bold, code, line
from bot.core.values import short
from bot.core.verifications import Measured, Outcome
from bot.core.verify_words import AT_MOST, LOOKS, NAME
from bot.core.verifying import named
from bot.core.visible import clip

SAID = 300
ICONS = {Turn.FAILS: "x", Turn.UNMEASURED: "question", Turn.HOLDS: "white_check_mark"}
DISCREET = "A verification on a schedule has turned."
NOT_BY_ITSELF = "Nothing goes back by itself because of this."


@dataclass(frozen=True, slots=True)
class News:
    """What has turned, and what is known of the place."""

    post: Post
    before: Course
    found: Measured
    turn: Turn
    live: Live
    later: Arrival | None  # what went there after that, and may run there instead
    owners: Owners


def told(news: News) -> Text:
    """What has become of it, since when, which release runs there, who shall look, and what next."""
    post, before, found, turn = news.post, news.before, news.found, news.turn
    where = f"{post.service.name} in {post.environment.name}"
    text = line(Icon(ICONS[turn]), " ", bold(f"{where}: {_title(before, found, turn)}"))
    text += line(f"{clip(found.what, NAME)}: {_sentence(found)}") + _since(before, found, turn)
    text += line(*_release(news.live.deployment)) + _later(news.later) + _for(news.owners)
    return text if turn is Turn.HOLDS else text + line(*_next(post, news.live.deployment, turn))


def discreetly() -> Text:
    """In front of people of other organisations: nothing of what, where, or how bad."""
    return line(bold(DISCREET)) + line(code("/state"), " shows it to whoever may know of the service.")


def _title(before: Course, found: Measured, turn: Turn) -> str:
    match turn:
        case Turn.FAILS:
            return "a verification fails."
        case Turn.UNMEASURED:
            return "a verification could not be measured."
        case Turn.HOLDS if before.failing_since is not None:
            return f"it holds again after {_length(before.failing_since, found.read_at)}."
        case Turn.HOLDS:
            return (
                f"it could be measured again, and holds, after {_length(before.blind_since, found.read_at)}."
            )


def _length(begun: datetime | None, ended: datetime | None) -> str:
    """In whole minutes, where it is more than one."""
    if begun is None or ended is None:
        return "a while"
    minute = timedelta(minutes=1)
    gone = ended - begun
    return format_duration(gone // minute * minute if gone >= minute else gone)


def _sentence(found: Measured) -> str:
    said = clip(found.said, SAID)
    return said if said.endswith(".") else f"{said}."


def _since(before: Course, found: Measured, turn: Turn) -> Text:
    """And how it was before that."""
    match turn:
        case Turn.FAILS if found.begun_at is not None:
            return line("Since ", Moment(found.begun_at), *_earlier(before))
        case Turn.UNMEASURED if before.blind_since is not None:
            return line("Nobody can tell since ", Moment(before.blind_since), *_earlier(before))
        case Turn.FAILS | Turn.UNMEASURED | Turn.HOLDS:
            return NOTHING


def _earlier(before: Course) -> list[Span | str]:
    if before.failing_since is not None:
        return [" · it was failing then, since ", Moment(before.failing_since)]
    if before.held_at is not None:
        return [" · it held when it was measured last, ", Moment(before.held_at)]
    return [" · it has not held so far"]


def _release(deployment: Deployment) -> list[Span | str]:
    """By our record; whoever looks may find another one."""
    spans: list[Span | str] = [f"#{deployment.number}"]
    if deployment.release_sha is not None:
        spans += [" (", code(short(deployment.release_sha)), ")"]
    spans.append(" runs there, by our record")
    since = deployment.landed_at or deployment.ended_at
    return [*spans, " since ", Moment(since)] if since else spans


def _later(later: Arrival | None) -> Text:
    """What failed on its way, or was stopped, may have got there all the same."""
    if later is None:
        return NOTHING
    word = later.state.replace("_", " ")
    return line(f"#{later.number} (", code(short(later.release)), f") went there after it and is {word}.")


def _for(owners: Owners) -> Text:
    if not owners.named:
        return NOTHING
    spans: list[Span | str] = [f"For the owners ({owners.named})"]
    for number, each in enumerate(owners.people):
        spans += [", " if number else ": ", Mention(each.id, each.name, notify=True)]
    return line(*spans, " and others." if owners.people and not owners.whole else ".")


def _next(post: Post, deployment: Deployment, turn: Turn) -> list[Span | str]:
    place = f"{post.service.name} {post.environment.name}"
    spans: list[Span | str] = [f"{NOT_BY_ITSELF} " if turn is Turn.FAILS else ""]
    spans += [code(f"/state {place}"), " shows what runs there"]
    if turn is Turn.FAILS:
        spans += [", ", code(f"/rollback {place}"), " goes back"]
    spans.append(". ")
    if post.environment.url:
        spans += [Link(post.environment.url, "What runs there"), " "]
    if deployment.run is not None and deployment.run.url:
        spans += [Link(deployment.run.url, f"The run of #{deployment.number}")]
    return [each for each in spans if each]


def routine_text(posts: Iterable[Post], courses: Iterable[Course], now: datetime) -> Text:
    """A line for each verification of a place, with its last end and how old that is."""
    known = {each.id: each for each in courses}
    found = [line(*_standing(post, known.get(post.id), now)) for post in posts]
    more = len(found) - AT_MOST
    text = sum(found[:AT_MOST], line(bold("Measured on a schedule"))) if found else NOTHING
    return text + line(f"… and {more} more") if more > 0 else text


def _standing(post: Post, course: Course | None, now: datetime) -> list[Span | str]:
    what, every = clip(named(post.routine.rule), NAME), format_duration(post.routine.every)
    if course is None or course.last is None or course.last.read_at is None:
        return [Icon(LOOKS[Outcome.MEASURING]), f" {what} · not measured yet, every {every}"]
    last = course.last
    age = _length(course.last.read_at, max(now, course.last.read_at))
    spans: list[Span | str] = [Icon(LOOKS[last.outcome]), f" {what} · {clip(last.said, SAID)}"]
    if course.failing_since is not None:
        spans += [" · fails since ", Moment(course.failing_since)]
    return [*spans, f" · {age} ago, every {every}"]
