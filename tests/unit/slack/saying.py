"""An announcement as everybody sees it who chose nothing for themselves."""

from __future__ import annotations

from typing import Any

from bot.core.effects import Announcement
from bot.core.records import Deployment
from bot.slack.views.announcement import shown, words_of
from bot.slack.views.blocks import Message


def announcement(deployment: Deployment, what: Announcement, *concerned: Any, **more: Any) -> Message:
    """The words, rendered."""
    return shown(words_of(deployment, what, *concerned, **more))
