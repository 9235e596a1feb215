"""A restore of the database, as it can be asked for beside one rollback and at no other time."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.accepting import by_default
from bot.core.asking import pipeline_of
from bot.core.catalog import Environment, Service
from bot.core.command import Context
from bot.core.errors import UserError
from bot.core.lifecycle import State
from bot.core.records import Deployment, Wish
from bot.core.restorable import Restorable
from bot.core.restore_words import offers_restore
from bot.core.rolling_back import asked_already, under
from bot.core.run_reports import Backup
from bot.core.targets import Arrival, targets
from bot.core.values import Kind


@dataclass(frozen=True, slots=True)
class Plan:
    """From what, and beside what runs."""

    service: Service
    environment: Environment  # as it rules a restore
    restores: Restorable
    backup: Backup
    runs: Arrival
    wish: Wish


async def planned(ctx: Context, back: Deployment, reason: str = "") -> Plan:
    """UserError where this rollback offers none, or where something else got there since."""
    service = ctx.catalog.service(back.wish.service)
    place = ctx.catalog.environment(back.wish.service, back.wish.environment)
    restores = back.wish.restores
    if service is None or place is None or place.policy.restore is None:
        raise UserError(
            f"The catalog names no restore for {back.wish.service} in {back.wish.environment}.",
            "So nothing says how its database is restored.",
            "An administrator can add `restore:` to the environment in slipway.yml.",
        )
    if restores is None or restores.backup is None or not offers_restore(back):
        raise UserError(
            f"#{back.number} offers no restore of the database.",
            "A rollback does that went back over migrations, or is held by them, with a backup on record.",
            f"`/state #{back.number}` shows how it stands. Without that, restore it by hand.",
        )
    environment = under(place, Kind.RESTORE)
    runs = await _runs(ctx, back)
    await _must_be_alone(ctx, back)
    wish = Wish(
        Kind.RESTORE,
        service.name,
        environment.name,
        runs.reference,
        by_default(pipeline_of(service, environment)),
        reason,
        restores=restores,
    )
    return Plan(service, environment, restores, restores.backup, runs, wish)


async def _runs(ctx: Context, back: Deployment) -> Arrival:
    """After it went back that is the rollback; before, what it would take away."""
    wish = back.wish
    current = targets(await ctx.releases.arrivals(ctx.workspace, wish.service, wish.environment)).current
    expected = back.id if back.state is State.SUCCEEDED else back.undoes
    if current is None or current.id != expected:
        now = f"#{current.number} runs there now." if current else "Nobody knows what runs there now."
        raise UserError(
            f"The database of {wish.service} in {wish.environment} can't be restored beside #{back.number}"
            " any more.",
            f"Something else got there since. {now}",
            "What that did to the database would be lost with it. Look again, or restore it by hand.",
        )
    return current


async def _must_be_alone(ctx: Context, back: Deployment) -> None:
    for each in await ctx.queries.in_line(ctx.workspace, back.wish):
        if each.wish.kind is Kind.RESTORE:
            raise asked_already(each)
