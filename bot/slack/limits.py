"""Slack's limits, held before anything leaves: what breaks one is our bug, and Slack refuses it whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.errors import Bug

BLOCKS_MESSAGE, BLOCKS_VIEW = 50, 100
MESSAGE_TEXT, ALL_TEXT = 4000, 13_000

# the longest text of each kind of block or element, by the key it stands under
LONGEST: dict[tuple[str, str], int] = {
    ("header", "text"): 150,
    ("section", "text"): 3000,
    ("button", "text"): 75,
    ("button", "value"): 2000,
    ("button", "url"): 3000,
    ("input", "label"): 2000,
    ("input", "hint"): 2000,
    ("modal", "title"): 24,
    ("modal", "submit"): 24,
    ("modal", "close"): 24,
    ("modal", "private_metadata"): 3000,
    ("plan", "title"): 200,
    ("task_card", "title"): 200,
    ("plain_text", "text"): 3000,
    ("text", "text"): 3000,
    ("link", "text"): 3000,
    ("link", "url"): 3000,
    ("emoji", "name"): 100,
    ("image", "alt_text"): 2000,
    ("data_visualization", "title"): 50,
}
# what counts in Slack's sum of all text is every string but these
UNREAD = frozenset({"type", "block_id", "action_id", "value", "url", "task_id", "style", "status", "name"})
MOST: dict[tuple[str, str], int] = {
    ("context", "elements"): 10,
    ("actions", "elements"): 25,
    ("section", "fields"): 10,
    ("plan", "tasks"): 100,
    ("rich_text", "elements"): 1000,
    ("rich_text_section", "elements"): 1000,
    ("table", "rows"): 100,
    ("table", "column_settings"): 20,
    ("static_select", "options"): 100,
    ("static_select", "option_groups"): 100,
}
CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
NAME = 255
TABLES, COLUMNS, TABLE_TEXT = 1, 20, 10_000
CHARTS, SERIES, POINTS, LABEL = 2, 6, 20, 20


class TooBig(Bug):
    """Something we made would be refused by Slack."""


def check(message: Mapping[str, Any]) -> None:
    """A message or a view; raises TooBig naming the place."""
    blocks = message.get("blocks", [])
    most = BLOCKS_VIEW if message.get("type") in ("modal", "home") else BLOCKS_MESSAGE
    _at_most(len(blocks), most, "blocks")
    _at_most(len(message.get("text", "")), MESSAGE_TEXT, "text")
    _check_texts(message)
    for part in _parts(list(blocks)):
        _check_texts(part)
        _check_counts(part)
    if most == BLOCKS_MESSAGE:
        _at_most(size_of(list(blocks)), ALL_TEXT, "all text together")
    _check_ids(blocks)
    _check_tables([each for each in blocks if each.get("type") == "table"])
    _check_charts([each for each in blocks if each.get("type") == "data_visualization"])


def _check_tables(tables: list[Mapping[str, Any]]) -> None:
    _at_most(len(tables), TABLES, "tables")
    for table in tables:
        _at_most(size_of(table["rows"]), TABLE_TEXT, "table.rows: all text")
        for row in table["rows"]:
            _at_most(len(row), COLUMNS, "table.columns")


def _check_charts(charts: list[Mapping[str, Any]]) -> None:
    """Bars; each series has one point for each label."""
    _at_most(len(charts), CHARTS, "charts")
    for each in charts:
        chart = each["chart"]
        labels = chart["axis_config"]["categories"]
        _at_most(len(labels), POINTS, "chart.categories")
        _at_most(len(chart["series"]), SERIES, "chart.series")
        for label in (*labels, *(one["name"] for one in chart["series"])):
            _at_most(len(label), LABEL, "chart.label")
        if any([point["label"] for point in one["data"]] != labels for one in chart["series"]):
            raise TooBig("chart.series: a point without its label, and Slack refuses that")


def _check_texts(part: Mapping[str, Any]) -> None:
    kind = str(part.get("type", ""))
    for (of, key), longest in LONGEST.items():
        if of == kind and key in part:
            size = len(_text(part[key]))
            _at_most(size, longest, f"{kind}.{key}")
            if not size and key != "private_metadata":
                raise TooBig(f"{kind}.{key} is empty, and Slack refuses that")
    for key in ("action_id", "block_id", "task_id"):
        _at_most(len(str(part.get(key, ""))), NAME, f"{kind}.{key}")
    for key, longest in CONFIRM.items():
        _at_most(len(_text(part.get("confirm", {}).get(key, ""))), longest, f"confirm.{key}")


def _check_counts(part: Mapping[str, Any]) -> None:
    for (kind, key), most in MOST.items():
        if part.get("type") == kind and key in part:
            _at_most(len(part[key]), most, f"{kind}.{key}")
            if not part[key] and kind in ("actions", "context"):
                raise TooBig(f"{kind}.{key} has nothing in it, and Slack refuses that")


def _check_ids(blocks: list[Mapping[str, Any]]) -> None:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        raise TooBig("two blocks share a block_id")
    for block in blocks:
        actions = [each.get("action_id") for each in block.get("elements", []) if "action_id" in each]
        if len(actions) != len(set(actions)):
            raise TooBig("two elements of a block share an action_id")
    tasks = [each.get("task_id") for block in blocks for each in block.get("tasks", [])]
    if len(tasks) != len(set(tasks)):
        raise TooBig("two tasks share a task_id")


def _parts(value: object) -> Iterator[Mapping[str, Any]]:
    """Every dict inside, at any depth."""
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)


def size_of(value: object) -> int:
    """The characters that Slack adds up, in blocks or any part of them."""
    if isinstance(value, Mapping):
        return sum(size_of(inner) for key, inner in value.items() if key not in UNREAD)
    if isinstance(value, list):
        return sum(size_of(inner) for inner in value)
    return len(value) if isinstance(value, str) else 0


def _text(value: object) -> str:
    return str(value.get("text", "")) if isinstance(value, Mapping) else str(value)


def _at_most(size: int, most: int, where: str) -> None:
    if size > most:
        raise TooBig(f"{where}: {size}, and Slack takes at most {most}")
