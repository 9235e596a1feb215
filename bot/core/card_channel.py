"""Where the card of a deployment may stand: never in front of people who must not read it."""

from __future__ import annotations

from bot.core.catalog import Environment, Service
from bot.core.command import Context
from bot.core.errors import UserError


async def card_channel(ctx: Context, service: Service, environment: Environment) -> str:
    """The catalog's channel, else the one where it was asked; UserError when the card must not be there."""
    named = ctx.catalog.channel_of(service, environment)
    if named is None and service.visible_to is not None:
        raise UserError(
            f"There is no channel for the card of {service.name}.",
            "Not everybody may know of it, so its card does not go to wherever it is asked for.",
            "An administrator can name a `channel:` for it in slipway.yml.",
        )
    channel = named or ctx.place.channel
    if not service.external and await ctx.channels.outside(ctx.workspace, channel):
        where = named or "This channel"
        raise UserError(
            f"{where} is shared with people of other organisations.",
            f"They would read the card of {service.name}, and the catalog does not allow that.",
            "Ask in another channel, or an administrator can name one in slipway.yml."
            if named is None
            else "An administrator can name another `channel:`, or say `external: true`, in slipway.yml.",
        )
    return channel
