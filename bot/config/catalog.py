"""Reading slipway.yml, or a folder of such files, into a Catalog or into everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.config.build import Builder
from bot.config.checks import check
from bot.config.document import Entry, Fields, Items, Mark, Value, lines, parse, plain
from bot.config.findings import Findings
from bot.config.inherit import inherit
from bot.config.mistakes import ConfigError, Mistake, render
from bot.config.validate import validate
from bot.core.catalog import Catalog

_SHARED = frozenset({"services", "people", "prometheus", "alertmanager", "templates"})
_LARGEST = 2_000_000
_DECIDING = frozenset({"who", "owners", "visible_to", "external", "approvals", "rights"})


@dataclass(frozen=True, slots=True)
class CatalogResult:
    """The catalog when nothing is wrong with it; errors and warnings in the order of the file."""

    catalog: Catalog | None
    errors: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)


def _decides(path: tuple[str, ...]) -> bool:
    """Whether the key says who may do what."""
    return not _DECIDING.isdisjoint(path)


def load_catalog(path: Path) -> Catalog:
    """The catalog, or ConfigError that lists all that is wrong."""
    result = read_catalog(path)
    if result.catalog is None:
        raise ConfigError(result.errors, result.sources, str(path))
    return result.catalog


def read_catalog(path: Path) -> CatalogResult:
    """A file, or every `*.yml` and `*.yaml` of a folder in the order of their names."""
    try:
        files = _files(path)
        texts = {str(file): _read(file) for file in files}
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return CatalogResult(None, (_unreadable(path, why or "it cannot be read"),))
    if not texts:
        return CatalogResult(None, (_unreadable(path, "there is no *.yml in this folder"),))
    return read_texts(texts)


def read_texts(texts: Mapping[str, str]) -> CatalogResult:
    """The same from texts by the names of their files."""
    root, mistakes = _document(texts)
    if root is None:
        return CatalogResult(None, _sorted(mistakes), (), texts)
    full, unknown = inherit(root)
    validated = validate(full)
    findings = Findings(validated.tree, full)
    if validated.shape is not None:
        check(validated.shape, findings)
    errors = _sorted([*mistakes, *unknown, *validated.mistakes, *findings.errors])
    shape = validated.shape
    catalog = None
    if shape is not None and not errors:
        catalog = replace(Builder(shape).catalog(), lines=lines(full, _decides))
    return CatalogResult(catalog, errors, _sorted(findings.warnings), texts)


def render_mistakes(result: CatalogResult, *, colour: bool = False) -> str:
    """Everything found, each with its line and a caret, as a good compiler does it."""
    return render(result.errors, result.warnings, result.sources, colour=colour)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(each for each in path.iterdir() if each.suffix in (".yml", ".yaml") and each.is_file())


def _read(path: Path) -> str:
    raw = path.read_bytes()
    if len(raw) > _LARGEST:
        raise OSError(0, f"it is larger than {_LARGEST} bytes")
    return raw.decode("utf-8-sig")


def _unreadable(path: Path, why: str) -> Mistake:
    return Mistake(str(path), 0, 0, f"the catalog cannot be read: {why}", "SLIPWAY_CONFIG names it")


def _sorted(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """Each once: what is inherited would be told for every heir."""
    return tuple(sorted(set(mistakes)))


def _document(texts: Mapping[str, str]) -> tuple[Fields | None, list[Mistake]]:
    mistakes: list[Mistake] = []
    roots: list[Fields] = []
    for file, text in texts.items():
        value, found = parse(text, file)
        mistakes += found
        if isinstance(value, Fields):
            roots.append(value)
        elif value is not None:
            mistakes.append(value.mark.mistake("a catalog is a map of keys", "begin with `version: 1`"))
    if len(roots) < len(texts):
        return None, mistakes
    entries: dict[str, Entry] = {}
    for root in roots:
        for key, entry in root.entries.items():
            _add(entries, key, entry, mistakes)
    return Fields(roots[0].mark, entries), mistakes


def _add(entries: dict[str, Entry], key: str, entry: Entry, mistakes: list[Mistake]) -> None:
    """One more top-level key: some may be spread over several files, the others stand in one."""
    there = entries.get(key)
    if there is None or (key == "version" and plain(there.value) != plain(entry.value)):
        entries[key] = entry
    elif isinstance(there.value, Items) and isinstance(entry.value, Items):
        entries[key] = Entry(there.key, Items(there.value.mark, there.value.items + entry.value.items))
    elif key in _SHARED and isinstance(there.value, Fields) and isinstance(entry.value, Fields):
        joined = _joined(there.value, entry.value, mistakes)
        entries[key] = Entry(there.key, joined)
    elif key != "version":
        mistakes.append(_twice(key, entry.key, there.key))


def _joined(first: Fields, second: Fields, mistakes: list[Mistake]) -> Value:
    for name in first.entries.keys() & second.entries.keys():
        mistakes.append(_twice(name, second.entries[name].key, first.entries[name].key))
    return Fields(first.mark, {**second.entries, **first.entries})


def _twice(name: str, again: Mark, first: Mark) -> Mistake:
    return again.mistake(f"`{name}` stands in two files", f"it is already in {first.file}:{first.line}")
