"""Where the checks put what they find, by the path in the document."""

from __future__ import annotations

from collections.abc import Iterable

from bot.config.document import Fields, Items, Path, Value, place
from bot.config.mistakes import Mistake
from bot.core.nearest import did_you_mean


class Findings:
    """Collects errors and warnings. `tree` is what fits its shape, `written` all that was written."""

    def __init__(self, tree: Fields, written: Fields) -> None:
        self.errors: list[Mistake] = []
        self.warnings: list[Mistake] = []
        self._tree = tree
        self._written = written

    def wrong(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> None:
        """Something that stops the start."""
        self.errors.append(place(self._tree, path, key=key).mistake(message, hint))

    def warn(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> None:
        """Something to think about."""
        self.warnings.append(place(self._tree, path, key=key).mistake(message, hint))

    def unknown(self, path: Path, what: str, word: str, known: Iterable[str], otherwise: str) -> None:
        """A word that names nothing."""
        self.wrong(path, f"unknown {what} `{word}`", did_you_mean(word, known) or otherwise)

    def people(self, path: Path, names: Iterable[str]) -> None:
        """Every one of these names must stand under `people:`."""
        known = self.names("people")
        for index, name in enumerate(names):
            if name not in known:
                self.unknown((*path, index), "people", name, known, "names stand under `people:`")

    def is_written(self, path: Path) -> bool:
        """Whether it stands in the file, right or wrong; what is wrong has been told already."""
        found: Value = self._written
        for step in path:
            if isinstance(found, Fields) and step in found.entries:
                found = found.entries[str(step)].value
            elif isinstance(found, Items) and isinstance(step, int) and step < len(found.items):
                found = found.items[step]
            else:
                return False
        return True

    def names(self, *path: str) -> tuple[str, ...]:
        """The keys of this map as they were written."""
        found = self._written.get(*path)
        return tuple(found.entries) if isinstance(found, Fields) else ()
