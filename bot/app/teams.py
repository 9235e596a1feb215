"""Who is in the teams that the catalog names, remembered for a few minutes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.errors import NeedsHuman, SlipwayError, Transient
from bot.core.link_ports import Teams
from bot.core.people import Who, teams_of
from bot.core.pipelines import Provider
from bot.core.readings import COUNTS_FOR
from bot.core.values import Person

FRESH = timedelta(minutes=5)
ANEW = timedelta(seconds=5)  # how old it may be where a decision hangs on it; a failure is no older, ever
PATIENCE = 5.0  # seconds for an answer: somebody waits


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at a team gave. What changed after `began` may be missing."""

    began: datetime
    members: frozenset[str] = frozenset()
    failed: SlipwayError | None = None


class TeamMemory:
    """Reads a team once for everybody who asks at the same time."""

    provider = Provider.GITHUB.value

    def __init__(self, teams: Teams | None, people: Callable[[], Who], now: Callable[[], datetime]) -> None:
        self._teams = teams  # None: GitHub is not set up, so nobody can say who is in any
        self._people = people
        self._now = now
        self._readings: dict[str, Reading] = {}
        self._last: dict[str, Reading] = {}  # that was an answer
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def with_teams(self, person: Person, *, fresh: bool = False) -> Person:
        """Whose teams can't be read is in none of them, and it says of which."""
        names = self._asked_of(person)
        readings = await asyncio.gather(*(self._read(name, ANEW if fresh else FRESH) for name in names))
        return self._placed(person, dict(zip(names, readings, strict=True)))

    def remembered(self, person: Person) -> Person | None:
        """The same from memory alone, if that is fresh enough."""
        names = self._asked_of(person)
        readings = {name: self._recent(name, FRESH) for name in names}
        known = {name: reading for name, reading in readings.items() if reading is not None}
        return self._placed(person, known) if len(known) == len(names) else None

    async def members(self, team: str, *, fresh: bool = False) -> frozenset[str]:
        """The numbers of the accounts in it; raises what kept them from being read."""
        found = await self._read(team, ANEW if fresh else FRESH)
        if found.failed is not None:
            raise found.failed
        return found.members

    def _asked_of(self, person: Person) -> list[str]:
        """Nobody asks about somebody who has no account."""
        return sorted(teams_of(self._people())) if person.account_id is not None else []

    def _recent(self, team: str, within: timedelta) -> Reading | None:
        found = self._readings.get(team)
        if found is None or self._now() - found.began >= (ANEW if found.failed else within):
            return None
        return found

    async def _read(self, team: str, within: timedelta) -> Reading:
        async with self._turns[team]:
            found = self._recent(team, within)
            if found is None:
                found = self._readings[team] = await self._look(team)
                if found.failed is None:
                    self._last[team] = found
            return found

    async def _look(self, team: str) -> Reading:
        began = self._now()
        if self._teams is None:
            return Reading(began, failed=NeedsHuman("GitHub is not set up.", f"Nobody can read {team}."))
        try:
            async with asyncio.timeout(PATIENCE):
                return Reading(began, await self._teams.members(team))
        except TimeoutError:
            return Reading(
                began, failed=Transient(f"It did not say in time who is in {team}.", system="GitHub")
            )
        except (NeedsHuman, Transient) as error:
            return Reading(began, failed=error)

    def _placed(self, person: Person, readings: dict[str, Reading]) -> Person:
        inside = {name for name, each in readings.items() if person.account_id in each.members}
        unread = {name for name, each in readings.items() if each.failed is not None}
        late = {name: at for name in unread if (at := self._was_in(person, name)) is not None}
        oldest = min((each.began for each in readings.values()), default=person.observed_at)
        return replace(
            person,
            teams=frozenset(inside),
            unread_teams=frozenset(unread),
            teams_of_late=frozenset(late),
            of_late=min(late.values(), default=None),
            observed_at=min(person.observed_at, oldest),
        )

    def _was_in(self, person: Person, team: str) -> datetime | None:
        """When that was read, if it is not too long ago; an account that was not in it then is not."""
        last = self._last.get(team)
        if last is None or self._now() - last.began > COUNTS_FOR:
            return None
        return last.began if person.account_id in last.members else None
