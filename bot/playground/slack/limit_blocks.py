"""The rules for each type of block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.playground.slack.limit_elements import (
    ELEMENTS,
    ID,
    IMAGE_ELEMENT,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    RICH_TEXT,
    URL,
)
from bot.playground.slack.limit_rules import (
    TYPE,
    Check,
    any_field,
    anything,
    at,
    boolean,
    both,
    integer,
    items,
    number,
    one_of,
    plain,
    record,
    rich,
    text,
    typed,
)

MESSAGE_ONLY = frozenset(
    {"markdown", "plan", "task_card", "context_actions", "container", "data_visualization"}
)
NOT_IN_MODAL = frozenset({"carousel", "card", "table", "data_table"})
MODAL_ONLY = frozenset({"alert"})
UNSENDABLE = frozenset({"file"})
STATUS = one_of("pending", "in_progress", "complete", "error")
RICH_ONLY = typed({"rich_text": RICH_TEXT})
TABLE_TEXT = 10_000


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record({**TYPE, **required}, {"block_id": ID, **(optional or {})})


CELL = typed(
    {
        "raw_text": record({**TYPE, "text": text(TABLE_TEXT)}),
        "raw_number": record({**TYPE, "value": number}, {"text": text(255)}),
        "rich_text": RICH_TEXT,
    }
)
COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _cell_text(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_cell_text(one) for name, one in value.items() if name != "type")
    if isinstance(value, list):
        return sum(_cell_text(one) for one in value)
    return len(str(value))


def _table_size(value: Any, path: str) -> Iterator[str]:
    if _cell_text(value.get("rows", [])) > TABLE_TEXT:
        yield at(f"no more than {TABLE_TEXT} characters allowed in a table", path)


def _even_rows(value: Any, path: str) -> Iterator[str]:
    widths = {len(row) for row in value.get("rows", []) if isinstance(row, list)}
    if len(widths) > 1:
        yield at("every row must have the same number of cells", f"{path}/rows")


def _chart_labels(value: Any, path: str) -> Iterator[str]:
    """Each series has one point for each category, in no other words."""
    chart = value.get("chart")
    if not isinstance(chart, dict) or chart.get("type") == "pie":
        return
    config, series = chart.get("axis_config"), chart.get("series")
    if not isinstance(config, dict) or not isinstance(series, list):
        return
    names = [one.get("name") for one in series if isinstance(one, dict)]
    if len(set(names)) < len(names):
        yield at("series names must be unique", f"{path}/chart/series")
    for index, one in enumerate(series):
        points = one.get("data", []) if isinstance(one, dict) else []
        if [point.get("label") for point in points] != config.get("categories"):
            yield at("labels must match the categories", f"{path}/chart/series/{index}/data")


POINT = record({"label": text(20), "value": number})
SERIES = record({"name": text(20), "data": items(POINT, 20)})
AXIS = record({"categories": items(text(20), 20)}, {"x_label": text(50), "y_label": text(50)})
XY_CHART = record({**TYPE, "series": items(SERIES, 6), "axis_config": AXIS})
CHART = typed(
    {
        "pie": record({**TYPE, "segments": items(POINT, 6)}),
        "bar": XY_CHART,
        "line": XY_CHART,
        "area": XY_CHART,
    }
)
SOURCE = record({**TYPE, "url": URL, "text": text(255)})
TASK_FIELDS: dict[str, Check] = {"task_id": ID, "title": text(3000), "status": STATUS}
TASK_EXTRA: dict[str, Check] = {
    "details": RICH_ONLY,
    "output": RICH_ONLY,
    "sources": items(SOURCE, 100, least=0),
}
TASK = _block(TASK_FIELDS, TASK_EXTRA)
PLAN_TASK = record(TASK_FIELDS, {**TYPE, "block_id": ID, **TASK_EXTRA})
CARD = both(
    _block(
        {},
        {
            "hero_image": IMAGE_ELEMENT,
            "icon": IMAGE_ELEMENT,
            "title": rich(150),
            "subtitle": rich(150),
            "body": rich(200),
            "actions": items(typed(ELEMENTS, {"button", "icon_button"}), 3),
        },
    ),
    any_field("hero_image", "title", "actions", "body"),
)

BLOCKS: dict[str, Check] = {
    "section": both(
        _block(
            {},
            {
                "text": rich(3000),
                "fields": items(rich(2000), 10),
                "accessory": typed(ELEMENTS, IN_SECTION),
                "expand": boolean,
            },
        ),
        any_field("text", "fields"),
    ),
    "divider": _block({}),
    "header": _block({"text": plain(150)}),
    "context": _block(
        {
            "elements": items(
                typed({"image": IMAGE_ELEMENT, "mrkdwn": rich(3000), "plain_text": rich(3000)}), 10
            )
        }
    ),
    "actions": _block({"elements": items(typed(ELEMENTS, IN_ACTIONS), 25)}),
    "context_actions": _block({"elements": items(typed(ELEMENTS, {"feedback_buttons", "icon_button"}), 5)}),
    "input": _block(
        {"label": plain(2000), "element": typed(ELEMENTS, IN_INPUT)},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "image": both(
        _block({"alt_text": text(2000)}, {"image_url": URL, "slack_file": anything, "title": plain(2000)}),
        any_field("image_url", "slack_file"),
    ),
    "video": _block(
        {"alt_text": text(2000), "video_url": URL, "thumbnail_url": URL, "title": plain(199)},
        {
            "title_url": URL,
            "description": plain(200),
            "provider_icon_url": URL,
            "provider_name": text(50),
            "author_name": text(49),
        },
    ),
    "rich_text": RICH_TEXT,
    "markdown": _block({"text": text(12_000)}),
    "table": both(
        _block({"rows": items(items(CELL, 20), 100)}, {"column_settings": items(COLUMN, 20)}), _table_size
    ),
    "data_table": both(
        _block(
            {"caption": text(2000), "rows": items(items(CELL, 20), 101, least=2)},
            {"page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
        ),
        _table_size,
        _even_rows,
    ),
    "data_visualization": both(_block({"title": text(50), "chart": CHART}), _chart_labels),
    "task_card": TASK,
    "plan": _block({"title": text(3000)}, {"tasks": items(PLAN_TASK, 100, least=0)}),
    "alert": _block(
        {"text": rich(3000)}, {"level": one_of("default", "info", "warning", "error", "success")}
    ),
    "card": CARD,
    "carousel": _block({"elements": items(typed({"card": CARD}), 10)}),
    "file": anything,
}
_IN_CONTAINER = typed(BLOCKS, frozenset(BLOCKS) - MODAL_ONLY - UNSENDABLE)
BLOCKS["container"] = both(
    _block(
        {"child_blocks": items(_IN_CONTAINER, 10)},
        {
            "title": plain(150),
            "rich_text_title": RICH_ONLY,
            "subtitle": rich(150),
            "icon": IMAGE_ELEMENT,
            "width": one_of("narrow", "standard", "wide", "full"),
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
    ),
    any_field("title", "rich_text_title"),
)
