"""/promote: bring exactly what runs in one environment to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.accepting import accept
from bot.core.asking import pipeline_of
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.due import in_full, read_due
from bot.core.errors import UserError
from bot.core.lifecycle import HOLDING
from bot.core.policy import Permission
from bot.core.records import Live, Wish
from bot.core.resolving import promoted_from, standing, unverified
from bot.core.text import Text, line
from bot.core.values import Kind
from bot.core.wishing import words_of
from commands._requesting import asked, entry, inputs_given, read_back, reason_given, time_given

RECENT = 20


@dataclass(frozen=True, slots=True)
class Arguments:
    service: str = arg(ArgKind.SERVICE, "what to promote")
    earlier_environment: str = arg(ArgKind.ENVIRONMENT, "where it runs and was verified", filler=("from",))
    environment: str = arg(ArgKind.ENVIRONMENT, "where it is to run as well", filler=("to", "->", "→"))
    inputs: tuple[tuple[str, str], ...] = inputs_given()
    at: str = time_given()
    reason: str = reason_given()


async def run(ctx: Context, args: Arguments) -> Reply:
    """The very commit, by its tag where it has one. What runs there later is not what was asked for."""
    service, environment = entry(ctx, args.service, args.environment)
    source = await _source(ctx, args)
    stands = promoted_from(await standing(ctx.queries, ctx.workspace, service, environment), source)
    wish = Wish(
        kind=Kind.PROMOTE,
        service=service.name,
        environment=environment.name,
        ref=stands.reference,
        inputs=accept(pipeline_of(service, environment), args.inputs),
        reason=args.reason,
        due=read_due(args.at, ctx.now, ctx.person.zone) if args.at else None,
    )
    if wish.due is not None and not in_full(args.at):
        later = replace(wish, ref=None)  # what runs there when the button is pressed
        name, _, words = words_of(later).partition(" ")
        return read_back(ctx, wish.due, f'promote {name} "{args.earlier_environment}" {words}', later)
    reply = await asked(ctx, service, environment, wish, stands)
    return Reply(reply.text + await _meanwhile(ctx, args), reply.intents)


async def _source(ctx: Context, args: Arguments) -> Live:
    earlier = args.earlier_environment
    if earlier == args.environment:
        raise UserError(f"{earlier} can't be promoted to itself.", "", "Name two environments.")
    live = await ctx.queries.live(ctx.workspace, args.service, earlier)
    if live is None:
        raise UserError(
            f"Nothing of {args.service} is verified in {earlier}.",
            "Slipway has deployed nothing there that succeeded.",
            f"Deploy it there first: `/deploy {args.service} {earlier}`.",
        )
    if live.deployment.landed_at is not None:
        raise UserError(
            f"What runs in {earlier} was not verified.",
            unverified(live),
            f"Deploy what should run there: `/deploy {args.service} {earlier}`.",
        )
    return live


async def _meanwhile(ctx: Context, args: Arguments) -> Text:
    """What is just being deployed there is not what goes on; who promotes should know of it."""
    recent = await ctx.queries.recent(ctx.workspace, args.service, args.earlier_environment, RECENT)
    numbers = ", ".join(f"#{each.number}" for each in recent if each.state in HOLDING)
    if not numbers:
        return Text(())
    return line(f"{numbers} is under way in {args.earlier_environment}; what was verified before it goes.")


COMMAND = Command(
    name="promote",
    arguments=Arguments,
    permission=Permission.DEPLOY,
    summary="Deploy exactly what runs in an earlier environment",
    examples=(
        "/promote api from staging to production",
        "/promote api staging -> production because it was quiet over night",
    ),
    run=run,
    form=True,
)
