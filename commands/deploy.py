"""/deploy: bring a release of a service to an environment."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.accepting import accept
from bot.core.asking import pipeline_of
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.due import in_full, read_due
from bot.core.policy import Permission
from bot.core.records import Wish
from bot.core.resolving import standing
from bot.core.values import Kind
from bot.core.wishing import words_of
from commands._glass import may_break_the_glass, must_be_now, to_confirm
from commands._rehearsal import rehearsed
from commands._requesting import (
    asked,
    entry,
    found_now,
    inputs_given,
    read_back,
    reason_given,
    time_given,
)


@dataclass(frozen=True, slots=True)
class Arguments:
    service: str = arg(ArgKind.SERVICE, "what to deploy")
    environment: str = arg(ArgKind.ENVIRONMENT, "where it is to run", filler=("to", "on", "in"))
    ref: str | None = arg(
        ArgKind.REF, "a branch, tag or commit; without one the default branch", default=None
    )
    inputs: tuple[tuple[str, str], ...] = inputs_given()
    emergency: bool = arg(
        ArgKind.FLAG,
        "wait neither for approvals nor for a freeze; a form wants it confirmed",
        word="emergency",
        default=False,
    )
    at: str = time_given()
    dry_run: bool = arg(
        ArgKind.FLAG, "only say what would happen; nothing is asked for", word="dry-run", default=False
    )
    reason: str = reason_given()


async def run(ctx: Context, args: Arguments) -> Reply:
    """The release that was named, or the one that is promoted here, or the default branch."""
    service, environment = entry(ctx, args.service, args.environment)
    if args.emergency:
        must_be_now(service, environment, args.at)
        await may_break_the_glass(ctx, service, environment)
    wish = Wish(
        kind=Kind.DEPLOY,
        service=service.name,
        environment=environment.name,
        ref=args.ref,
        inputs=accept(pipeline_of(service, environment), args.inputs),
        reason=args.reason,
        emergency=args.emergency,
        due=read_due(args.at, ctx.now, ctx.person.zone) if args.at else None,
    )
    if args.emergency and not args.dry_run:
        return to_confirm(ctx, service, environment, wish)
    stands = await standing(ctx.queries, ctx.workspace, service, environment)
    if args.dry_run:
        resolution, waits = await found_now(ctx, service, environment, wish, stands)
        return await rehearsed(ctx, service, environment, wish, resolution, waits)
    if wish.due is not None and not in_full(args.at):
        return read_back(ctx, wish.due, f"deploy {words_of(wish)}", wish)
    return await asked(ctx, service, environment, wish, stands)


COMMAND = Command(
    name="deploy",
    arguments=Arguments,
    permission=Permission.DEPLOY,
    summary="Deploy a release of a service to an environment",
    examples=(
        "/deploy api staging",
        "/deploy api to staging v1.4.1 because it fixes the checkout",
        "/deploy api production v1.4.1 at tomorrow 09:00",
        "/deploy api production v1.4.1 dry-run",
        "/deploy api production v1.4.2 emergency because customers can't pay",
        "/deploy web staging feature/cart log_level=debug",
    ),
    run=run,
    form=True,
)
