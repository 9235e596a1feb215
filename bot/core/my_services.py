"""What runs of the services that are somebody's own: those they own, else those they may deploy."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.catalog import Environment, Service
from bot.core.command import Context
from bot.core.lifecycle import State
from bot.core.people import is_member
from bot.core.policy import visible_services
from bot.core.records import Deployment

MOST = 20  # places on a home tab


@dataclass(frozen=True, slots=True)
class Running:
    """A place, what runs there as far as we know, and what is on its way."""

    service: str
    environment: str
    live: Deployment | None
    moving: Deployment | None


async def my_services(ctx: Context) -> tuple[tuple[Running, ...], int]:
    """The first few in the order of the catalog, and how many more there are."""
    places = _places(ctx)
    shown = [await _running(ctx, service.name, place.name) for service, place in places[:MOST]]
    return tuple(shown), max(0, len(places) - MOST)


def _places(ctx: Context) -> list[tuple[Service, Environment]]:
    seen = visible_services(ctx.person, ctx.catalog)
    mine = [each for each in seen if is_member(each.owners, ctx.person)]
    if mine:
        return [(service, place) for service in mine for place in service.environments]
    return [
        (service, place)
        for service in seen
        for place in service.environments
        if is_member(place.policy.who, ctx.person)
    ]


async def _running(ctx: Context, service: str, environment: str) -> Running:
    live = await ctx.queries.live(ctx.workspace, service, environment)
    recent = await ctx.queries.recent(ctx.workspace, service, environment, 5)
    moving = next(
        (each for each in recent if each.ended_at is None and each.state is not State.SCHEDULED), None
    )
    return Running(service, environment, live.deployment if live else None, moving)
