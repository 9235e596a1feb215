"""What breaks one of Slack's limits is our mistake, and is named."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.actions import ActionId
from bot.slack import limits
from bot.slack.limits import TooBig
from bot.slack.views import blocks
from tests.unit.slack.slack_takes import refusals


def message(*parts: dict[str, Any], text: str = "x") -> dict[str, Any]:
    return {"text": text, "blocks": [*parts]}


def header(size: int) -> dict[str, Any]:
    return {"type": "header", "text": blocks.plain("x" * size)}


def table(rows: int, columns: int = 1, text: str = "x") -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


def chart(*labels: str, series: int = 1, points: tuple[str, ...] | None = None) -> dict[str, Any]:
    data = [{"label": each, "value": 1} for each in (labels if points is None else points)]
    rows = [{"name": f"n{each}", "data": data} for each in range(series)]
    bars = {"type": "bar", "series": rows, "axis_config": {"categories": list(labels)}}
    return {"type": "data_visualization", "title": "Deploys", "chart": bars}


CANCEL = blocks.button(ActionId.CANCEL, "Cancel", "v")
TOO_BIG = {
    "blocks": message(*[{"type": "divider"}] * 51),
    "^text": message(header(1), text="x" * 4001),
    "header.text": message(header(151)),
    "button.text": message({"type": "actions", "elements": [CANCEL | {"text": blocks.plain("x" * 76)}]}),
    "button.value": message({"type": "actions", "elements": [CANCEL | {"value": "x" * 2001}]}),
    "button.action_id": message({"type": "actions", "elements": [CANCEL | {"action_id": "x" * 256}]}),
    "confirm.title": message(
        {"type": "actions", "elements": [CANCEL | {"confirm": {"title": blocks.plain("x" * 101)}}]}
    ),
    "actions.elements": message({"type": "actions", "elements": [CANCEL] * 26}),
    "context.elements": message({"type": "context", "elements": [blocks.plain("x")] * 11}),
    "share an action_id": message({"type": "actions", "elements": [CANCEL, CANCEL]}),
    "share a block_id": message(header(1) | {"block_id": "a"}, header(1) | {"block_id": "a"}),
    "share a task_id": message({"type": "plan", "title": "x", "tasks": [{"task_id": "a"}, {"task_id": "a"}]}),
    "all text together": message(*[blocks.quiet("x" * 2500)] * 6),
    "is empty": message({"type": "header", "text": {"type": "plain_text", "text": ""}}),
    "table.rows:": message(table(101)),
    "table.columns": message(table(1, 21)),
    "table.rows: all text": message(table(11, text="x" * 1000)),
    "tables": message(table(1), table(1)),
    "data_visualization.title": message(chart("Mon") | {"title": "x" * 51}),
    "charts": message(*[chart("Mon")] * 3),
    "chart.categories": message(chart(*(str(each) for each in range(21)))),
    "chart.series": message(chart("Mon", series=7)),
    "chart.label": message(chart("x" * 21)),
    "a point without its label": message(chart("Mon", "Tue", points=("Mon",))),
    "nothing in it": message({"type": "actions", "elements": []}),
}


@pytest.mark.parametrize("says", TOO_BIG)
def test_what_slack_would_refuse_never_leaves(says: str) -> None:
    with pytest.raises(TooBig, match=says.replace(".", r"\.")):
        limits.check(TOO_BIG[says])
    assert refusals(TOO_BIG[says])


def test_a_view_may_be_longer_than_a_message() -> None:
    dividers = [{"type": "divider"}]
    limits.check({"type": "modal", "blocks": dividers * 100})
    with pytest.raises(TooBig):
        limits.check({"type": "modal", "blocks": dividers * 101})
    with pytest.raises(TooBig, match=r"modal\.title"):
        limits.check({"type": "modal", "title": blocks.plain("x" * 25), "blocks": dividers})
