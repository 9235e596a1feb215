"""All the digests of a workspace, whoever asked for them, under the names of their jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bot.core.catalog import Catalog, DigestMessage
from bot.core.digest_ports import AskedDigest
from bot.core.digesting import Wanted
from bot.core.request import canonical_json
from bot.core.schedules import Schedule, Slot, due_slot, next_slot


@dataclass(frozen=True, slots=True)
class Job:
    """One digest. Those of the catalog have nobody who asked, and no beginning."""

    name: str
    wanted: Wanted
    asked: AskedDigest | None = None

    def due(self, now: datetime) -> Slot | None:
        """The slot whose digest may be posted now."""
        return due_slot(self.wanted.schedule, now, self.asked.since if self.asked else None)

    def after(self, now: datetime, snoozed: datetime | None) -> Slot:
        """The next one that is posted."""
        slot = next_slot(self.wanted.schedule, now)
        while snoozed is not None and slot.moment < snoozed:
            slot = next_slot(self.wanted.schedule, slot.moment)
        return slot


def jobs(catalog: Catalog, asked: Iterable[AskedDigest]) -> Iterator[Job]:
    """Those of the catalog first; the same line twice is one."""
    found: dict[str, Job] = {}
    for each in catalog.digests:
        wanted = _wanted(each)
        found.setdefault(name_of(wanted), Job(name_of(wanted), wanted))
    yield from found.values()
    for one in asked:
        yield Job(one.job, Wanted(one.channel, one.schedule, one.services), one)


def name_of(wanted: Wanted) -> str:
    """By what the catalog says of it: a line that is changed is another digest."""
    schedule = wanted.schedule
    said = [wanted.channel, schedule.every, f"{schedule.at:%H:%M}", schedule.zone, str(schedule.on or "")]
    digest = sha256(canonical_json([*map(str, said), *sorted(wanted.services)])).hexdigest()
    return f"digest/catalog/{digest[:16]}"


def _wanted(digest: DigestMessage) -> Wanted:
    schedule = Schedule(digest.every, digest.at, digest.zone, digest.on)
    return Wanted(digest.channel, schedule, digest.services, by_catalog=True)
