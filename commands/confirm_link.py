"""/slipway confirm-link: vouch for a new link, so that it votes in production before its day is over."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import UserError
from bot.core.intents import ConfirmLink
from bot.core.people import mentioned
from bot.core.policy import Permission
from bot.core.text import Mention, line


@dataclass(frozen=True, slots=True)
class Arguments:
    person: str = arg(ArgKind.WORD, "whose link it is")


async def run(ctx: Context, args: Arguments) -> Reply:
    """Nobody vouches for themselves: whoever took an account over would."""
    other = mentioned(args.person)
    if other == ctx.person.id:
        raise UserError(
            "You can't confirm your own link.", "That takes a second pair of eyes.", "Ask another admin."
        )
    return Reply(line("You vouch for the link of ", Mention(other, other), "."), (ConfirmLink(other),))


COMMAND = Command(
    name="confirm-link",
    arguments=Arguments,
    permission=Permission.ADMIN,
    summary="Vouch for a new link, so that it votes in production at once",
    examples=("/slipway confirm-link @linus",),
    run=run,
    below=True,
)
