"""/review: say of an emergency, afterwards, whether it was right; or list those that wait for that."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.deciding import visible_one
from bot.core.errors import UserError
from bot.core.intents import GiveReview
from bot.core.naming import what_of
from bot.core.policy import Permission, authorise_on, visible_names
from bot.core.records import Deployment
from bot.core.reviewing import open_review, review_text
from bot.core.reviews import Finding
from bot.core.text import Text, bold, line


@dataclass(frozen=True, slots=True)
class Arguments:
    number: str | None = arg(ArgKind.WORD, "the number on its card, such as #42", default=None)
    finding: str | None = arg(ArgKind.WORD, "ok or not-ok", default=None)
    reason: str = arg(ArgKind.REST, "why; it stays on the card", word="because", default="")


async def run(ctx: Context, args: Arguments) -> Reply:
    """Two people have to, and neither is who asked for it."""
    if args.number is None:
        return Reply(await _list(ctx))
    deployment = await visible_one(ctx, args.number)
    open_review(deployment)
    authorise_on(Permission.REVIEW, ctx.person, ctx.catalog, deployment)
    finding = _finding(deployment, args.finding or "")
    if not args.reason:
        raise UserError(
            "Why do you find so?",
            "It stays on the card and on record.",
            f"Say it: `/review #{deployment.number} {finding} because ...`",
        )
    text = line("You reviewed ", bold(f"#{deployment.number}"), f": {finding}.")
    return Reply(text, (GiveReview(deployment.number, finding, ctx.person, args.reason),))


def _finding(deployment: Deployment, word: str) -> Finding:
    try:
        return Finding(word.lower())
    except ValueError:
        raise UserError(
            "Was it right to break the glass?",
            "A review says `ok` or `not-ok`.",
            f"For example: `/review #{deployment.number} ok because customers could not pay`",
        ) from None


async def _list(ctx: Context) -> Text:
    names = visible_names(ctx.person, ctx.catalog)
    found = [each for each in await ctx.queries.open_reviews(ctx.workspace) if each.wish.service in names]
    if not found:
        return line("No emergency waits for its review.")
    text = line(bold("Emergencies that wait for their review"))
    for each in found:
        text += line(bold(f"#{each.number} {what_of(each.wish)}"))
        text += review_text(each)
    return text


COMMAND = Command(
    name="review",
    arguments=Arguments,
    permission=Permission.REVIEW,
    summary="Review an emergency afterwards, or list those that wait for it",
    examples=(
        "/review #42 ok because customers could not pay",
        "/review #42 not-ok because it could have waited until Monday",
        "/review",
    ),
    run=run,
)
