"""What is asked of the directory in any case, because a right hangs on it."""

from __future__ import annotations

from bot.core.command import Context
from bot.core.values import Person


async def asker_anew(ctx: Context) -> Person:
    """Who asks, as they are now: people leave, and groups change."""
    return await ctx.directory.person(ctx.workspace, ctx.person.id, fresh=True)
