"""Who must review a file, as CODEOWNERS says it; read for the doctor alone, never for a decision. Pure."""

from __future__ import annotations

import re

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")  # GitHub takes the first that is there
_WILD = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_SAYS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def owners_of(text: str, path: str) -> tuple[str, ...]:
    """The last line that fits decides, even where it names nobody."""
    found: tuple[str, ...] = ()
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words and _fits(words[0], path):
            found = tuple(words[1:])
    return found


def _fits(pattern: str, path: str) -> bool:
    """A slash before the end ties it to the root; a folder stands for all in it, but `folder/*` does not."""
    body = pattern.strip("/")
    start = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    end = "/.*" if pattern.endswith("/") else "" if body.rpartition("/")[2] == "*" else "(?:/.*)?"
    glob = "".join(_SAYS.get(part) or re.escape(part) for part in _WILD.findall(body))
    return re.fullmatch(start + glob + end, path) is not None
