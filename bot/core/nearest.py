"""The nearest right word, for "did you mean"."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

_ALIKE = 0.6
LONGEST = 100  # characters; what is longer was no slip of the fingers, and would take seconds to compare


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word that looks most like this one, or None when none looks alike; never the word itself."""
    if len(word) > LONGEST:
        return None
    wanted, others = word.casefold(), (each for each in words if each != word and len(each) <= LONGEST)
    scored = ((_likeness(wanted, each.casefold()), each) for each in others)
    best = max(scored, default=(0.0, ""), key=lambda pair: pair[0])
    return best[1] if best[0] >= _ALIKE else None


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """`did you mean x?`, or nothing."""
    found = nearest(word, words)
    return f"did you mean `{found}`?" if found else ""


def suggestion(word: str, words: Iterable[str]) -> str:
    """The same as a sentence of its own; the word keeps its capitals."""
    hint = did_you_mean(word, words)
    return hint[:1].upper() + hint[1:]


def _likeness(left: str, right: str) -> float:
    if right.startswith(left) and len(left) > 2:
        return 0.9
    return SequenceMatcher(None, left, right).ratio()
