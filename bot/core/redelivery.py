"""Deliveries that never reached us, and which of them are asked for once more. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

EVERY = timedelta(hours=1)  # and at each start
AGAIN = timedelta(minutes=1)  # while some of them are left
MOST = 30  # asked for in one look
BACK = timedelta(days=3)  # GitHub sends nothing again that is older
FRESH = timedelta(minutes=1)  # one that was sent a moment ago may still be on its way
TRIES = 2  # the second only where the provider shows no trace of the first
PROVIDER, PATH = "github", "/webhooks/github"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook of ours at a provider; of an App where it has no number."""

    owner: str  # the organisation or repository that it hangs on; for an App, one that it may read
    id: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """One try of one delivery, as the provider remembers it."""

    id: str
    guid: str  # the same for each try
    at: datetime
    again: bool  # somebody asked for it
    heeded: bool  # of a kind about which we would do something


class Deliveries(Protocol):
    """The provider's memory of what it sent us."""

    async def webhooks(self, repositories: Sequence[str], address: str) -> tuple[Webhook, ...]:
        """Those that deliver there; NeedsHuman where we may not look at any."""
        ...

    async def tried(self, webhook: Webhook, since: datetime) -> tuple[Tried, ...]: ...

    async def again(self, webhook: Webhook, id: str) -> None:
        """Ask for one try more."""
        ...


class Heard(Protocol):
    """What came in through our own door."""

    async def heard(self, workspace: str, guids: Collection[str]) -> frozenset[str]:
        """Those of them that are on record."""
        ...


def doubtful(tried: Iterable[Tried], since: datetime, now: datetime) -> tuple[Tried, ...]:
    """The last try of each that may never have reached us, the oldest first.

    One that was asked for again is done with: by us or by a person, and whatever came of it.
    """
    by_guid: dict[str, list[Tried]] = {}
    for each in tried:
        by_guid.setdefault(each.guid, []).append(each)
    last = [max(tries, key=lambda each: each.at) for tries in by_guid.values() if not _is_done_with(tries)]
    due = [each for each in last if since <= each.at <= now - FRESH]
    return tuple(sorted(due, key=lambda each: (each.at, each.id)))


def missed(doubtful: Iterable[Tried], heard: Collection[str]) -> tuple[Tried, ...]:
    """Those that are not on record here: they failed, or what we kept of them was lost."""
    return tuple(each for each in doubtful if each.guid not in heard)


def _is_done_with(tries: Sequence[Tried]) -> bool:
    return any(each.again for each in tries) or not tries[0].heeded
