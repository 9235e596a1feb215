"""The form in which a restore of the database is typed; the button of a rollback's card opens it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.command import ArgKind, Command, Context, Reply, arg
from bot.core.deciding import visible_one
from bot.core.errors import UserError
from bot.core.policy import Permission, authorise
from bot.core.resolving import Standing
from commands._glass import must_be_its_name
from commands._requesting import asked, entry
from commands._restoring import planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    service: str = arg(ArgKind.SERVICE, "whose database")
    environment: str = arg(ArgKind.ENVIRONMENT, "where it is", filler=("in", "on"))
    name: str = arg(
        ArgKind.WORD, "the environment's name once more, typed by hand", label="Environment's name"
    )
    backup: str = arg(
        ArgKind.WORD, "the backup as it stands above, typed by hand", label="Name of the backup"
    )
    number: str = arg(ArgKind.WORD, "the rollback that it goes with, such as #123")
    meant: str = arg(ArgKind.WORD, "the backup that the form told of")
    reason: str = arg(
        ArgKind.REST, "why what was written since may be lost: everybody is told", word="because"
    )


def check(args: Arguments) -> None:
    """Nobody restores a database, or from a backup, that they did not mean."""
    must_be_its_name(args.name, args.environment)
    if args.backup.strip() != args.meant:
        raise UserError(
            f"`{args.backup}` is not the name of the backup.",
            f"This is about {args.meant}.",
            f"Type {args.meant}.",
        )


async def run(ctx: Context, args: Arguments) -> Reply:
    """Exactly what was read in the form, or nothing; then a second person decides."""
    service, place = entry(ctx, args.service, args.environment)
    authorise(Permission.RESTORE, ctx.person, ctx.catalog, service, place)
    back = await visible_one(ctx, args.number)
    plan = await planned(ctx, back, args.reason)
    same = (plan.service.name, plan.environment.name) == (args.service, args.environment)
    if not same or plan.backup.id != args.meant:
        raise UserError(
            "That is not what the form told of.",
            "Nothing was done.",
            f"Open it again: `/slipway restore #{back.number}`",
        )
    return await asked(ctx, plan.service, plan.environment, plan.wish, Standing(plan.runs.release))


COMMAND = Command(
    name="confirm-restore",
    arguments=Arguments,
    permission=Permission.RESTORE,
    summary="Restore the database from the backup that is typed",
    examples=("/slipway restore #42",),
    run=run,
    below=True,
    by_form=True,
    check=check,
)
