"""/slipway restore: open the form that restores the database beside a rollback; the button does the same."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Confirmation, Context, Reply, arg
from bot.core.deciding import visible_one
from bot.core.policy import Permission, authorise_on
from bot.core.restore_words import LOST, age
from bot.core.rules import Right
from bot.core.text import NOTHING
from bot.core.voting import names
from commands._restoring import Plan, planned


@dataclass(frozen=True, slots=True)
class Arguments:
    number: str = arg(ArgKind.WORD, "the number of the rollback, such as #42")


async def run(ctx: Context, args: Arguments) -> Reply:
    """Words and buttons alone never restore anything: the form in which it is typed opens."""
    back = await visible_one(ctx, args.number)
    authorise_on(Permission.RESTORE, ctx.person, ctx.catalog, back)
    plan = await planned(ctx, back)
    number = f"#{back.number}"
    fixed = {
        "service": plan.service.name,
        "environment": plan.environment.name,
        "number": number,
        "meant": plan.backup.id,
    }
    form = Confirmation("confirm-restore", fixed, {}, _about(ctx, plan), f"restore {number}")
    return Reply(NOTHING, opens=form)


def _about(ctx: Context, plan: Plan) -> str:
    """What is restored from when, what is lost, and who has to agree."""
    backup, restores = plan.backup, plan.restores
    place = f"{plan.service.name} in {plan.environment.name}"
    lasted = age(ctx.now - backup.at)
    others = names(plan.environment.policy.rights.of(Right.OVERRIDE_MIGRATIONS))
    lines = [
        f"The database of {place} goes back to backup {backup.id}.",
        f"#{restores.made_by} made it at {backup.at:%Y-%m-%d %H:%M} UTC, {lasted} ago, before the migrations"
        f" of #{restores.before}.",
        f"{LOST} That is everything of the last {lasted}: nobody can bring it back.",
        f"{plan.runs.named} (#{plan.runs.number}) runs there, and stays.",
        f"It waits until somebody else of {others} lets it, with a reason of their own.",
    ]
    return "\n".join(lines)


COMMAND = Command(
    name="restore",
    arguments=Arguments,
    permission=Permission.RESTORE,
    summary="Restore the database beside a rollback over migrations",
    examples=("/slipway restore #42",),
    run=run,
    below=True,
)
