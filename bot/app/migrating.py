"""`slipway migrate`: bring the database to this version's schema."""

from __future__ import annotations

from collections.abc import Mapping

from bot.app.schema import database_url
from bot.store.migrate import upgrade


def migrate(environ: Mapping[str, str]) -> None:
    """Step by step, each in a commit of its own; what is there already stays."""
    upgrade(database_url(environ))
