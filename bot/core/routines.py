"""Verifications on a schedule: when each is measured, and what its end means. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.core.catalog import Catalog, Environment, Service
from bot.core.courses import Course, Turn
from bot.core.policy_version import fingerprint
from bot.core.rules import Routine
from bot.core.verifications import Measured, Outcome

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PREFIX = "routine/"
BLIND = 2  # slots in a row in which nobody could tell, before anybody hears of it
ID = 16  # letters of a fingerprint


@dataclass(frozen=True, slots=True)
class Post:
    """One verification that is measured on a schedule, and where."""

    service: Service
    environment: Environment
    routine: Routine

    @property
    def id(self) -> str:
        """Of its rule alone: how often it is measured changes nothing of how it goes."""
        return identity(self.routine)

    @property
    def place(self) -> tuple[str, str, str]:
        """What names it within a workspace."""
        return self.service.name, self.environment.name, self.id

    @property
    def key(self) -> str:
        """Under which it is looked at; no name holds a slash."""
        return PREFIX + "/".join(self.place)


def identity(routine: Routine) -> str:
    """The same for the same rule, wherever in its list it stands."""
    return fingerprint(routine.rule)[:ID]


def posts_of(catalog: Catalog) -> Iterator[Post]:
    """All that is measured on a schedule."""
    for service in catalog.services:
        for environment in service.environments:
            yield from posts_at(service, environment)


def posts_at(service: Service, environment: Environment) -> tuple[Post, ...]:
    """Each rule of a place once, however often it is written."""
    once = {identity(each): each for each in environment.routines}
    return tuple(Post(service, environment, each) for each in once.values())


def post_at(catalog: Catalog, key: str) -> Post | None:
    """What a key stands for; None where the catalog no longer has it."""
    return next((each for each in posts_of(catalog) if each.key == key), None)


def slot_at(every: timedelta, seed: str, now: datetime) -> datetime:
    """The beginning of the slot in which this moment lies; other seeds begin at other times."""
    seconds = int(every.total_seconds())
    offset = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]) % seconds
    first = EPOCH + timedelta(seconds=offset)
    return first + (now - first) // every * every


def due_slot(every: timedelta, seed: str, last: datetime | None, now: datetime) -> datetime | None:
    """The slot that has come and was not taken; of those that were missed, only the last one counts."""
    slot = slot_at(every, seed, now)
    return slot if last is None or last < slot else None


def concluded(course: Course, found: Measured) -> tuple[Course, Turn | None]:
    """What is known after this reading, and what has to be told because of it."""
    match found.outcome:
        case Outcome.MEASURING:
            return replace(course, measured=found), None
        case Outcome.PASSED:
            missed = course.failing_since is not None or course.blind_told
            return _held(course, found), Turn.HOLDS if missed else None
        case Outcome.FAILED:
            seen = _seen(_ended(course, found))
            failing = replace(seen, failing_since=course.failing_since or found.begun_at)
            return failing, Turn.FAILS if course.failing_since is None else None
        case Outcome.INCONCLUSIVE:
            return _unseen(_ended(course, found), found)


def _ended(course: Course, found: Measured) -> Course:
    return replace(course, measured=None, last=found)


def _seen(course: Course) -> Course:
    return replace(course, blind=0, blind_since=None, blind_told=False)


def _held(course: Course, found: Measured) -> Course:
    return replace(_seen(_ended(course, found)), held_at=found.read_at, failing_since=None)


def _unseen(course: Course, found: Measured) -> tuple[Course, Turn | None]:
    """It happens; only when it happens again somebody should look. Whether it holds stays as it was known."""
    blind = course.blind + 1
    tells = blind >= BLIND and not course.blind_told
    kept = replace(course, blind=blind, blind_since=course.blind_since or found.begun_at)
    return replace(kept, blind_told=course.blind_told or tells), Turn.UNMEASURED if tells else None
