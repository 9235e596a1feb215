"""The database beside a rollback: what could be restored, and the button that opens the form for it."""

from __future__ import annotations

from bot.core.actions import ActionId
from bot.core.records import Deployment
from bot.core.restore_words import database_text, offers_restore
from bot.core.values import Kind
from bot.slack.views import blocks
from bot.slack.views.blocks import Block


def database(deployment: Deployment) -> list[Block]:
    """Where it takes migrations back."""
    if deployment.wish.kind is not Kind.ROLLBACK:
        return []
    text = database_text(deployment.wish.restores)
    return [blocks.rich(text, "database")] if text.lines else []


def restore_button(deployment: Deployment, value: str) -> list[Block]:
    """It asks for nothing yet."""
    if not offers_restore(deployment):
        return []
    return [blocks.button(ActionId.RESTORE, "Restore the database…", value)]
