"""What a request brings, as the card shows it: the warnings, and the last of its commits."""

from __future__ import annotations

from bot.core.actions import ActionId
from bot.core.lifecycle import ENDS
from bot.core.range_words import listed, warned
from bot.core.records import Deployment
from bot.core.text import Text
from bot.slack.views import blocks
from bot.slack.views.blocks import Block

ON_A_CARD = 5


def warnings(deployment: Deployment) -> list[Block]:
    """What somebody should think about while it can still be stopped."""
    return _shown(deployment, warned(deployment.resolution), "warnings") if deployment.resolution else []


def changes(deployment: Deployment) -> list[Block]:
    """A few of the commits; when all is over, Details still has them."""
    if deployment.resolution is None:
        return []
    return _shown(deployment, listed(deployment.resolution, ON_A_CARD), "changes")


def details_button(deployment: Deployment, value: str) -> list[Block]:
    """As soon as there is anything to tell."""
    return [blocks.button(ActionId.DETAILS, "Details", value)] if deployment.resolution else []


def _shown(deployment: Deployment, text: Text, block_id: str) -> list[Block]:
    return [blocks.rich(text, block_id)] if text.lines and deployment.state not in ENDS else []
