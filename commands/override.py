"""/override: let one deployment pass a freeze, with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import UserError
from bot.core.intents import OverrideGate
from bot.core.lifting import must_be_lifter
from bot.core.overrides import Overridable
from bot.core.policy import Permission, visible_services
from bot.core.records import Deployment
from bot.core.text import bold, line

_NUMBER = re.compile(r"#?([1-9][0-9]{0,9})")


@dataclass(frozen=True, slots=True)
class Arguments:
    number: str = arg(ArgKind.WORD, "the number on its card, such as #42")
    reason: str = arg(ArgKind.REST, "why it can't wait; it stays on the card", word="because")


async def run(ctx: Context, args: Arguments) -> Reply:
    """What was read from the store is what their word is bound to. All other gates stay as they are."""
    deployment = await _waiting(ctx, args.number)
    must_be_lifter(ctx.person, deployment, ctx.catalog, ctx.now)
    wish = deployment.wish
    text = line("You let ", bold(f"{wish.service} to {wish.environment}"), " pass the freeze.")
    word = OverrideGate(
        deployment.number, deployment.digest or "", Overridable.FREEZE, ctx.person, args.reason
    )
    return Reply(text, (word,))


async def _waiting(ctx: Context, number: str) -> Deployment:
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise UserError(f"`{number}` is no number.", "", "Write the number of the card, such as `#42`.")
    found = await ctx.queries.deployment(ctx.workspace, int(match[1]))
    names = {service.name for service in visible_services(ctx.person, ctx.catalog)}
    if found is None or found.wish.service not in names:
        raise UserError(f"There is no deployment #{match[1]}.", "", "`/state` shows what there is.")
    return found


COMMAND = Command(
    name="override",
    arguments=Arguments,
    permission=Permission.OVERRIDE,
    summary="Let one deployment pass a freeze",
    examples=("/override #42 because customers can't pay",),
    run=run,
    form=True,
)
