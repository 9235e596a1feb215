"""What a person can decide on, each with its two buttons, wherever it is listed."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.actions import ActionId
from bot.core.effects import Choice
from bot.slack.views import blocks
from bot.slack.views.blocks import Block


def deciding(value: str) -> list[Block]:
    """Approve and Reject."""
    return [
        blocks.button(ActionId.APPROVE, "Approve", value, style="primary"),
        blocks.button(ActionId.REJECT, "Reject", value, style="danger"),
    ]


def decisions(choices: Iterable[Choice]) -> list[Block]:
    """Two blocks for each: what it is, and what can be said to it."""
    made: list[Block] = []
    for each in choices:
        made += [blocks.rich(each.text), *blocks.actions(f"decide-{each.number}", deciding(each.value))]
    return made
