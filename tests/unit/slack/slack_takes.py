"""Holds a message against our own limits and, independently, against the stand-in's."""

from __future__ import annotations

from typing import Any

from bot.playground.slack.limits import BLOCK_TEXT_TOTAL, UPDATE_TEXT, Surface, check_blocks, text_total
from bot.slack import limits


def refusals(message: dict[str, Any]) -> list[str]:
    """What the stand-in would say; empty when it takes the message."""
    found = check_blocks(message["blocks"], Surface.MESSAGE)
    if text_total(message["blocks"]) > BLOCK_TEXT_TOTAL:
        found.append("msg_blocks_too_long")
    if not message["text"] or len(message["text"]) > UPDATE_TEXT:
        found.append("text")
    return found


def must_fit(message: dict[str, Any]) -> None:
    """Both take it."""
    limits.check(message)
    assert refusals(message) == []


def leaves(value: Any) -> list[dict[str, Any]]:
    """Every object inside, at any depth."""
    if isinstance(value, dict):
        return [value, *(leaf for inner in value.values() for leaf in leaves(inner))]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return []


def words(message: dict[str, Any]) -> str:
    """Everything in the blocks that a person reads."""
    found: list[str] = []
    for leaf in leaves(message["blocks"]):
        found += [leaf[key] for key in ("text", "title") if isinstance(leaf.get(key), str)]
    return "\n".join(found)


def must_be_harmless(made: dict[str, Any], name: str) -> None:
    """No word of somebody's choosing is markup, rings for anybody, or hides."""
    must_fit(made)
    assert "<" not in made["text"].replace("&lt;", "")
    assert ">" not in made["text"].replace("&gt;", "")
    for leaf in leaves(made["blocks"]):
        assert leaf.get("type") not in ("mrkdwn", "broadcast", "usergroup", "channel")
        assert leaf.get("verbatim") is None
    shown = words(made)
    for char in "\u202e\u200b\ufeff\x07\x1b\ud800":
        assert char not in shown
        assert char not in made["text"]
        if char in name:
            assert f"\\u{ord(char):04x}" in shown
    if len(name) < 100 and name.isprintable():
        assert name in shown
