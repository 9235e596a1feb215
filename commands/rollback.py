"""/rollback: bring back a release that ran well here before."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.accepting import by_default
from bot.core.asking import pipeline_of
from bot.core.catalog import Environment, Service
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import Bug, UserError
from bot.core.intents import CancelDeployment, Intent
from bot.core.locks import Scope
from bot.core.paging import number_of
from bot.core.policy import Permission
from bot.core.records import Deployment, Wish
from bot.core.resolving import standing_of
from bot.core.rolling_back import asked_already, under
from bot.core.targets import Arrival, Targets, targets
from bot.core.values import Kind, Sha
from commands._back_choice import chosen
from commands._back_drill import drilled
from commands._back_preview import previewed
from commands._requesting import asked, entry, reason_given


@dataclass(frozen=True, slots=True)
class Arguments:
    service: str = arg(ArgKind.SERVICE, "what to roll back")
    environment: str = arg(ArgKind.ENVIRONMENT, "where it runs", filler=("in", "on"))
    version: str | None = arg(
        ArgKind.WORD,
        "a deployment such as #123, a tag or a commit that ran there; without one the last that was well",
        filler=("to",),
        default=None,
    )
    away_from: str | None = arg(
        ArgKind.WORD, "what it takes away, where that was looked at", filler=("from",), default=None
    )
    drill: bool = arg(
        ArgKind.FLAG,
        "walk the whole way without going it, and keep that it is open",
        word="drill",
        default=False,
    )
    reason: str = reason_given()


async def run(ctx: Context, args: Arguments) -> Reply:
    """What would come back and what would leave; once that is confirmed, exactly that."""
    service, place = entry(ctx, args.service, args.environment)
    environment = under(place, Kind.ROLLBACK)
    arrivals = await ctx.releases.arrivals(ctx.workspace, service.name, environment.name)
    found = targets(arrivals, await _quarantined(ctx, service, environment))
    target = await chosen(ctx, service, environment, found, arrivals, args.version)
    undone = await _undone(ctx, found)
    inputs = by_default(pipeline_of(service, environment))
    wish = Wish(Kind.ROLLBACK, service.name, environment.name, target.reference, inputs, args.reason)
    if args.drill:
        return await drilled(ctx, service, environment, wish, target, undone)
    await _must_be_alone(ctx, wish)
    if args.away_from is None:
        return await previewed(ctx, service, environment, wish, found, target, undone)
    _must_still_run(args.away_from, undone, environment)
    reply = await asked(ctx, service, environment, wish, standing_of(undone), undoes=undone.id)
    # The new number comes first: whoever else makes one here locks in that order, and nobody waits in a ring.
    return Reply(reply.text, (*reply.intents, *_cancelled(found.doubtful)))


async def _quarantined(ctx: Context, service: Service, environment: Environment) -> frozenset[Sha]:
    place = Scope(service.name, environment.name)
    held = await ctx.quarantines.held(ctx.workspace)
    return frozenset(each.sha for each in held if each.scope.covers(place))


async def _undone(ctx: Context, found: Targets) -> Deployment:
    if found.current is None:
        raise Bug("there is something to go back to, but nothing to leave")
    undone = await ctx.queries.deployment(ctx.workspace, found.current.number)
    if undone is None:
        raise Bug(f"#{found.current.number} got there and is not on record")
    return undone


async def _must_be_alone(ctx: Context, wish: Wish) -> None:
    """Said before anybody confirms another one; the store has the last word on two who do so at once."""
    for each in await ctx.queries.in_line(ctx.workspace, wish):
        if each.wish.kind is Kind.ROLLBACK:
            raise asked_already(each)


def _must_still_run(away_from: str, undone: Deployment, environment: Environment) -> None:
    """What was confirmed is to leave this one, and no other that came since."""
    if number_of(away_from) == undone.number:
        return
    raise UserError(
        f"{away_from} is not what runs in {environment.name} now: that is #{undone.number}.",
        "Something else got there since you looked. Nothing was done.",
        f"Look once more: `/rollback {undone.wish.service} {environment.name}`.",
    )


def _cancelled(doubtful: Arrival | None) -> tuple[Intent, ...]:
    """What is under way is stopped first; the rollback waits for its end, and for no verification of it."""
    if doubtful is None or not doubtful.under_way:
        return ()
    return (CancelDeployment(doubtful.number, going_back=True),)


COMMAND = Command(
    name="rollback",
    arguments=Arguments,
    permission=Permission.ROLL_BACK,
    summary="Bring back a release that ran well before",
    examples=(
        "/rollback api production",
        "/rollback api production to #118 because the checkout fails",
        "/rollback api in production to v1.4.1",
        "/rollback api production drill",
    ),
    run=run,
    form=True,
)
