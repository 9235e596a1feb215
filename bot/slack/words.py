"""The text of a command as it was meant: phones' quotes and dashes repaired, Slack's escapes undone."""

from __future__ import annotations

import html
import re

PAIR = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)

_REPAIRS = str.maketrans(
    {
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "‘": "'", "’": "'", "‚": "'",
        "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-",
        "\u00a0": " ", "\u202f": " ", "\u2007": " ",
    }
)  # fmt: skip
_CHANNEL = re.compile(r"<#[A-Z0-9]+\|([^<>]*)>")
_LINK = re.compile(r"<(?:https?|mailto):[^|<>]*\|([^<>]*)>")
_BARE_LINK = re.compile(r"<((?:https?|mailto):[^|<>]*)>")
_QUOTED = re.compile(r'"[^"]*"')
_TOKEN = re.compile(r'(?:[^\s"]|"[^"]*"?)+')


def typed(text: str) -> str:
    """What the person typed, before Slack escaped it in a command. The fields of a form are not escaped."""
    text = _CHANNEL.sub(r"#\1", text)
    text = _LINK.sub(r"\1", text)
    text = _BARE_LINK.sub(r"\1", text)
    return html.unescape(text)


def tidy(text: str) -> str:
    """One line of plain words."""
    return " ".join(_storable(text).translate(_REPAIRS).split())


def without_quoted(text: str) -> str:
    """Every character in its place, but what stands in quotes is blotted out."""
    return _QUOTED.sub(lambda found: "-" * len(found[0]), text)


def _storable(text: str) -> str:
    """Without what no database and no digest takes: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def split(text: str) -> list[str]:
    """Words; what stands in quotes is one word, without them."""
    words = (word.replace('"', "") for word in _TOKEN.findall(text))
    return [word for word in words if word]
