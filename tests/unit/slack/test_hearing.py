"""What is said to us without a slash, and what is not said to us."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.hearing import called, told_alone

BOT = "<@U0SLIPWAY1>"


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        (f"{BOT} deploy api staging", ("deploy", "api staging")),
        (f"  {BOT}: Deploy api staging", ("deploy", "api staging")),
        (f"{BOT}, /deploy api staging", ("deploy", "api staging")),
        (f"{BOT} slipway state", ("state", "")),
        (f"{BOT} /slipway deploy api staging", ("deploy", "api staging")),
        (f"{BOT}", ("help", "")),
        (f"{BOT} help deploy", ("help", "deploy")),
        (f"{BOT} slipway", ("slipway", "")),
        (f"{BOT} {'slipway ' * 4_000}state api", ("state", "api")),
        (f"{BOT} deploy api &lt;x&gt;", ("deploy", "api <x>")),
        (f"thanks {BOT}", None),
        ("deploy api staging", None),
        ("", None),
    ],
)
def test_a_mention(text: str, heard: tuple[str, str] | None) -> None:
    assert called({"text": text}) == heard


@pytest.mark.parametrize(
    ("event", "heard"),
    [
        ({"text": "state api"}, ("state", "api")),
        ({"text": f"{BOT} state api"}, ("state", "api")),
        ({"text": "  "}, None),
        ({"text": "state api", "bot_id": "B1"}, None),
        ({"text": "state api", "subtype": "message_changed"}, None),
        ({"text": "state api", "edited": {"user": "U1"}}, None),
        ({"text": "state api", "channel_type": "channel"}, None),
        ({"text": None}, None),
        ({}, None),
    ],
)
def test_a_direct_message(event: dict[str, Any], heard: tuple[str, str] | None) -> None:
    assert told_alone({"channel_type": "im"} | event) == heard
