"""Patterns of paths and names. Some may mean harm: none costs more than its length times that of the name.

Each part of a pattern is taken once, from all the places to which the parts before it may have led.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from fnmatch import fnmatchcase


class Wild(Enum):
    """What stands for more than itself in a pattern of a code host."""

    ONE = "?"  # a character, and no slash
    SOME = "*"  # any of those
    ANY = "**"  # whatever there is
    FOLDERS = "**/"  # nothing, or all up to a slash


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Whether one of them fits the whole path: `**` is any folders, `*` a part of one name."""
    return any(_fits(path.split("/"), each.split("/")) for each in patterns)


def fits(text: str, pattern: Sequence[Wild | str]) -> bool:
    """Whether these parts, one after the other, make up the whole text."""
    places = {0}
    for part in pattern:
        places = _after(text, part, places)
    return len(text) in places


def _fits(parts: list[str], wanted: list[str]) -> bool:
    places, last = {0}, len(wanted) - 1
    for number, each in enumerate(wanted):
        if each != "**":
            places = {at + 1 for at in places if at < len(parts) and fnmatchcase(parts[at], each)}
        elif number == last:
            return any(at < len(parts) for at in places)
        else:
            places = set(range(min(places), len(parts))) if places else places
    return len(parts) in places


def _after(text: str, part: Wild | str, places: set[int]) -> set[int]:
    """Where one may stand behind this part; nowhere leads nowhere."""
    if not places:
        return places
    if isinstance(part, str):
        return {at + len(part) for at in places if text.startswith(part, at)}
    first, end = min(places), len(text)
    match part:
        case Wild.ONE:
            return {at + 1 for at in places if at < end and text[at] != "/"}
        case Wild.SOME:
            return _within_names(text, places)
        case Wild.ANY:
            return set(range(first, end + 1))
        case Wild.FOLDERS:
            return places | {at + 1 for at in range(first, end) if text[at] == "/"}


def _within_names(text: str, places: set[int]) -> set[int]:
    found: set[int] = set()
    for at in range(min(places), len(text) + 1):
        if at in places or (at - 1 in found and text[at - 1] != "/"):
            found.add(at)
    return found
