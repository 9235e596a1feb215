"""What became of the settings of a person; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MySettingChanged:
    """They chose it themselves: whoever wonders why somebody was not rung finds it here."""

    setting: str
    value: str
