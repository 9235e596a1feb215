"""/slipway link: prove which user of the code host is yours."""

from __future__ import annotations

from bot.core.command import Command, Context, NoArguments, Reply
from bot.core.errors import UserError
from bot.core.intents import StartLink
from bot.core.policy import Permission
from bot.core.text import Moment, bold, line, lines


async def run(ctx: Context, args: NoArguments) -> Reply:  # noqa: ARG001
    """A link for the asker's eyes; names prove nothing, so both sides are asked."""
    if ctx.linking is None:
        raise UserError(
            "Accounts can't be linked here.",
            "GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET are not set.",
            "Ask an operator to set them.",
        )
    made = ctx.linking.invite()
    text = line(bold("Link your GitHub user"))
    if ctx.person.login is not None and ctx.person.linked_at is not None:
        linked = line("You are linked to ", bold(ctx.person.login), " since ", Moment(ctx.person.linked_at))
        text += linked + lines("A new link takes its place.")
    text += lines(
        "Open this link, sign in at GitHub, and type the code that I send you by direct message.",
        "It works once, for ten minutes, and only for you: show it to nobody.",
    )
    return Reply(text, (StartLink(made),), link_of=made.attempt)


COMMAND = Command(
    name="link",
    arguments=NoArguments,
    permission=Permission.LINK,
    summary="Link your GitHub user to you, proven on both sides",
    examples=("/slipway link",),
    run=run,
    below=True,
)
