"""YAML with places: each value knows the file, line and column it was written at, also after merging."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.config.mistakes import Mistake

Path = tuple[str | int, ...]
_TAG = "tag:yaml.org,2002:"
_AS_WRITTEN = frozenset(_TAG + name for name in ("timestamp", "value"))
_SCALARS = _AS_WRITTEN | {_TAG + name for name in ("str", "int", "float", "bool", "null")}
_MERGE = _TAG + "merge"
_MOST_NODES = 50_000  # aliases of aliases grow without bound


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file."""

    file: str
    line: int
    column: int

    def mistake(self, message: str, hint: str = "") -> Mistake:
        """Something wrong here."""
        return Mistake(self.file, self.line, self.column, message, hint)


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, a number, a truth value or nothing. Dates stay text."""

    mark: Mark
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    mark: Mark
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a map with its value."""

    key: Mark
    value: Value


@dataclass(frozen=True, slots=True)
class Fields:
    """A map."""

    mark: Mark
    entries: dict[str, Entry]

    def get(self, *path: str) -> Value | None:
        """The value at these keys, if they are all there."""
        found: Value = self
        for key in path:
            if not isinstance(found, Fields) or key not in found.entries:
                return None
            found = found.entries[key].value
        return found


Value = Scalar | Items | Fields


def plain(value: Value) -> Any:
    """The same without places."""
    match value:
        case Scalar():
            return value.value
        case Items():
            return [plain(item) for item in value.items]
        case Fields():
            return {key: plain(entry.value) for key, entry in value.entries.items()}


def place(root: Value, path: Sequence[str | int], *, key: bool = False) -> Mark:
    """Where this path was written, or its last key; steps that are not there are passed over."""
    found, mark = root, root.mark
    for step in path:
        if isinstance(found, Fields) and step in found.entries:
            entry = found.entries[str(step)]
            found = entry.value
            mark = entry.key if key or isinstance(found, Fields) else found.mark
        elif isinstance(found, Items) and isinstance(step, int) and step < len(found.items):
            found = found.items[step]
            mark = found.mark
    return mark


def lines(root: Value, wanted: Callable[[tuple[str, ...]], bool]) -> dict[tuple[str, ...], str]:
    """`file:line` of every key whose path is wanted, inherited ones where they were written."""
    found: dict[tuple[str, ...], str] = {}
    left: list[tuple[tuple[str, ...], Value]] = [((), root)]
    while left:
        path, value = left.pop()
        for name, entry in value.entries.items() if isinstance(value, Fields) else ():
            below = (*path, name)
            left.append((below, entry.value))
            if wanted(below):
                found[below] = f"{entry.key.file}:{entry.key.line}"
    return found


def parse(text: str, file: str) -> tuple[Value | None, list[Mistake]]:
    """The one document in this text, and what could not be read."""
    start = Mark(file, 1, 1)
    if text.startswith("%"):
        return None, [start.mistake("directives such as %YAML are not read", "take the line out")]
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        return None, [_unreadable(error, start)]
    except (YAMLError, ValueError) as error:
        return None, [start.mistake(f"this is no YAML: {str(error).splitlines()[0]}")]
    except RecursionError:
        return None, [start.mistake("this is nested too deeply")]
    if node is None:
        return Fields(start, {}), []
    reader = _Reader(file)
    return reader.read(node), reader.mistakes


def _unreadable(error: MarkedYAMLError, start: Mark) -> Mistake:
    at = error.problem_mark or error.context_mark
    mark = Mark(start.file, at.line + 1, at.column + 1) if at else start
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    hint = "indent with spaces" if "'\\t'" in said else ""
    return mark.mistake(f"this is no YAML: {said}", hint)


class _Reader:
    """Turns composed nodes into values and notes what a catalog may not hold."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []
        self._open: list[int] = []
        self._nodes = 0
        self._scalars = YAML(typ="safe", pure=True).constructor

    def read(self, node: Node) -> Value:
        mark = self._mark(node)
        self._nodes += 1
        if id(node) in self._open or self._nodes > _MOST_NODES:
            self.mistakes.append(mark.mistake("an alias that holds itself, or far too many of them"))
            return Scalar(mark, None)
        self._open.append(id(node))
        try:
            return self._value(node, mark)
        finally:
            self._open.pop()

    def _value(self, node: Node, mark: Mark) -> Value:
        if isinstance(node, MappingNode):
            return self._fields(node, mark)
        if isinstance(node, SequenceNode):
            return Items(mark, tuple(self.read(item) for item in node.value))
        return self._scalar(node, mark)

    def _scalar(self, node: Node, mark: Mark) -> Scalar:
        if node.tag not in _SCALARS:
            self.mistakes.append(mark.mistake(f"tags such as {node.tag} are not read", "take the tag out"))
            return Scalar(mark, str(node.value))
        value = self._plain(node, mark)
        if isinstance(value, str) and not _encodes(value):
            self.mistakes.append(mark.mistake("this text holds half of a character"))
            value = ""
        return Scalar(mark, value)

    def _plain(self, node: Node, mark: Mark) -> Any:
        if node.tag in _AS_WRITTEN:
            return node.value
        try:
            return self._scalars.construct_object(node)
        except (YAMLError, ValueError) as error:
            self.mistakes.append(mark.mistake(f"this cannot be read: {str(error).splitlines()[0]}"))
            return None

    def _fields(self, node: MappingNode, mark: Mark) -> Fields:
        entries: dict[str, Entry] = {}
        for key, value in node.value:
            at = self._mark(key)
            name = self._key(key, at)
            if name is None:
                continue
            if name in entries:
                first = entries[name].key
                self.mistakes.append(
                    at.mistake(f"`{name}` stands here twice", f"it is already on line {first.line}")
                )
                continue
            entries[name] = Entry(at, self.read(value))
        return Fields(mark, entries)

    def _key(self, key: Node, at: Mark) -> str | None:
        if key.tag == _MERGE:
            self.mistakes.append(at.mistake("merge keys are not read", "use `templates:` and `like:`"))
            return None
        if not isinstance(key, ScalarNode) or not isinstance(self._scalar(key, at).value, str):
            self.mistakes.append(at.mistake("a key must be text", "put it in quotes"))
            return None
        return str(key.value)

    def _mark(self, node: Node) -> Mark:
        return Mark(self.file, node.start_mark.line + 1, node.start_mark.column + 1)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
