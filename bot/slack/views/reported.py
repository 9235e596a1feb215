"""What the run of a deployment said of itself, as the card shows it."""

from __future__ import annotations

from bot.core.records import Deployment
from bot.core.run_report_words import reported_text
from bot.slack.views import blocks
from bot.slack.views.blocks import Block


def reported(deployment: Deployment) -> list[Block]:
    """Nothing where it left nothing."""
    text = reported_text(deployment)
    return [blocks.rich(text, "reported")] if text.lines else []
