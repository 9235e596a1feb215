"""The demo's page draws every icon the product speaks with; one that it does not know shows as :name:."""

from __future__ import annotations

import re
from pathlib import Path

from bot.core.release_words import ICONS
from bot.slack.views.card import LOOKS
from bot.slack.views.checklist import OPEN, TICKED

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "bot/playground/slack/page/js/text/emoji.js"
PRODUCT = ("bot/core", "bot/engine", "bot/slack", "commands")


def used() -> set[str]:
    """Those of the tables, and those named where they are said."""
    sources = (path.read_text() for folder in PRODUCT for path in (ROOT / folder).rglob("*.py"))
    said = {name for source in sources for name in re.findall(r'Icon\("(\w+)"\)', source)}
    return said | {icon for icon, _ in LOOKS.values()} | set(ICONS.values()) | {TICKED, OPEN}


def test_the_page_knows_every_icon() -> None:
    known = set(re.findall(r'^  "?([\w+-]+)"?: [\["]', PAGE.read_text(), re.MULTILINE))
    assert {"mag", "rotating_light", "warning", "lock"} <= used()
    assert used() <= known
