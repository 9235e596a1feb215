"""What people of other organisations may not read stays out of channels that are shared with them."""

from __future__ import annotations

from bot.core.chat_ports import Channels
from bot.core.errors import NeedsHuman


async def must_stay_inside(channels: Channels, workspace: str, channel: str) -> None:
    """NeedsHuman where they read by now what they may not; looked up anew for each message."""
    if await channels.outside(workspace, channel):
        raise NeedsHuman(
            f"{channel} is shared with people of other organisations.",
            "They would read what the catalog does not allow them to.",
            "End its subscriptions, or say `external: true` in slipway.yml.",
        )
