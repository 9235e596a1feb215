"""The way back as it stands now: what runs, what comes back, and the step from one to the other."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.accepting import by_default
from bot.core.asking import pipeline_of
from bot.core.catalog import Environment, Service
from bot.core.command import Context, Reply
from bot.core.errors import Bug, UserError
from bot.core.intents import CancelDeployment, Intent
from bot.core.locks import Scope
from bot.core.paging import number_of
from bot.core.quarantine import kept_out_of
from bot.core.records import Deployment, Wish
from bot.core.resolving import standing_of
from bot.core.restoring import matters, on_record
from bot.core.rolling_back import asked_already, is_in_the_way, under
from bot.core.targets import Arrival, Targets, targets
from bot.core.values import Kind
from commands._back_choice import chosen
from commands._requesting import asked


@dataclass(frozen=True, slots=True)
class Back:
    """Where, by which rules, from what to what."""

    service: Service
    environment: Environment  # as it rules a rollback
    found: Targets
    target: Arrival
    undone: Deployment
    wish: Wish


async def way_back(
    ctx: Context,
    service: Service,
    place: Environment,
    version: str | None,
    reason: str,
    *,
    emergency: bool = False,
) -> Back:
    """To what is named, else to the last that was well; UserError where there is none."""
    environment = under(place, Kind.ROLLBACK)
    arrivals = await ctx.releases.arrivals(ctx.workspace, service.name, environment.name)
    held = await ctx.quarantines.held(ctx.workspace)
    found = targets(arrivals, kept_out_of(held, Scope(service.name, environment.name)))
    target = await chosen(ctx, service, environment, found, arrivals, version)
    undone = await _undone(ctx, found)
    inputs = by_default(pipeline_of(service, environment))
    known = matters(environment.policy)
    restores = await on_record(ctx.queries, ctx.workspace, arrivals, target) if known else None
    wish = Wish(
        Kind.ROLLBACK,
        service.name,
        environment.name,
        target.reference,
        inputs,
        reason,
        emergency=emergency,
        restores=restores,
    )
    return Back(service, environment, found, target, undone, wish)


async def must_be_alone(ctx: Context, wish: Wish, *, named: bool = True) -> None:
    """Said before anybody confirms another one; the store has the last word on two who do so at once.

    Whoever names no release may not know that somebody goes back already: further back goes who says so.
    """
    for each in await ctx.queries.in_line(ctx.workspace, wish):
        unaware = not named and each.wish.kind is wish.kind
        if unaware or is_in_the_way(each, wish):
            raise asked_already(each)


async def go_back(ctx: Context, back: Back, away_from: str) -> Reply:
    """Exactly what was looked at, or nothing."""
    must_still_run(away_from, back)
    stands = standing_of(back.undone)
    reply = await asked(ctx, back.service, back.environment, back.wish, stands, undoes=back.undone.id)
    # The new number comes first: whoever else makes one here locks in that order, and nobody waits in a ring.
    return Reply(reply.text, (*reply.intents, *_cancelled(back.found.doubtful)))


def must_still_run(away_from: str, back: Back) -> None:
    """What was confirmed is to leave this one, and no other that came since."""
    undone = back.undone
    if number_of(away_from) == undone.number:
        return
    raise UserError(
        f"{away_from} is not what runs in {back.environment.name} now: that is #{undone.number}.",
        "Something else got there since you looked. Nothing was done.",
        f"Look once more: `/rollback {undone.wish.service} {back.environment.name}`.",
    )


async def _undone(ctx: Context, found: Targets) -> Deployment:
    if found.current is None:
        raise Bug("there is something to go back to, but nothing to leave")
    undone = await ctx.queries.deployment(ctx.workspace, found.current.number)
    if undone is None:
        raise Bug(f"#{found.current.number} got there and is not on record")
    return undone


def _cancelled(doubtful: Arrival | None) -> tuple[Intent, ...]:
    """What is under way is stopped first; the rollback waits for its end, and for no verification of it."""
    if doubtful is None or not doubtful.under_way:
        return ()
    return (CancelDeployment(doubtful.number, going_back=True),)
