"""/rollback: bring back a release that ran well here before."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.policy import Permission
from commands._back import go_back, must_be_alone, must_still_run, way_back
from commands._back_drill import drilled
from commands._back_preview import previewed
from commands._glass import may_break_the_glass, to_confirm_back
from commands._requesting import entry, reason_given


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
    emergency: bool = arg(
        ArgKind.FLAG,
        "wait neither for approvals nor for a freeze; a form wants it confirmed",
        word="emergency",
        default=False,
    )
    reason: str = reason_given()


async def run(ctx: Context, args: Arguments) -> Reply:
    """What would come back and what would leave; once that is confirmed, exactly that."""
    service, place = entry(ctx, args.service, args.environment)
    if args.emergency:
        await may_break_the_glass(ctx, service, place)
    back = await way_back(
        ctx, service, place, args.version, args.reason, emergency=args.emergency and not args.drill
    )
    if args.drill:
        return await drilled(ctx, service, back.environment, back.wish, back.target, back.undone)
    await must_be_alone(ctx, back.wish, named=args.version is not None)
    if args.emergency:
        if args.away_from is not None:
            must_still_run(args.away_from, back)
        return to_confirm_back(ctx, back)
    if args.away_from is None:
        return await previewed(
            ctx, service, back.environment, back.wish, back.found, back.target, back.undone
        )
    return await go_back(ctx, back, args.away_from)


COMMAND = Command(
    name="rollback",
    arguments=Arguments,
    permission=Permission.ROLL_BACK,
    summary="Bring back a release that ran well before",
    examples=(
        "/rollback api production",
        "/rollback api production to #118 because the checkout fails",
        "/rollback api in production to v1.4.1",
        "/rollback api production emergency because customers can't pay",
        "/rollback api production drill",
    ),
    run=run,
    form=True,
)
