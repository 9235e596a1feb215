"""What a digest message says: pure values made of what ended in its window and of what waits now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.core.catalog import Catalog, Every, Service, Tier
from bot.core.dora import Figures, figures
from bot.core.effects import Posted
from bot.core.failures import Failure, FailureSource
from bot.core.happenings import Happened, Story
from bot.core.schedules import Schedule, Window, days_of, window_before
from bot.core.values import Kind
from bot.core.wall_clock import WallClock

MOST_ROWS, MOST_NEEDS, MOST_FIGURES = 10, 3, 5


class NeedKind(StrEnum):
    """Why something needs people, the most urgent first."""

    UNKNOWN = "unknown"
    REVIEW = "review"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Need:
    """Something that goes no further without people."""

    kind: NeedKind
    number: int
    what: str
    since: datetime
    card: Posted | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much happened in a window."""

    production: int = 0
    elsewhere: int = 0
    rollbacks: int = 0
    broke_off: int = 0
    failures: tuple[Failure, ...] = ()  # one for each deployment that failed after it had succeeded

    @property
    def nothing(self) -> bool:
        """Whether there is anything to tell."""
        return self == Counts()

    @property
    def recovery(self) -> timedelta | None:
        """How long the slowest took; None while one still fails."""
        ends = [each.ended_at - each.started_at for each in self.failures if each.ended_at is not None]
        return max(ends) if ends and len(ends) == len(self.failures) else None

    @property
    def all_rolled_back(self) -> bool:
        """Whether each was taken away again by somebody."""
        return all(each.source is FailureSource.ROLLBACK for each in self.failures)


@dataclass(frozen=True, slots=True)
class Row:
    """One place in which something happened."""

    service: str
    environment: str
    runs: str  # the release that is there now; empty: nobody knows
    deploys: int
    failures: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar, as the chart shows it."""

    day: date
    deploys: int
    failures: int


@dataclass(frozen=True, slots=True)
class Compared:
    """The figures of one service, and those of the window before."""

    service: str
    now: Figures
    before: Figures


@dataclass(frozen=True, slots=True)
class Digest:
    """All of it."""

    schedule: Schedule
    window: Window
    earlier: Window
    counts: Counts
    before: Counts
    needs: tuple[Need, ...] = ()
    rows: tuple[Row, ...] = ()
    more_rows: int = 0
    figures: tuple[Compared, ...] = ()
    days: tuple[Day, ...] = ()  # of a weekly one

    @property
    def quiet(self) -> bool:
        """Whether nothing happened and nothing waits: then nobody is disturbed."""
        return self.counts.nothing and not self.needs

    @property
    def weekly(self) -> bool:
        """Whether it tells of a week."""
        return self.schedule.every is Every.WEEK


def shown_services(
    catalog: Catalog, here: frozenset[str], named: Sequence[str], *, by_catalog: bool, outside: bool
) -> tuple[Service, ...]:
    """Of which services a channel hears; `here` are its names.

    Without names a digest of the catalog tells of all, one asked for in chat of those whose cards go there.
    What not everybody may know of is told only where the catalog itself sends it.
    """
    found = []
    for service in catalog.services:
        at_home = any(catalog.channel_of(service, each) in here for each in service.environments)
        wanted = service.name in named if named else by_catalog or at_home
        may = service.visible_to is None or at_home or (by_catalog and service.name in named)
        if wanted and may and (service.external or not outside):
            found.append(service)
    return tuple(found)


def places_of(services: Iterable[Service]) -> dict[tuple[str, str], bool]:
    """Each place, and whether it is production, in the catalog's order."""
    return {
        (service.name, each.name): each.policy.tier is Tier.PRODUCTION
        for service in services
        for each in service.environments
    }


def busy_places(story: Story, window: Window, services: Iterable[Service]) -> list[tuple[str, str]]:
    """Where something happened, in the catalog's order."""
    told = story.within(window)
    seen = {(each.service, each.environment) for each in told.deployments if _tells(each)}
    seen |= {(each.service, each.environment) for each in told.failures}
    return [place for place in places_of(services) if place in seen]


