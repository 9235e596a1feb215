"""/override: let one deployment pass a freeze, with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.deciding import visible_one
from bot.core.intents import OverrideGate
from bot.core.lifting import lifts
from bot.core.overrides import Overridable
from bot.core.policy import Permission
from bot.core.text import bold, line


@dataclass(frozen=True, slots=True)
class Arguments:
    number: str = arg(ArgKind.WORD, "the number on its card, such as #42")
    reason: str = arg(ArgKind.REST, "why it can't wait; it stays on the card", word="because")


async def run(ctx: Context, args: Arguments) -> Reply:
    """What was read from the store is what their word is bound to. All other gates stay as they are."""
    deployment = await visible_one(ctx, args.number)
    lifts(ctx.person, deployment, ctx.catalog, ctx.now)  # whoever may not is told so at once
    wish = deployment.wish
    text = line("You let ", bold(f"{wish.service} to {wish.environment}"), " pass the freeze.")
    word = OverrideGate(
        deployment.number, deployment.digest or "", Overridable.FREEZE, ctx.person, args.reason
    )
    return Reply(text, (word,))


COMMAND = Command(
    name="override",
    arguments=Arguments,
    permission=Permission.OVERRIDE,
    summary="Let one deployment pass a freeze",
    examples=("/override #42 because customers can't pay",),
    run=run,
    form=True,
)
