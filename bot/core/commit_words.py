"""What the message of a commit says about other commits and about deployments."""

from __future__ import annotations

import re

# As git writes it; `git revert --reference` shortens the commit. A squash merge leaves it anywhere below.
_REVERTS = re.compile(r"^[^\S\n]*this reverts commit ([0-9a-f]{7,64})\b", re.I | re.M | re.ASCII)
_FIXES = re.compile(r"^fixes-deployment:\s*#?(\d{1,9})\s*$", re.I | re.M | re.ASCII)


def reverts_of(message: str | None) -> tuple[str, ...]:
    """The commits that it takes back, each by its SHA or the beginning of it."""
    return tuple(dict.fromkeys(found.lower() for found in _REVERTS.findall(message or "")))


def fixes_of(message: str | None) -> tuple[int, ...]:
    """The numbers of the deployments that it mends, by `Fixes-Deployment: #123`."""
    return tuple(dict.fromkeys(int(found) for found in _FIXES.findall(message or "")))