def digest(
    schedule: Schedule,
    window: Window,
    story: Story,
    services: Sequence[Service],
    needs: Sequence[Need] = (),
    running: Mapping[tuple[str, str], str] | None = None,
) -> Digest:
    """`story` reaches back over the window before; `running` says what is where now."""
    earlier, places = window_before(schedule, window), places_of(services)
    story = _known(story, places)
    told, busy = story.within(window), busy_places(story, window, services)
    weekly = schedule.every is Every.WEEK
    return Digest(
        schedule=schedule,
        window=window,
        earlier=earlier,
        counts=_counts(told, places),
        before=_counts(story.within(earlier), places),
        needs=tuple(sorted(needs, key=_urgency)),
        rows=tuple(_row(place, told, running or {}) for place in busy[:MOST_ROWS]),
        more_rows=max(0, len(busy) - MOST_ROWS),
        figures=tuple(_compared(services, places, story, window, earlier)),
        days=tuple(_days(told, schedule, window)) if weekly else (),
    )


def _known(story: Story, places: Mapping[tuple[str, str], bool]) -> Story:
    """What has left the catalog is told no more."""
    return Story(
        tuple(each for each in story.deployments if (each.service, each.environment) in places),
        tuple(each for each in story.failures if (each.service, each.environment) in places),
    )


def _tells(ended: Happened) -> bool:
    """What was refused, withdrawn or expired never touched anything."""
    return ended.arrived or ended.broke_off


def _is_deploy(ended: Happened) -> bool:
    return ended.arrived and ended.kind is not Kind.ROLLBACK and not ended.again


def _counts(told: Story, places: Mapping[tuple[str, str], bool]) -> Counts:
    deploys = [each for each in told.deployments if _is_deploy(each)]
    production = sum(places[each.service, each.environment] for each in deploys)
    failures = {each.deployment: each for each in reversed(told.failures)}  # the first of each stays
    return Counts(
        production=production,
        elsewhere=len(deploys) - production,
        rollbacks=sum(each.arrived and each.kind is Kind.ROLLBACK for each in told.deployments),
        broke_off=sum(each.broke_off for each in told.deployments),
        failures=tuple(sorted(failures.values(), key=lambda each: each.started_at)),
    )


def _row(place: tuple[str, str], told: Story, running: Mapping[tuple[str, str], str]) -> Row:
    here = [each for each in told.deployments if (each.service, each.environment) == place]
    failed = {each.deployment for each in told.failures if (each.service, each.environment) == place}
    broke = sum(each.broke_off for each in here)
    return Row(*place, running.get(place, ""), sum(map(_is_deploy, here)), len(failed) + broke)


def _compared(
    services: Sequence[Service],
    places: Mapping[tuple[str, str], bool],
    story: Story,
    window: Window,
    earlier: Window,
) -> Iterable[Compared]:
    """Each service that changed in production."""
    for service in services:
        name = service.name
        mine = [each for each in story.deployments if each.service == name and places[name, each.environment]]
        now = figures([each for each in mine if window.holds(each.ended_at)], story.failures)
        if now.changes:
            before = figures([each for each in mine if earlier.holds(each.ended_at)], story.failures)
            yield Compared(name, now, before)


def _days(told: Story, schedule: Schedule, window: Window) -> Iterable[Day]:
    clock = WallClock(schedule.zone)
    deploys = [clock.reading(each.ended_at).date() for each in told.deployments if _is_deploy(each)]
    broken = [clock.reading(each.ended_at).date() for each in told.deployments if each.broke_off]
    failed = {each.deployment: clock.reading(each.started_at).date() for each in told.failures}
    broken += failed.values()
    for day in days_of(window, schedule.zone):
        yield Day(day, deploys.count(day), broken.count(day))


def _urgency(need: Need) -> tuple[int, datetime]:
    return list(NeedKind).index(need.kind), need.since
