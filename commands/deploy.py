"""/deploy: bring a release of a service to an environment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.core.accepting import accept
from bot.core.asking import pipeline_of
from bot.core.card_channel import card_channel
from bot.core.catalog import Environment, Service
from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import Bug, Transient, UserError
from bot.core.intents import AskDeployment
from bot.core.lifecycle import ENDS
from bot.core.lock_words import in_the_way
from bot.core.policy import Permission
from bot.core.records import Resolution, Wish
from bot.core.resolving import resolve, standing
from bot.core.text import Text, bold, code, line
from bot.core.values import Kind, short


@dataclass(frozen=True, slots=True)
class Arguments:
    service: str = arg(ArgKind.SERVICE, "what to deploy")
    environment: str = arg(ArgKind.ENVIRONMENT, "where it is to run", filler=("to", "on", "in"))
    ref: str | None = arg(
        ArgKind.REF, "a branch, tag or commit; without one the default branch", default=None
    )
    inputs: tuple[tuple[str, str], ...] = arg(
        ArgKind.PAIRS, "what the pipeline accepts, as key=value, several with spaces between", default=()
    )
    reason: str = arg(ArgKind.REST, "why, in your words", word="because", default="")


async def run(ctx: Context, args: Arguments) -> Reply:
    """Find the commits now if the code host answers; the deployment itself starts after the answer."""
    service, environment = _entry(ctx, args)
    wish = Wish(
        kind=Kind.DEPLOY,
        service=service.name,
        environment=environment.name,
        ref=args.ref,
        inputs=accept(pipeline_of(service, environment), args.inputs),
        reason=args.reason,
    )
    channel = await _channel(ctx, service, environment)
    resolution = await _resolution(ctx, service, environment, wish)
    text = _answer(wish, resolution) + await _ahead(ctx, wish) + await in_the_way(ctx, wish)
    return Reply(text, (AskDeployment(wish, resolution, channel),))


async def _channel(ctx: Context, service: Service, environment: Environment) -> str:
    try:
        async with asyncio.timeout(ctx.deadline):
            return await card_channel(ctx, service, environment)
    except TimeoutError:
        raise Transient("It did not say who reads the card's channel.", system="Slack") from None


def _entry(ctx: Context, args: Arguments) -> tuple[Service, Environment]:
    service = ctx.catalog.service(args.service)
    environment = ctx.catalog.environment(args.service, args.environment)
    if service is None or environment is None:
        raise Bug("the grammar let a name through that the catalog does not know")
    return service, environment


async def _resolution(
    ctx: Context, service: Service, environment: Environment, wish: Wish
) -> Resolution | None:
    """None when the code host does not answer in time: then it is resolved as soon as it does."""
    host = ctx.code_hosts.get(service.repository.provider)
    if host is None:
        raise UserError(
            f"{service.repository.provider} is not set up.",
            "Its token is not among the settings, or this version can't speak to it yet.",
            "An operator can add it; `slipway doctor` says how.",
        )
    stands = await standing(ctx.queries, ctx.workspace, service, environment)
    try:
        async with asyncio.timeout(ctx.deadline):
            return await resolve(host, service, environment, wish, stands)
    except (Transient, TimeoutError):
        return None


async def _ahead(ctx: Context, wish: Wish) -> Text:
    """Say so at once when it will have to wait for others."""
    recent = await ctx.queries.recent(ctx.workspace, wish.service, wish.environment, 20)
    numbers = [f"#{each.number}" for each in reversed(recent) if each.state not in ENDS]
    return line(f"It waits for {', '.join(numbers)}, and starts by itself then.") if numbers else Text(())


def _answer(wish: Wish, resolution: Resolution | None) -> Text:
    target = (bold(wish.service), " to ", bold(wish.environment))
    if resolution is None:
        return line("Asked for ", *target, ". The code host does not answer yet; it goes on when it does.")
    why = f", {resolution.ref_why}" if resolution.ref_why else ""
    return line(
        "Asked for ",
        *target,
        ": ",
        code(resolution.ref_name),
        f"{why}, at ",
        code(short(resolution.release.sha)),
        ".",
    )


COMMAND = Command(
    name="deploy",
    arguments=Arguments,
    permission=Permission.DEPLOY,
    summary="Deploy a release of a service to an environment",
    examples=(
        "/deploy api staging",
        "/deploy api to staging v1.4.1 because it fixes the checkout",
        "/deploy web staging feature/cart log_level=debug",
    ),
    run=run,
    form=True,
)
