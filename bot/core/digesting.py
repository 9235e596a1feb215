"""Reads what a digest tells of, for whoever is about to post or to preview one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.catalog import Catalog, Service
from bot.core.chat_ports import Channels
from bot.core.digests import MOST_ROWS, Digest, Need, NeedKind, busy_places, digest, shown_services
from bot.core.gates.approvals import awaits_votes
from bot.core.happenings import Happenings
from bot.core.lifecycle import State
from bot.core.naming import what_of
from bot.core.ports import Queries
from bot.core.records import Shown
from bot.core.schedules import Schedule, Window, window_before
from bot.core.voting import OPEN_TO_VOTES

LOOKED_AT = 200  # of those that wait


@dataclass(frozen=True, slots=True)
class Wanted:
    """A digest of a channel: which services by name, and whether the catalog asks for it."""

    channel: str
    schedule: Schedule
    services: tuple[str, ...] = ()
    by_catalog: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Where it is read from."""

    workspace: str
    catalog: Catalog
    queries: Queries
    happenings: Happenings
    channels: Channels


async def names_of(channels: Channels, workspace: str, channel: str) -> frozenset[str]:
    """The id of a channel and, where we may know it, the name by which the catalog calls it."""
    name = await channels.name_of(workspace, channel)
    return frozenset({channel, name}) if name else frozenset({channel})


async def services_for(reading: Reading, wanted: Wanted) -> tuple[Service, ...]:
    """Those that the channel may hear of now: it may have been shared since somebody wished for it."""
    here = await names_of(reading.channels, reading.workspace, wanted.channel)
    outside = await reading.channels.outside(reading.workspace, wanted.channel)
    return shown_services(
        reading.catalog, here, wanted.services, by_catalog=wanted.by_catalog, outside=outside
    )


async def gather(reading: Reading, wanted: Wanted, window: Window) -> Digest:
    """What there is to tell of this window, by what is on record now."""
    services = await services_for(reading, wanted)
    names = frozenset(each.name for each in services)
    reach = Window(window_before(wanted.schedule, window).starts, window.ends)
    story = await reading.happenings.story(reading.workspace, reach, names)
    busy = busy_places(story, window, services)[:MOST_ROWS]
    running = {}
    for service, environment in busy:
        live = await reading.queries.live(reading.workspace, service, environment)
        if live is not None:
            running[service, environment] = _release(live.deployment.release_sha, live.deployment.number)
    needs = await _needs(reading, names)
    return digest(wanted.schedule, window, story, services, needs, running)


def _release(sha: str | None, number: int) -> str:
    return f"{sha[:7]} (#{number})" if sha else f"#{number}"


async def _needs(reading: Reading, names: frozenset[str]) -> Sequence[Need]:
    """What waits for anybody; who may decide is judged when they do."""
    states = OPEN_TO_VOTES | {State.UNKNOWN}
    found = await reading.queries.in_states(reading.workspace, states, LOOKED_AT)
    needs = [_need(each) for each in found if each.deployment.wish.service in names and _asks(each)]
    for each in await reading.queries.open_reviews(reading.workspace):
        if each.wish.service in names and each.review is not None:
            needs.append(Need(NeedKind.REVIEW, each.number, what_of(each.wish), each.review.opened_at))
    return needs


def _asks(shown: Shown) -> bool:
    return shown.deployment.state is State.UNKNOWN or awaits_votes(shown.deployment)


def _need(shown: Shown) -> Need:
    deployment = shown.deployment
    unknown = deployment.state is State.UNKNOWN
    kind, since = (
        (NeedKind.UNKNOWN, deployment.updated_at) if unknown else (NeedKind.APPROVAL, deployment.created_at)
    )
    return Need(kind, deployment.number, what_of(deployment.wish), since, shown.card)
