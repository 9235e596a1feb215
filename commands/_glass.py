"""Breaking the glass: who may, and what the form says before they do."""

from __future__ import annotations

from bot.core.catalog import Environment, Service
from bot.core.command import Confirmation, Context, Reply
from bot.core.deciding import same_name
from bot.core.emergencies import WHAT_IT_SKIPS
from bot.core.errors import Denied, UserError
from bot.core.policy import Permission, authorise
from bot.core.records import Wish
from bot.core.reviews import REVIEWERS, WITHIN
from bot.core.text import NOTHING
from bot.core.visible import clip, visible
from bot.core.wishing import words_of
from commands._anew import asker_anew
from commands._back import Back

LONGEST = 500  # characters of the inputs that the form repeats
HOURS = int(WITHIN.total_seconds()) // 3600


async def may_break_the_glass(ctx: Context, service: Service, environment: Environment) -> None:
    """Raises for whoever may not. Only whoever may not by what is known is read anew: a trigger waits."""
    try:
        authorise(Permission.EMERGENCY, ctx.person, ctx.catalog, service, environment)
    except Denied:
        person = await asker_anew(ctx)
        authorise(Permission.EMERGENCY, person, ctx.catalog, service, environment)


def to_confirm(ctx: Context, service: Service, environment: Environment, wish: Wish) -> Reply:
    """Words alone never break it: the form in which the environment's name is typed."""
    inputs = "\n".join(f'{name}="{value}"' for name, value in wish.inputs)
    fixed = {
        "service": wish.service,
        "environment": wish.environment,
        "ref": wish.ref or "",
        "inputs": inputs,
    }
    among = "Checks, locks, promotions, the exact commit and the audit trail among them."
    about = what_it_means(ctx, service, environment, _release_of(service, environment, wish), among)
    again = f"deploy {words_of(wish)}"
    return Reply(NOTHING, opens=Confirmation("emergency", fixed, {"reason": wish.reason}, about, again))


def to_confirm_back(ctx: Context, back: Back) -> Reply:
    """The same for a rollback; what was looked at comes back with the form, so that it is exactly that."""
    wish, undone = back.wish, back.undone
    fixed = {
        "service": wish.service,
        "environment": wish.environment,
        "version": f"#{back.target.number}",
        "away_from": f"#{undone.number}",
    }
    what = [
        f"{wish.service} in {wish.environment} back to {clip(visible(back.target.named), 200)}"
        f" (#{back.target.number}), away from #{undone.number}."
    ]
    doubtful = back.found.doubtful
    if doubtful is not None and doubtful.under_way:
        what.append(f"#{doubtful.number} is under way there. It is cancelled first.")
    among = "Locks, quarantines, migrations, the exact commit and the audit trail among them."
    about = what_it_means(ctx, back.service, back.environment, what, among)
    again = f'rollback "{wish.service}" "{wish.environment}" version="#{back.target.number}"'
    again += f' away_from="#{undone.number}" emergency'
    again += f" because {wish.reason}" if wish.reason else ""
    form = Confirmation("emergency-rollback", fixed, {"reason": wish.reason}, about, again)
    return Reply(NOTHING, opens=form)


def must_be_its_name(typed: str, environment: str) -> None:
    """UserError for any other."""
    if not same_name(typed, environment):
        raise UserError(
            f"`{typed}` is not the name of the environment.",
            f"This is about {environment}.",
            f"Type {environment}.",
        )


def _release_of(service: Service, environment: Environment, wish: Wish) -> list[str]:
    release = f", {clip(visible(wish.ref), 200)}" if wish.ref else ", the release that /deploy would choose"
    lines = [f"{service.name} to {environment.name}{release}."]
    if wish.inputs:
        pairs = ", ".join(f"{name}={value}" for name, value in wish.inputs)
        lines.append(f"With {clip(visible(pairs), LONGEST)}.")
    return lines


def what_it_means(
    ctx: Context, service: Service, environment: Environment, what: list[str], among: str
) -> str:
    """What would be done, what would be skipped, what not, and who would hear of it."""
    told = [ctx.catalog.channel_of(service, environment) or "the channel of its card"]
    told += [ctx.catalog.channels.audit] if ctx.catalog.channels.audit else []
    lines = [*what, WHAT_IT_SKIPS, among]
    lines.append(f"Told, with your name and the reason: {' and '.join(told)}.")
    lines.append(f"Within {HOURS} hours {REVIEWERS} others say whether it was right.")
    return "\n".join(lines)


def must_be_now(service: Service, environment: Environment, at: str) -> None:
    """UserError for one that is asked for later."""
    if at:
        raise UserError(
            "An emergency is now.",
            "What can wait until then can wait for approvals, too.",
            f"Leave out the time: `/deploy {service.name} {environment.name} emergency because ...`",
        )
