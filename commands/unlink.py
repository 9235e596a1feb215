"""/slipway unlink: forget which user of the code host is yours."""

from __future__ import annotations

from bot.core.command import Command, Context, NoArguments, Reply
from bot.core.errors import UserError
from bot.core.intents import EndLink
from bot.core.policy import Permission
from bot.core.text import bold, line, lines


async def run(ctx: Context, args: NoArguments) -> Reply:  # noqa: ARG001
    """Only one's own."""
    if ctx.person.login is None:
        raise UserError("No GitHub user is linked to you.", "", "`/slipway link` links one.")
    text = line("The GitHub user ", bold(ctx.person.login), " is no longer linked to you.")
    text += lines("Where a rule asks for a linked user, you can look but not act from now on.")
    return Reply(text, (EndLink(),))


COMMAND = Command(
    name="unlink",
    arguments=NoArguments,
    permission=Permission.LINK,
    summary="Forget which GitHub user is yours",
    examples=("/slipway unlink",),
    run=run,
    below=True,
)
