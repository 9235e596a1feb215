"""What is measured of a release after it got there, as the card shows it; it stays when all is over."""

from __future__ import annotations

from bot.core.actions import ActionId
from bot.core.records import Deployment
from bot.core.verifications import asks
from bot.core.verify_words import measured_text
from bot.slack.views import blocks
from bot.slack.views.blocks import Block


def verifications(deployment: Deployment) -> list[Block]:
    """Nothing before anything is measured."""
    text = measured_text(deployment)
    return [blocks.rich(text, "verifications")] if text.lines else []


def word_buttons(deployment: Deployment, value: str) -> list[Block]:
    """While nobody can say whether it works but a person."""
    if not asks(deployment.state, deployment.verifications):
        return []
    wish = deployment.wish
    sure = blocks.confirm(
        f"#{deployment.number} does not work?",
        f"{wish.service} in {wish.environment} is recorded as failed, and the next in line may go.",
        "It does not work",
        "Back",
    )
    return [
        blocks.button(ActionId.IT_WORKS, "It works", value),
        blocks.button(ActionId.IT_DOES_NOT_WORK, "It does not work", value, style="danger", confirm=sure),
        blocks.button(ActionId.MEASURE_AGAIN, "Measure again", value, style="primary"),
    ]
