"""Holds the document against the shapes; what does not fit is set aside, so that the rest is checked too."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from bot.config.document import Entry, Fields, Items, Mark, Path, Value, place, plain
from bot.config.mistakes import Mistake
from bot.config.shape import CatalogShape

_MOST_PASSES = 20


@dataclass(frozen=True, slots=True)
class Validated:
    """The part that fits its shape (None when nothing does), its places, and what did not fit."""

    shape: CatalogShape | None
    tree: Fields
    mistakes: list[Mistake]


def validate(root: Fields) -> Validated:
    """Every mistake of spelling and type; each pass takes out what it complains of."""
    mistakes: list[Mistake] = []
    tree: Value | None = root
    maimed: set[Mark] = set()
    for _ in range(_MOST_PASSES):
        if not isinstance(tree, Fields):
            break
        try:
            return Validated(CatalogShape.model_validate(plain(tree)), tree, mistakes)
        except ValidationError as error:
            found = error.errors(include_url=False)
        mistakes += [
            place(tree, each["loc"], key=bool(each["ctx"]["key"])).mistake(
                str(each["ctx"]["said"]), str(each["ctx"]["hint"])
            )
            for each in found
            if _target(tree, each["loc"]).mark not in maimed
        ]
        tree = _without(tree, {id(_target(tree, each["loc"])) for each in found}, maimed)
    return Validated(None, root, mistakes)


def _target(root: Value, path: Path) -> Value:
    """What is there at the end of the path, or the last thing on the way."""
    found = root
    for step in path:
        if isinstance(found, Fields) and step in found.entries:
            found = found.entries[str(step)].value
        elif isinstance(found, Items) and isinstance(step, int) and step < len(found.items):
            found = found.items[step]
    return found


def _without(value: Value, dropped: set[int], maimed: set[Mark]) -> Value | None:
    """The tree without these; `maimed` gets the maps that lost a part: what they lack is a consequence."""
    if id(value) in dropped:
        return None
    if isinstance(value, Items):
        kept = (_without(item, dropped, maimed) for item in value.items)
        return Items(value.mark, tuple(item for item in kept if item is not None))
    if not isinstance(value, Fields):
        return value
    entries = {}
    for key, entry in value.entries.items():
        item = _without(entry.value, dropped, maimed)
        if item is None:
            maimed.add(value.mark)
        else:
            entries[key] = Entry(entry.key, item)
    return Fields(value.mark, entries)
