"""/override: let one deployment pass a rule that holds it, with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.deciding import visible_one
from bot.core.errors import UserError
from bot.core.intents import OverrideGate
from bot.core.naming import what_of
from bot.core.nearest import suggestion
from bot.core.overrides import Overridable
from bot.core.passing import SAID, closed_gates, covers
from bot.core.policy import Permission
from bot.core.records import Deployment
from bot.core.text import bold, line


@dataclass(frozen=True, slots=True, kw_only=True)  # so that the reason, which must be there, comes last
class Arguments:
    number: str = arg(ArgKind.WORD, "the number on its card, such as #42")
    rule: str | None = arg(
        ArgKind.WORD, f"which rule: {', '.join(Overridable)}; needed where several hold it", default=None
    )
    reason: str = arg(ArgKind.REST, "why it can't wait; it stays on the card", word="because")


async def run(ctx: Context, args: Arguments) -> Reply:
    """What was read from the store is what their word is bound to. All other gates stay as they are."""
    deployment = await visible_one(ctx, args.number)
    gate = _gate(args.rule, deployment)
    covers(gate, ctx.person, deployment, ctx.catalog, ctx.now)  # whoever may not is told so at once
    wish = deployment.wish
    text = line("You let ", bold(what_of(wish)), f" pass {SAID[gate]}.")
    word = OverrideGate(deployment.number, deployment.digest or "", gate, ctx.person, args.reason)
    return Reply(text, (word,))


def _gate(rule: str | None, deployment: Deployment) -> Overridable:
    """The one that was named, else the only one that holds it; which one is never guessed."""
    if rule is not None:
        return _named(rule)
    closed = closed_gates(deployment)
    if len(closed) > 1:
        named = ", ".join(SAID[each] for each in closed)
        raise UserError(
            f"Which rule do you override? #{deployment.number} is held by {named}.",
            "Each takes a word of its own.",
            f"For example: `/override #{deployment.number} {closed[0]} because ...`",
        )
    return closed[0] if closed else Overridable.FREEZE


def _named(rule: str) -> Overridable:
    try:
        return Overridable(rule.lower())
    except ValueError:
        known = ", ".join(f"`{each}`" for each in Overridable)
        hint = suggestion(rule.lower(), list(Overridable)) or f"There are {known}."
        raise UserError(f"`{rule}` is no rule that can be overridden.", hint) from None


COMMAND = Command(
    name="override",
    arguments=Arguments,
    permission=Permission.OVERRIDE,
    summary="Let one deployment pass a rule that holds it",
    examples=(
        "/override #42 because customers can't pay",
        "/override #42 checklist because the backup was checked by hand",
    ),
    run=run,
    form=True,
)
