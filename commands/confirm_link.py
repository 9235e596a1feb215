"""/slipway confirm-link: vouch for a new link, so that it votes in production before its day is over."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.errors import UserError
from bot.core.intents import ConfirmLink
from bot.core.linking import not_linked, other_account
from bot.core.people import mentioned
from bot.core.policy import Permission
from bot.core.text import Mention, Moment, Span, Text, bold, line, lines
from bot.core.values import Person


@dataclass(frozen=True, slots=True)
class Arguments:
    person: str = arg(ArgKind.WORD, "whose link it is")
    account: str | None = arg(
        ArgKind.WORD, "the number of the GitHub user; without it you are told whose it is first", default=None
    )


async def run(ctx: Context, args: Arguments) -> Reply:
    """Nobody vouches for themselves: whoever took an account over would. And nobody does so unseen."""
    other = mentioned(args.person)
    if other == ctx.person.id:
        raise UserError(
            "You can't confirm your own link.", "That takes a second pair of eyes.", "Ask another admin."
        )
    person = await ctx.directory.person(ctx.workspace, other)
    if person.account_id is None:
        raise not_linked()
    if args.account is None:
        text = _linked(person) + lines("Do you know that this is theirs? Nothing is confirmed yet.")
        return Reply(text, in_full=f"confirm-link <@{other}> {person.account_id}", yes="Vouch for it")
    if args.account != person.account_id:
        raise other_account()
    vouched = line("You vouch for the link of ", Mention(other, person.name), ".")
    return Reply(vouched + _linked(person), (ConfirmLink(other, args.account),))


def _linked(person: Person) -> Text:
    account: tuple[Span | str, ...] = (bold(person.login or ""), f" (id {person.account_id})")
    since = (" since ", Moment(person.linked_at)) if person.linked_at else ()
    whose = Mention(person.id, person.name)
    return line("The GitHub user ", *account, " is linked to ", whose, *since, ".")


COMMAND = Command(
    name="confirm-link",
    arguments=Arguments,
    permission=Permission.ADMIN,
    summary="Vouch for a new link, so that it votes in production at once",
    examples=("/slipway confirm-link @linus",),
    run=run,
    below=True,
)
