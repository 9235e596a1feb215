"""/approvals: what waits for your decision, the oldest first; below, what waits for others'."""

from __future__ import annotations

from bot.core.command import Command, Context, NoArguments, Reply
from bot.core.pending import LOOKED_AT, Pending, pending
from bot.core.pending_words import choice, in_short
from bot.core.policy import Permission
from bot.core.records import Shown
from bot.core.text import Text, bold, line

WITH_BUTTONS, IN_SHORT = 10, 10  # as many as one message takes with ease


async def run(ctx: Context, args: NoArguments) -> Reply:  # noqa: ARG001
    """To look costs no right; to decide is judged by each press."""
    found = await pending(ctx)
    head = line(bold("Waits for you")) if found.mine else line("Nothing waits for your decision.")
    choices = tuple(choice(ctx, each) for each in found.mine[:WITH_BUTTONS])
    return Reply(head, choices=choices, below=_below(ctx, found))


def _below(ctx: Context, found: Pending) -> Text:
    text = _more(found.mine[WITH_BUTTONS:], "for you")
    if found.others:
        text += line(bold("Waits for others"))
    for each in found.others[:IN_SHORT]:
        text += in_short(ctx, each)
    text += _more(found.others[IN_SHORT:], "for others")
    if found.cut:
        text += line(f"Only the {LOOKED_AT} oldest requests were looked at.")
    return text


def _more(rest: tuple[Shown, ...], whom: str) -> Text:
    """What does not fit, by number."""
    numbers = ", ".join(f"#{each.deployment.number}" for each in rest)
    return (
        line(f"{len(rest)} more wait{'s' if len(rest) == 1 else ''} {whom}: {numbers}") if rest else Text(())
    )


COMMAND = Command(
    name="approvals",
    arguments=NoArguments,
    permission=Permission.LOOK,
    summary="Show what waits for your decision, and what for others'",
    examples=("/approvals",),
    run=run,
)
