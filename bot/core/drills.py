"""A drill walks the whole way back without going it; a way that was gone or walked lately is proven."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.core.command import Context
from bot.core.people import is_member
from bot.core.policy import visible_services
from bot.core.rolling_back import rollers

PROVEN_FOR = timedelta(days=30)
MOST = 10  # places on a home tab


@dataclass(frozen=True, slots=True)
class Unproven:
    """A place from which nobody has gone back for long, nor tried to."""

    service: str
    environment: str
    number: int  # of the deployment that runs there


async def unproven(ctx: Context) -> tuple[Unproven, ...]:
    """The guarded places where this person may roll back and something runs, the first few of the catalog."""
    since = ctx.now - PROVEN_FOR
    found: list[Unproven] = []
    for service in visible_services(ctx.person, ctx.catalog):
        for place in service.environments:
            if not place.policy.guarded or not is_member(rollers(place.policy), ctx.person):
                continue
            live = await ctx.queries.live(ctx.workspace, service.name, place.name)
            if live is None or await ctx.releases.proven(ctx.workspace, service.name, place.name, since):
                continue
            found.append(Unproven(service.name, place.name, live.deployment.number))
            if len(found) == MOST:
                return tuple(found)
    return tuple(found)
