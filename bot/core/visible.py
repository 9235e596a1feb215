"""Names as they are, not as they want to look: what is invisible is spelled out."""

from __future__ import annotations

import unicodedata

_ALLOWED = frozenset({"\n", "\t"})
_JOINERS = frozenset({"\u200d", "\ufe0f"})  # they hold emoji together


def visible(text: str) -> str:
    """The text with control and format characters written as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char in _ALLOWED or char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"):
        return char
    return f"\\u{ord(char):04x}"


def scripts(text: str) -> frozenset[str]:
    """The alphabets that letters of the text come from."""
    return frozenset(unicodedata.name(char, "?").split(" ")[0] for char in text if char.isalpha())


def mixed(text: str) -> bool:
    """Whether Latin letters stand beside look-alikes of another alphabet."""
    found = scripts(text)
    return "LATIN" in found and bool(found & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})


def clip(text: str, longest: int) -> str:
    """At most so many characters, with a sign that something is missing."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
