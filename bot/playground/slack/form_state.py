"""What is typed and chosen in a form: `state.values`, and what Slack's client checks before it sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

# Where each kind of input keeps its value, and where its element names the first one.
VALUE_KEY = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", "initial_files"),
}
LISTS = frozenset({"checkboxes", "file_input"}) | {name for name in VALUE_KEY if name.startswith("multi_")}
REQUIRED = "Please complete this required field."


def elements_of(block: Json) -> Iterator[Json]:
    """Every interactive element of a block, also those in cards and containers."""
    for key in ("element", "accessory"):
        if isinstance(block.get(key), dict):
            yield block[key]
    for inner in block.get("elements", []):
        if inner.get("type") == "card":
            yield from elements_of(inner)
        else:
            yield inner
    yield from block.get("actions", [])
    for child in block.get("child_blocks", []):
        yield from elements_of(child)


def find_element(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json] | None:
    """The block and element with this action_id."""
    for block in blocks:
        if block_id is None or block.get("block_id") == block_id:
            for element in elements_of(block):
                if element.get("action_id") == action_id:
                    return block, element
    return None


def initial_values(blocks: list[Json]) -> Json:
    """The state of a form nobody has touched."""
    values: Json = {}
    for block in blocks:
        for element in elements_of(block):
            if element.get("type") in VALUE_KEY and element.get("action_id"):
                first = element.get(VALUE_KEY[element["type"]][1])
                entry = _entry(element["type"], [] if first is None and element["type"] in LISTS else first)
                values.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return values


def _entry(kind: str, value: Any) -> Json:
    return {"type": kind, VALUE_KEY[kind][0]: value}


def entry_for(element: Json, given: Any) -> Json:
    """The state entry for a value a test types: text, an option's value, a list of them, or a full entry."""
    kind = element["type"]
    if isinstance(given, dict) and given.get("type") == kind:
        return given
    if VALUE_KEY[kind][0] == "selected_option":
        return _entry(kind, _option(element, given))
    if VALUE_KEY[kind][0] == "selected_options":
        return _entry(kind, [_option(element, one) for one in given])
    return _entry(kind, given)


def _option(element: Json, value: Any) -> Json | None:
    if value is None or isinstance(value, dict):
        return value
    groups = element.get("option_groups") or [{"options": element.get("options") or []}]
    for group in groups:
        for option in group["options"]:
            if option["value"] == value:
                chosen: Json = option
                return chosen
    if element["type"].endswith("external_select"):
        return {"text": {"type": "plain_text", "text": str(value)}, "value": str(value)}
    raise LookupError(f"there is no option {value!r}")


def filled(blocks: list[Json], values: Json, given: dict[str, Any]) -> Json:
    """The state after typing `given`, a mapping from block_id or action_id to a value."""
    state = {block_id: dict(entries) for block_id, entries in values.items()}
    for key, value in given.items():
        block, element = _place(blocks, key)
        state.setdefault(block["block_id"], {})[element["action_id"]] = entry_for(element, value)
    return state


def _place(blocks: list[Json], key: str) -> tuple[Json, Json]:
    for block in blocks:
        for element in elements_of(block):
            if key in (block["block_id"], element.get("action_id")) and element.get("type") in VALUE_KEY:
                return block, element
    raise LookupError(f"the form has no input {key!r}")


def client_errors(blocks: list[Json], values: Json) -> dict[str, str]:
    """What the client refuses to send, by block_id."""
    errors: dict[str, str] = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            entry = values.get(block["block_id"], {}).get(element["action_id"], {})
            told = _complaint(element, entry.get(VALUE_KEY[element["type"]][0]), bool(block.get("optional")))
            if told:
                errors[block["block_id"]] = told
    return errors


def _complaint(element: Json, value: Any, optional: bool) -> str | None:
    if value is None or value in ("", []):
        return None if optional else REQUIRED
    if isinstance(value, str) and element["type"] == "plain_text_input":
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if len(value) < least:
            return f"Must be at least {least} characters."
        if len(value) > most:
            return f"Must be at most {most} characters."
    if element["type"] == "number_input":
        return _number_complaint(element, str(value))
    return None


def _number_complaint(element: Json, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Must be a number."
    if "." in value and not element["is_decimal_allowed"]:
        return "Must be a whole number."
    if "min_value" in element and number < float(element["min_value"]):
        return f"Must be at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        return f"Must be at most {element['max_value']}."
    return None
