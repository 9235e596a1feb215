"""What channels hear of that has no card: one message each for all that they hear of at once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from bot.core.catalog import Catalog
from bot.core.effects import Notice
from bot.core.events import Event
from bot.core.freeze_events import FreezeTurned
from bot.core.freeze_words import freeze_text
from bot.core.publishing_events import ReleasePublished
from bot.core.publishing_words import release_text
from bot.core.subscriptions import News, Topic

Broad = FreezeTurned | ReleasePublished


class Listener(Protocol):
    """One subscription of a channel."""

    @property
    def channel(self) -> str: ...

    def hears(self, catalog: Catalog, news: News) -> bool:
        """Whether this is told there."""
        ...


def broad(events: Iterable[Event]) -> tuple[Broad, ...]:
    """Those that are of no deployment, and that several places may share."""
    return tuple(each for each in events if isinstance(each, Broad))


def notices(catalog: Catalog, events: Sequence[Broad], listeners: Sequence[Listener]) -> tuple[Notice, ...]:
    """One for each channel and each thing that happened, with the places that this channel hears of."""
    heard: dict[tuple[str, Broad], list[Broad]] = {}
    for event in events:
        news = _news(event)
        for channel in sorted({each.channel for each in listeners if each.hears(catalog, news)}):
            heard.setdefault((channel, _shared(event)), []).append(event)
    return tuple(_notice(catalog, channel, told) for (channel, _), told in heard.items())


def _news(event: Broad) -> News:
    match event:
        case FreezeTurned():
            return News(Topic.FREEZE, event.service, event.environment)
        case ReleasePublished():
            return News(Topic.RELEASE, event.service, None)


def _shared(event: Broad) -> Broad:
    """The same for all that is told in one message."""
    match event:
        case FreezeTurned():
            return replace(event, service="", environment="")
        case ReleasePublished():
            return replace(event, service="", runs_in="")


def _notice(catalog: Catalog, channel: str, told: Sequence[Broad]) -> Notice:
    named = [catalog.service(each.service) for each in told]
    external = all(each is not None and each.external for each in named)
    freezes = [each for each in told if isinstance(each, FreezeTurned)]
    if freezes:
        return Notice(channel, freeze_text(freezes), external)
    releases = [each for each in told if isinstance(each, ReleasePublished)]
    return Notice(channel, release_text(releases, _deploy(catalog, releases[0])), external)


def _deploy(catalog: Catalog, release: ReleasePublished) -> str:
    """The words that bring it to the first environment of its service; empty where it has none."""
    service = catalog.service(release.service)
    place = service.environments[0].name if service is not None and service.environments else ""
    return f"/deploy {release.service} {place} {release.tag}" if place else ""
