"""Subscriptions of the catalog, and where what is wrong with one is shown."""

from __future__ import annotations

from bot.config.catalog import render_mistakes
from bot.core.catalog import BUDGET
from bot.core.subscriptions import QUIET
from tests.unit.config.catalogs import good, read, with_environment

TOP = """
slack: {messages_per_minute: 7}
subscriptions:
  - {channel: "#payments", services: [api], env: [production], on: [approval, failure], branch: [main]}
  - {channel: C0RELEASES}
  - {channel: C0RELEASES, on: [failure], workflow: [.github/workflows/ci.yml]}
"""


def test_they_say_what_the_chat_would_say() -> None:
    catalog = good(with_environment("who: [sre]", top=TOP))
    assert [(each.channel, each.filter.said) for each in catalog.subscriptions] == [
        ("#payments", "api env=production on=failure,approval branch=main"),
        ("C0RELEASES", f"* on={','.join(QUIET)}"),
        ("C0RELEASES", "* on=failure workflow=ci.yml"),
    ]
    assert catalog.channels.budget == 7
    assert good(with_environment("who: [sre]")).channels.budget == BUDGET


def test_a_mistake_is_shown_at_its_place() -> None:
    wrong = TOP.replace("[api]", "[apu]")
    shown = render_mistakes(read(with_environment("who: [sre]", top=wrong)))
    assert "slipway.yml:5:39" in shown
    assert "unknown service `apu`" in shown
