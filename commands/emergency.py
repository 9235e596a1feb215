"""The form in which somebody breaks the glass; `/deploy ... emergency` opens it, words alone never do it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.accepting import accept
from bot.core.asking import pipeline_of
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.people import as_of_late
from bot.core.policy import Permission, authorise
from bot.core.records import Wish
from bot.core.resolving import standing
from bot.core.values import Kind
from commands._glass import must_be_its_name
from commands._requesting import asked, entry, inputs_given


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    service: str = arg(ArgKind.SERVICE, "what to deploy")
    environment: str = arg(ArgKind.ENVIRONMENT, "where it is to run", filler=("to", "on", "in"))
    name: str = arg(
        ArgKind.WORD, "the environment's name once more, typed by hand", label="Environment's name"
    )
    ref: str | None = arg(
        ArgKind.REF, "a branch, tag or commit; without one the default branch", default=None
    )
    inputs: tuple[tuple[str, str], ...] = inputs_given()
    reason: str = arg(ArgKind.REST, "what the emergency is: everybody is told", word="because")


def check(args: Arguments) -> None:
    """Nobody breaks the glass of a place that they did not mean."""
    must_be_its_name(args.name, args.environment)


async def run(ctx: Context, args: Arguments) -> Reply:
    """Whoever asks was read anew before this; they need both rights."""
    service, environment = entry(ctx, args.service, args.environment)
    authorise(Permission.DEPLOY, as_of_late(ctx.person), ctx.catalog, service, environment)
    wish = Wish(
        kind=Kind.DEPLOY,
        service=service.name,
        environment=environment.name,
        ref=args.ref,
        inputs=accept(pipeline_of(service, environment), args.inputs),
        reason=args.reason,
        emergency=True,
    )
    stands = await standing(ctx.queries, ctx.workspace, service, environment)
    return await asked(ctx, service, environment, wish, stands)


COMMAND = Command(
    name="emergency",
    arguments=Arguments,
    permission=Permission.EMERGENCY,
    summary="Break the glass: deploy without waiting for approvals or the end of a freeze",
    examples=("/deploy api production v1.4.2 emergency because customers can't pay",),
    run=run,
    form=True,
    below=True,
    by_form=True,
    check=check,
)
