"""Patterns of paths as the catalog writes them: `**` is any folders, `*` a part of one name."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns fits the whole path."""
    return any(_fits(path.split("/"), each.split("/")) for each in patterns)


def _fits(parts: list[str], wanted: list[str]) -> bool:
    if not wanted:
        return not parts
    first, rest = wanted[0], wanted[1:]
    if first != "**":
        return bool(parts) and fnmatchcase(parts[0], first) and _fits(parts[1:], rest)
    if not rest:
        return bool(parts)
    return any(_fits(parts[skipped:], rest) for skipped in range(len(parts)))
