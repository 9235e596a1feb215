"""Who must review a file, as CODEOWNERS says it; read for the doctor alone, never for a decision. Pure."""

from __future__ import annotations

import re

from bot.core.globs import Wild, fits

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")  # GitHub takes the first that is there
_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_WILD: dict[str, Wild] = {each.value: each for each in Wild}


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
    parts: list[Wild | str] = [] if "/" in pattern.rstrip("/") else [Wild.FOLDERS]
    parts += [_WILD.get(part, part) for part in _PARTS.findall(body)]
    if pattern.endswith("/"):
        return fits(path, [*parts, "/", Wild.ANY])
    return fits(path, parts) or (body.rpartition("/")[2] != "*" and fits(path, [*parts, "/", Wild.ANY]))
