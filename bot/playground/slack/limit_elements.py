"""The rules for interactive elements, composition objects and rich text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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

URL = text(3000)
ID = text(255)
CONFIRM = record(
    {"title": plain(100), "text": rich(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
COMMON: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean}
PLACED: dict[str, Check] = {**COMMON, "placeholder": plain(150)}


def _option(label: Check, **extra: Check) -> Check:
    return record({"text": label, "value": text(150)}, {"description": rich(75), **extra})


OPTION = _option(plain(75))
MARKED_OPTION = _option(rich(75))
GROUP = record({"label": plain(75), "options": items(OPTION, 100)})
DISPATCH = record({}, {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)})
OPTIONS: dict[str, Check] = {"options": items(OPTION, 100), "option_groups": items(GROUP, 100)}


def _chosen_from_options(value: Any, path: str) -> Iterator[str]:
    offered = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        offered += group.get("options", []) if isinstance(group, dict) else []
    first = value.get("initial_option")
    chosen = [first] if first is not None else list(value.get("initial_options") or [])
    if any(one not in offered for one in chosen):
        yield at("initial_option must be one of the options", path)


def _select(name: str, one: Check, **extra: Check) -> dict[str, Check]:
    """A select menu and its multi-select sister."""
    single = record({**TYPE}, {**PLACED, f"initial_{name}": one, **extra})
    many_extra = {key: check for key, check in extra.items() if key != "response_url_enabled"}
    many = {f"initial_{name}s": items(one, 100), "max_selected_items": integer(1, 100), **many_extra}
    return {f"{name}s_select": single, f"multi_{name}s_select": record({**TYPE}, {**PLACED, **many})}


def _static(fields: dict[str, Check]) -> Check:
    menu = record({**TYPE}, {**PLACED, **OPTIONS, **fields})
    return both(menu, any_field("options", "option_groups"), _chosen_from_options)


def _text_input(**extra: Check) -> Check:
    fields = {**PLACED, "initial_value": text(3000, least=0), "dispatch_action_config": DISPATCH}
    fields.pop("confirm")
    return record({**TYPE}, {**fields, **extra})


MANY: dict[str, Check] = {"initial_options": items(OPTION, 100), "max_selected_items": integer(1, 100)}
QUERY: dict[str, Check] = {"min_query_length": integer(0, 150)}
MARKED: dict[str, Check] = {**COMMON, "initial_option": MARKED_OPTION}
IMAGE_ELEMENT = both(
    record({**TYPE, "alt_text": text(2000)}, {"image_url": URL, "slack_file": anything}),
    any_field("image_url", "slack_file"),
)
BUTTON_FIELDS: dict[str, Check] = {
    "action_id": ID,
    "confirm": CONFIRM,
    "value": text(2000, least=0),
    "accessibility_label": text(75),
}
FEEDBACK = record({"text": plain(75), "value": text(2000)}, {"accessibility_label": text(75)})

ELEMENTS: dict[str, Check] = {
    "button": record(
        {**TYPE, "text": plain(75)}, {**BUTTON_FIELDS, "url": URL, "style": one_of("primary", "danger")}
    ),
    "icon_button": record(
        {**TYPE, "icon": text(75), "text": plain(75)},
        {**BUTTON_FIELDS, "visible_to_user_ids": items(ID, 100)},
    ),
    "feedback_buttons": record(
        {**TYPE, "positive_button": FEEDBACK, "negative_button": FEEDBACK}, {"action_id": ID}
    ),
    "overflow": record(
        {**TYPE, "options": items(_option(plain(75), url=URL), 5)}, {"action_id": ID, "confirm": CONFIRM}
    ),
    "static_select": _static({"initial_option": OPTION}),
    "multi_static_select": _static(MANY),
    "external_select": record({**TYPE}, {**PLACED, **QUERY, "initial_option": OPTION}),
    "multi_external_select": record({**TYPE}, {**PLACED, **QUERY, **MANY}),
    **_select("user", ID),
    **_select("channel", ID, response_url_enabled=boolean),
    **_select(
        "conversation",
        ID,
        response_url_enabled=boolean,
        default_to_current_conversation=boolean,
        filter=anything,
    ),
    "checkboxes": both(
        record(
            {**TYPE, "options": items(MARKED_OPTION, 10)},
            {**COMMON, "initial_options": items(MARKED_OPTION, 10)},
        ),
        _chosen_from_options,
    ),
    "radio_buttons": both(
        record({**TYPE, "options": items(MARKED_OPTION, 10)}, MARKED), _chosen_from_options
    ),
    "datepicker": record({**TYPE}, {**PLACED, "initial_date": text(10, 10)}),
    "timepicker": record({**TYPE}, {**PLACED, "initial_time": text(5, 5), "timezone": text(100)}),
    "datetimepicker": record({**TYPE}, {**COMMON, "initial_date_time": integer(0, 9_999_999_999)}),
    "plain_text_input": _text_input(
        multiline=boolean, min_length=integer(0, 3000), max_length=integer(1, 3000)
    ),
    "email_text_input": _text_input(),
    "url_text_input": _text_input(),
    "number_input": record(
        {**TYPE, "is_decimal_allowed": boolean},
        {
            "action_id": ID,
            "focus_on_load": boolean,
            "placeholder": plain(150),
            "dispatch_action_config": DISPATCH,
            "initial_value": text(100),
            "min_value": text(100),
            "max_value": text(100),
        },
    ),
    "rich_text_input": _text_input(initial_value=anything),
    "file_input": record(
        {**TYPE}, {"action_id": ID, "filetypes": items(ID, 100), "max_files": integer(1, 10)}
    ),
    "workflow_button": record(
        {**TYPE, "text": plain(75), "workflow": anything},
        {"action_id": ID, "style": one_of("primary", "danger"), "accessibility_label": text(75)},
    ),
    "image": IMAGE_ELEMENT,
}

SELECTS = frozenset(f"{name}_select" for name in ("static", "external", "users", "channels", "conversations"))
MULTI = frozenset(f"multi_{name}" for name in SELECTS)
CHOICES = frozenset({"checkboxes", "radio_buttons", "datepicker", "timepicker"})
IN_ACTIONS = (
    SELECTS | CHOICES | {"button", "overflow", "datetimepicker", "rich_text_input", "workflow_button"}
)
IN_SECTION = SELECTS | MULTI | CHOICES | {"button", "overflow", "image", "workflow_button"}
IN_INPUT = (
    SELECTS
    | MULTI
    | CHOICES
    | {
        "datetimepicker",
        "email_text_input",
        "file_input",
        "number_input",
        "plain_text_input",
        "rich_text_input",
        "url_text_input",
    }
)

_STYLE = {"style": anything}
RICH_LEAVES: dict[str, Check] = {
    "text": record({**TYPE, "text": text(12_000)}, _STYLE),
    "link": record({**TYPE, "url": URL}, {**_STYLE, "text": text(3000), "unsafe": boolean}),
    "emoji": record({**TYPE, "name": text(100)}, {**_STYLE, "unicode": text(50), "skin_tone": number}),
    "user": record({**TYPE, "user_id": ID}, _STYLE),
    "channel": record({**TYPE, "channel_id": ID}, _STYLE),
    "usergroup": record({**TYPE, "usergroup_id": ID}, _STYLE),
    "team": record({**TYPE, "team_id": ID}, _STYLE),
    "broadcast": record({**TYPE, "range": one_of("here", "channel", "everyone")}, _STYLE),
    "date": record(
        {**TYPE, "timestamp": number, "format": text(200)}, {**_STYLE, "url": URL, "fallback": text(300)}
    ),
    "color": record({**TYPE, "value": text(20)}, _STYLE),
}
_LEAVES = items(typed(RICH_LEAVES), 1000, least=0)
_SECTION = record({**TYPE, "elements": _LEAVES})
RICH_PARTS: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": record({**TYPE, "elements": _LEAVES}, {"border": number}),
    "rich_text_preformatted": record({**TYPE, "elements": _LEAVES}, {"border": number, "language": text(50)}),
    "rich_text_list": record(
        {
            **TYPE,
            "elements": items(typed({"rich_text_section": _SECTION}), 1000),
            "style": one_of("bullet", "ordered"),
        },
        {"indent": number, "offset": number, "border": number},
    ),
}
RICH_TEXT = record({**TYPE, "elements": items(typed(RICH_PARTS), 1000)}, {"block_id": ID})
