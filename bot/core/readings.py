"""What accounts might do at the code host when that could last be read.

While it does not answer, a reading of the last day counts for going back and in an emergency, and it is said
that it is one: whoever must act then can't wait until the code host is well again. For nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.identity import NEEDED, Identity
from bot.core.pipelines import Repository
from bot.core.records import Wish
from bot.core.values import Kind

COUNTS_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Reading:
    """One account in one repository, as the code host said then."""

    repository: Repository
    account: str  # the number behind the login
    identity: Identity
    at: datetime


class Readings(Protocol):
    """The last one of each account in each repository."""

    async def keep(self, workspace: str, reading: Reading) -> None: ...

    async def last(self, workspace: str, repository: Repository, account: str) -> Reading | None: ...


def of_late(reading: Reading | None, wish: Wish, now: datetime) -> Identity | None:
    """What counts in place of an answer, if anything does; an account that might not write then does not."""
    hurries = wish.emergency or wish.kind is Kind.ROLLBACK
    if reading is None or not hurries or reading.identity.role < NEEDED:
        return None
    return replace(reading.identity, read_at=reading.at) if now - reading.at <= COUNTS_FOR else None
