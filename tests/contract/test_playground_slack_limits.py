"""The Slack stand-in's own rules for blocks and views."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.slack.limits import Surface, check_blocks, check_view, text_total
from tests.contract.playground_slack import Json, button, modal, plain, section, text_input

OPTION = {"text": plain("a"), "value": "a"}
RICH: Json = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"bold": True}}]}
    ],
}
TASK = {"type": "task_card", "task_id": "1", "title": "Build", "status": "complete", "details": RICH}
IMAGE = {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}
CELL = {"type": "raw_text", "text": "x"}
CARD: Json = {"type": "card", "title": plain("a"), "actions": [button("go")]}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def table(rows: int, columns: int, text: str = "x") -> Json:
    return {"type": "table", "rows": [[{**CELL, "text": text}] * columns] * rows}


def menu(count: int, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "m", "options": [OPTION] * count, **more}


def chart(labels: list[str], **more: Any) -> Json:
    points = [{"label": label, "value": 1.5} for label in labels]
    axes = {"categories": ["a", "b"]}
    series = [{"name": "s", "data": points}]
    return {
        "type": "data_visualization",
        "title": "t",
        "chart": {"type": "bar", "series": series, "axis_config": axes},
        **more,
    }


GOOD_MESSAGES: list[list[Json]] = [
    [section("x" * 3000, fields=[plain("x" * 2000)] * 10, accessory=button("a"))],
    [{"type": "divider"}, {"type": "header", "text": plain("x" * 150)}, {**IMAGE, "title": plain("t")}],
    [{"type": "context", "elements": [plain("x")] * 9 + [IMAGE]}],
    [actions(*[button(str(n)) for n in range(25)])],
    [actions(button("a", value="x" * 2000, style="primary", url="https://x.example"), menu(100))],
    [text_input("in-a-message")],
    [RICH, {"type": "markdown", "text": "x" * 12_000}],
    [{"type": "plan", "title": "Deploy", "tasks": [TASK, {**TASK, "task_id": "2", "status": "pending"}]}],
    [TASK],
    [table(100, 20)],
    [{"type": "data_table", "caption": "c", "rows": [[CELL], [{"type": "raw_number", "value": 1}]]}],
    [chart(["a", "b"]), chart(["a", "b"])],
    [{"type": "carousel", "elements": [CARD] * 2}],
    [{"type": "container", "title": plain("t"), "child_blocks": [section("x")]}],
    [{"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain("x")}]}],
    [section("x", accessory={"type": "overflow", "action_id": "o", "options": [OPTION] * 5})],
    [section("x", block_id="one"), section("x", block_id="two")],
]

CONFIRM = {"title": plain("t"), "text": plain("t"), "confirm": plain("t"), "deny": plain("t")}
BAD_MESSAGES: list[tuple[list[Any], str]] = [
    ([section("x")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "section"}], "must define one of: text, fields [json-pointer:/blocks/0]"),
    (
        [section("x", fields=[plain("x")] * 11)],
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    (
        [section("x", fields=[plain("x" * 2001)])],
        "less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    ([section("x", colour="red")], "invalid additional property: colour [json-pointer:/blocks/0]"),
    ([section("x", block_id="x" * 256)], "less than 256 characters [json-pointer:/blocks/0/block_id]"),
    ([section("x", accessory=text_input("x")["element"])], "unsupported type: plain_text_input"),
    ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters"),
    ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "unsupported type: mrkdwn"),
    ([{"type": "context", "elements": [plain("x")] * 11}], "no more than 10 items allowed"),
    ([actions(*[button(str(n)) for n in range(26)])], "no more than 25 items allowed"),
    ([actions()], "no less than 1 items allowed"),
    (
        [actions(button("a"), button("a"))],
        '`action_id` "a" already exists for block [json-pointer:/blocks/0]',
    ),
    ([section("x", block_id="b"), section("y", block_id="b")], '`block_id` "b" already exists'),
    ([actions(button("x" * 256))], "less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"),
    (
        [actions(button("a", text=plain("x" * 76)))],
        "less than 76 characters [json-pointer:/blocks/0/elements/0/text",
    ),
    ([actions(button("a", value="x" * 2001))], "less than 2001 characters"),
    ([actions(button("a", url="x" * 3001))], "less than 3001 characters"),
    ([actions(button("a", style="warning"))], "must be a valid enum value: primary, danger"),
    ([actions(button("a", confirm={**CONFIRM, "title": plain("x" * 101)}))], "less than 101 characters"),
    ([actions(button("a", confirm={**CONFIRM, "text": plain("x" * 301)}))], "less than 301 characters"),
    ([actions(button("a", confirm={**CONFIRM, "deny": plain("x" * 31)}))], "less than 31 characters"),
    ([actions(menu(101))], "no more than 100 items allowed"),
    ([actions({"type": "static_select", "action_id": "m"})], "must define one of: options, option_groups"),
    ([actions(menu(1, placeholder=plain("x" * 151)))], "less than 151 characters"),
    ([actions(menu(1, initial_option={"text": plain("b"), "value": "b"}))], "must be one of the options"),
    ([actions({**menu(1), "options": [{**OPTION, "value": "x" * 151}]})], "less than 151 characters"),
    ([actions({**menu(1), "options": [{**OPTION, "text": plain("x" * 76)}]})], "less than 76 characters"),
    ([actions({**menu(1), "type": "multi_static_select"})], "unsupported type: multi_static_select"),
    (
        [section("x", accessory={"type": "overflow", "action_id": "o", "options": [OPTION] * 6})],
        "no more than 5",
    ),
    ([{**IMAGE, "alt_text": "x" * 2001}], "less than 2001 characters"),
    ([{"type": "image", "alt_text": "x"}], "must define one of: image_url, slack_file"),
    ([{"type": "markdown", "text": "x" * 12_001}], "less than 12001 characters"),
    ([text_input("a", element={"type": "file_input"})], "unsupported type: file_input"),
    ([text_input("a", label=plain("x" * 2001))], "less than 2001 characters"),
    ([table(101, 1)], "no more than 100 items allowed"),
    ([table(1, 21)], "no more than 20 items allowed"),
    ([table(20, 20, "x" * 26)], "no more than 10000 characters allowed in a table"),
    ([table(1, 1), table(1, 1)], "only one table block is allowed"),
    ([{"type": "data_table", "caption": "c", "rows": [[CELL]]}], "no less than 2 items allowed"),
    ([{"type": "data_table", "rows": [[CELL], [CELL]]}], "missing required field: caption"),
    ([chart(["a", "b"])] * 3, "no more than 2 data_visualization blocks allowed"),
    ([chart(["a", "c"])], "labels must match the categories"),
    ([chart(["a", "b"], title="x" * 51)], "less than 51 characters"),
    ([{"type": "plan", "title": "x", "tasks": [TASK, TASK]}], '`task_id` "1" already exists'),
    ([{"type": "plan", "title": "x", "tasks": []}, TASK], "plan and task_card blocks can't be mixed"),
    ([{**TASK, "status": "done"}], "must be a valid enum value: pending, in_progress, complete, error"),
    ([{"type": "alert", "text": plain("x")}], "unsupported type: alert"),
    ([{"type": "file", "external_id": "x", "source": "remote"}], "unsupported type: file"),
    ([{"type": "nonsense"}], "unsupported type: nonsense [json-pointer:/blocks/0/type]"),
    ([{"text": plain("x")}], "missing required field: type [json-pointer:/blocks/0]"),
    ([section("x"), "text"], "must provide an object [json-pointer:/blocks/1]"),
]


@pytest.mark.parametrize("blocks", GOOD_MESSAGES)
def test_takes_what_slack_takes(blocks: list[Json]) -> None:
    assert check_blocks(blocks, Surface.MESSAGE) == []


@pytest.mark.parametrize(("blocks", "told"), BAD_MESSAGES)
def test_refuses_what_slack_refuses(blocks: list[Any], told: str) -> None:
    problems = check_blocks(blocks, Surface.MESSAGE)
    assert any(told in problem for problem in problems), problems


def test_blocks_that_are_no_list() -> None:
    assert check_blocks({"type": "section"}, Surface.MESSAGE) == [
        "must provide an array [json-pointer:/blocks]"
    ]


@pytest.mark.parametrize(
    ("surface", "kind", "taken"),
    [
        (Surface.MODAL, "alert", True),
        (Surface.HOME, "alert", False),
        (Surface.HOME, "table", True),
        (Surface.MODAL, "table", False),
        (Surface.MODAL, "plan", False),
        (Surface.HOME, "plan", False),
        (Surface.HOME, "markdown", False),
    ],
)
def test_where_a_block_may_stand(surface: Surface, kind: str, taken: bool) -> None:
    blocks: dict[str, Json] = {
        "alert": {"type": "alert", "text": plain("x")},
        "table": table(1, 1),
        "plan": {"type": "plan", "title": "x"},
        "markdown": {"type": "markdown", "text": "x"},
    }
    assert (check_blocks([blocks[kind]], surface) == []) is taken


@pytest.mark.parametrize(
    ("view", "told"),
    [
        (
            modal(section("x")) | {"title": plain("x" * 25)},
            "less than 25 characters [json-pointer:/view/title/text]",
        ),
        (modal(section("x"), submit=plain("x" * 25)), "/view/submit/text"),
        (modal(section("x"), close=plain("x" * 25)), "/view/close/text"),
        (modal(section("x"), private_metadata="x" * 3001), "less than 3001 characters"),
        (modal(section("x"), callback_id="x" * 256), "less than 256 characters"),
        (modal(*[section("x")] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(text_input("a"), submit=None), "submit is required"),
        ({"type": "modal", "blocks": []}, "missing required field: title"),
        ({"type": "window", "blocks": []}, "must be a valid enum value: modal, home"),
        ({"type": "home"}, "missing required field: blocks"),
        (modal(section("x"), theme="dark"), "invalid additional property: theme"),
    ],
)
def test_refuses_views(view: Json, told: str) -> None:
    problems = check_view(view)
    assert any(told in problem for problem in problems), problems


def test_takes_views() -> None:
    assert check_view(modal(*[section("x")] * 100, private_metadata="x" * 3000)) == []
    assert check_view(modal(text_input("a", element={"type": "file_input"}))) == []
    assert check_view({"type": "home", "blocks": [section("x")] * 100}) == []


def test_only_what_a_reader_sees_is_counted() -> None:
    assert text_total([section("12345", accessory=button("not-counted", value="nor this"))]) == 5 + len("Go")
