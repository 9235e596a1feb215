"""/slipway unlink: forget which user of the code host is yours, or, as an administrator, somebody else's."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import UserError
from bot.core.intents import EndLink
from bot.core.people import mentioned
from bot.core.policy import Permission, authorise
from bot.core.text import Mention, bold, line, lines
from commands._anew import asker_anew


@dataclass(frozen=True, slots=True)
class Arguments:
    person: str | None = arg(ArgKind.WORD, "somebody else, for administrators", default=None)


async def run(ctx: Context, args: Arguments) -> Reply:
    """One's own; an administrator may for somebody who left or lost their account."""
    if args.person is not None:
        other = mentioned(args.person)
        if other != ctx.person.id:
            authorise(Permission.ADMIN, await asker_anew(ctx), ctx.catalog)
            text = line("If a GitHub user was linked to ", Mention(other, other), ", it no longer is.")
            return Reply(text, (EndLink(other),))
    if ctx.person.login is None:
        raise UserError("No GitHub user is linked to you.", "", "`/slipway link` links one.")
    text = line("The GitHub user ", bold(ctx.person.login), " is no longer linked to you.")
    text += lines("Where a rule asks for a linked user, you can look but not act from now on.")
    return Reply(text, (EndLink(ctx.person.id),))


COMMAND = Command(
    name="unlink",
    arguments=Arguments,
    permission=Permission.LINK,
    summary="Forget which GitHub user is yours",
    examples=("/slipway unlink", "/slipway unlink @linus"),
    run=run,
    below=True,
)
