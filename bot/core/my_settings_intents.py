"""What a person decided about themselves; a part of `bot.core.intents`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.my_settings import Change


@dataclass(frozen=True, slots=True)
class ChangeMine:
    """One setting of whoever asks; nobody changes those of others."""

    change: Change
