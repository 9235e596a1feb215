"""That the glass was broken, as the card shows it; it stays when all is over."""

from __future__ import annotations

from bot.core.naming import named_as
from bot.core.records import Deployment
from bot.core.reviewing import review_text
from bot.core.text import Icon, bold, line
from bot.core.verdicts import GateState
from bot.slack.views import blocks
from bot.slack.views.blocks import Block


def emergency(deployment: Deployment) -> list[Block]:
    """By whom, and which rules it did not wait for."""
    if not deployment.wish.emergency:
        return []
    asker = deployment.requested_by
    text = line(
        Icon("rotating_light"),
        " ",
        bold("EMERGENCY"),
        " · ",
        named_as(asker),
        f" broke the glass{_skipped(deployment)}",
    )
    return [blocks.rich(text + review_text(deployment), "emergency")]


def _skipped(deployment: Deployment) -> str:
    gates = [each.gate for each in deployment.verdicts if each.state is GateState.OVERRIDDEN]
    return f": it did not wait for {' and '.join(gates)}" if gates else ""
