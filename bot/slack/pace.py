"""How often one person may have something looked up: what they ask GitHub for is missing to everybody."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.durations import format_duration
from bot.core.errors import UserError
from bot.core.policy import READING, Permission

AT_ONCE = 20  # looks of a person who has not asked for a while
EACH = timedelta(seconds=10)  # until another one is theirs; some six calls each, of 5,000 in an hour
REMEMBERED = 1000  # people


class Pace:
    """Remembers of each person until when they have used what was theirs."""

    def __init__(self) -> None:
        self._used: dict[str, datetime] = {}

    def keep(self, permission: Permission, person: str, now: datetime) -> None:
        """UserError for who looks faster than that; what changes something is held back by rights alone."""
        if permission not in READING:
            return
        used = max(self._used.get(person, now), now) + EACH
        if used - now > AT_ONCE * EACH:
            raise UserError(
                "You have asked for a lot in a short time.",
                f"Each look costs calls that everybody shares, so {AT_ONCE} at once is the most.",
                f"Try again in {format_duration(EACH)}.",
            )
        if len(self._used) >= REMEMBERED:
            self._used = {each: until for each, until in self._used.items() if until > now}
        self._used[person] = used
