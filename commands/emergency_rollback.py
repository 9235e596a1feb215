"""The form in which somebody goes back by breaking the glass; `/rollback ... emergency` opens it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.policy import Permission, authorise
from commands._back import go_back, must_be_alone, way_back
from commands._glass import must_be_its_name
from commands._requesting import entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    service: str = arg(ArgKind.SERVICE, "what to roll back")
    environment: str = arg(ArgKind.ENVIRONMENT, "where it runs", filler=("in", "on"))
    name: str = arg(
        ArgKind.WORD, "the environment's name once more, typed by hand", label="Environment's name"
    )
    version: str = arg(ArgKind.WORD, "what comes back, such as #118", filler=("to",))
    away_from: str = arg(ArgKind.WORD, "what it takes away, such as #123", filler=("from",))
    reason: str = arg(ArgKind.REST, "what the emergency is: everybody is told", word="because")


def check(args: Arguments) -> None:
    """Nobody breaks the glass of a place that they did not mean."""
    must_be_its_name(args.name, args.environment)


async def run(ctx: Context, args: Arguments) -> Reply:
    """Whoever asks was read anew before this; they need both rights."""
    service, environment = entry(ctx, args.service, args.environment)
    authorise(Permission.ROLL_BACK, ctx.person, ctx.catalog, service, environment)
    back = await way_back(ctx, service, environment, args.version, args.reason, emergency=True)
    await must_be_alone(ctx, back.wish)
    return await go_back(ctx, back, args.away_from)


COMMAND = Command(
    name="emergency-rollback",
    arguments=Arguments,
    permission=Permission.EMERGENCY,
    summary="Break the glass: roll back without waiting for approvals or the end of a freeze",
    examples=("/rollback api production emergency because customers can't pay",),
    run=run,
    below=True,
    by_form=True,
    check=check,
)
