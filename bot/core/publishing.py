"""Releases as a code host publishes them: what is news about one, and which of them came before it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

EVERY = timedelta(minutes=10)  # between two listings of one repository
AN_HOUR = 600  # listings at most
LATE = timedelta(days=3)  # what was published earlier is history; GitHub sends no older webhook again either
_VERSION = re.compile(r"(\D*)(\d{1,9}(?:\.\d{1,9}){0,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Published:
    """A release as it was just read; drafts are never among them."""

    external_id: str
    tag: str
    name: str
    notes: str
    by: str  # an account of the code host; empty where it is gone
    at: datetime
    prerelease: bool
    url: str
    compare: str  # the address that compares it with another tag, with {before} in it

    @property
    def known(self) -> KnownRelease:
        """As it is kept."""
        return KnownRelease(self.external_id, self.tag, self.at, self.prerelease)


@dataclass(frozen=True, slots=True)
class KnownRelease:
    """One that is on record. What was a prerelease may become a release, once."""

    external_id: str
    tag: str
    at: datetime
    prerelease: bool


def pace(repositories: int) -> timedelta:
    """Between two listings of one repository: longer where there are many."""
    return max(EVERY, timedelta(hours=1) * repositories / AN_HOUR)


def told_since(begun: datetime, now: datetime) -> datetime:
    """What was published before is not told: nobody listened yet, or it is too old."""
    return max(begun, now - LATE)


def fresh(found: Iterable[Published], known: Collection[KnownRelease]) -> list[Published]:
    """Those of which something is not on record, the oldest first."""
    rows = [each for each in found if _differs(each, known)]
    return sorted(rows, key=lambda each: (each.at, each.external_id))


def is_news(release: Published, known: Collection[KnownRelease], since: datetime) -> bool:
    """Whether one that is fresh has to be told. A prerelease has not, until it becomes a release."""
    if release.prerelease:
        return False
    return bool(_same(release, known)) or release.at >= since


def release_before(release: Published, known: Iterable[KnownRelease]) -> str:
    """The tag of the release before it; empty where nobody can say.

    By version, so that a fix of an older line is compared with that line; by time where tags are no versions.
    Those of another prefix belong to something else in the same repository.
    """
    prefix, version = _version(release.tag)
    others = [each for each in known if not each.prerelease and each.tag != release.tag]
    alike = [(_version(each.tag)[1], each) for each in others if _version(each.tag)[0] == prefix]
    if version:
        below = [(number, each.at, each.tag) for number, each in alike if number and number < version]
        return max(below)[-1] if below else ""
    earlier = [(each.at, each.tag) for number, each in alike if not number and each.at < release.at]
    return max(earlier)[-1] if earlier else ""


def _same(release: Published, known: Iterable[KnownRelease]) -> list[KnownRelease]:
    """By number or by tag: one that somebody made anew under the same tag is no other one."""
    return [each for each in known if release.external_id == each.external_id or release.tag == each.tag]


def _differs(release: Published, known: Iterable[KnownRelease]) -> bool:
    same = _same(release, known)
    return not same or (not release.prerelease and all(each.prerelease for each in same))


def _version(tag: str) -> tuple[str, tuple[int, ...]]:
    """What stands before the numbers, and these; none where it is no version."""
    found = _VERSION.fullmatch(tag)
    return (found[1], tuple(int(each) for each in found[2].split("."))) if found else ("", ())
