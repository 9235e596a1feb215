"""The pages of linking: foreign words stay words."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.errors import UserError
from bot.core.linking import Account, LinkAttempt
from bot.core.values import Actor, ActorKind
from bot.web import link_pages

EVIL = '<script>alert("1")</script>'
ATTEMPT = LinkAttempt(
    "a1",
    Actor(ActorKind.PERSON, "U1", EVIL),
    "s",
    datetime(2026, 3, 2, tzinfo=UTC),
    account=Account("github", "7", EVIL),
)


def test_no_name_becomes_a_part_of_a_page() -> None:
    error = UserError(EVIL, EVIL, f"Use `{EVIL}`.")
    pages = [
        link_pages.start(ATTEMPT, EVIL),
        link_pages.ask_code(ATTEMPT, EVIL, error),
        link_pages.done(ATTEMPT),
        link_pages.refused(EVIL, EVIL, EVIL),
    ]
    for page in pages:
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "=&quot;" not in page


def test_what_is_typed_stands_as_code() -> None:
    assert "<code>/slipway link</code>" in link_pages.refused("No.", "", "Use `/slipway link`.")
