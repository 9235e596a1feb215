"""What follows from links that somebody wrote; a part of `bot.core.intents`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShowLinks:
    """Show what stands behind these links, below the message in which somebody wrote them."""

    channel: str
    ts: str
    urls: tuple[str, ...]
