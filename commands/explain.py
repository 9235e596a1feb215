"""/slipway explain: what a person may do in a place, and which words of the catalog decide it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import Bug, Transient, UserError
from bot.core.explaining import explain
from bot.core.paging import person_id
from bot.core.policy import Permission
from bot.core.values import Person


@dataclass(frozen=True, slots=True)
class Arguments:
    person: str = arg(ArgKind.WORD, "of whom: @somebody, or me")
    service: str = arg(ArgKind.SERVICE, "which service")
    environment: str = arg(ArgKind.ENVIRONMENT, "which environment of it", filler=("to", "on", "in"))


async def run(ctx: Context, args: Arguments) -> Reply:
    """As the directory knows the person now, not some minutes ago."""
    service = ctx.catalog.service(args.service)
    environment = ctx.catalog.environment(args.service, args.environment)
    if service is None or environment is None:
        raise Bug("the grammar let a name through that the catalog does not know")
    person = await _person(ctx, args.person)
    return Reply(explain(person, ctx.catalog, service, environment).text())


async def _person(ctx: Context, word: str) -> Person:
    id = ctx.person.id if word.lower() == "me" else person_id(word)
    if id is None:
        raise UserError(
            f"Who is `{word}`?",
            "A name can belong to several people.",
            "Mention the person, or say `me`: `/slipway explain me api production`",
        )
    try:
        async with asyncio.timeout(ctx.deadline):
            return await ctx.directory.person(ctx.workspace, id, fresh=True)
    except TimeoutError:
        raise Transient("It did not say who that is.", system="Slack") from None


COMMAND = Command(
    name="explain",
    arguments=Arguments,
    permission=Permission.EXPLAIN,
    summary="Show what a person may do in a place, and which words of the catalog decide it",
    examples=("/slipway explain me api production", "/slipway explain @ada api staging"),
    run=run,
    below=True,
)
