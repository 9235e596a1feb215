"""Slack's limits on blocks and views, written from its rules and not from the product's."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from bot.playground.slack.limit_blocks import BLOCKS, MESSAGE_ONLY, MODAL_ONLY, NOT_IN_MODAL, UNSENDABLE
from bot.playground.slack.limit_rules import (
    Check,
    anything,
    at,
    boolean,
    items,
    plain,
    record,
    text,
    typed,
)

Json = dict[str, Any]
BLOCK_TEXT_TOTAL = 13_200
UPDATE_TEXT = 4_000
POST_TEXT = 40_000
MARKDOWN_TEXT = 12_000
VIEW_BYTES = 250_000
UNCOUNTED = frozenset(
    {
        "type",
        "block_id",
        "action_id",
        "value",
        "url",
        "image_url",
        "task_id",
        "style",
        "status",
        "level",
        "name",
    }
)


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


MOST_BLOCKS = {Surface.MESSAGE: 50, Surface.MODAL: 100, Surface.HOME: 100}


def allowed_types(surface: Surface) -> frozenset[str]:
    """The block types that may stand on a surface."""
    sendable = frozenset(BLOCKS) - UNSENDABLE
    match surface:
        case Surface.MESSAGE:
            return sendable - MODAL_ONLY
        case Surface.MODAL:
            return sendable - MESSAGE_ONLY - NOT_IN_MODAL
        case Surface.HOME:
            return sendable - MESSAGE_ONLY - MODAL_ONLY


def check_blocks(
    blocks: Any, surface: Surface, path: str = "/blocks", refused: frozenset[str] = frozenset()
) -> list[str]:
    """What Slack would say about these blocks; empty when it takes them."""
    allowed = allowed_types(surface) - refused
    found = list(items(typed(BLOCKS, allowed), MOST_BLOCKS[surface], least=0)(blocks, path))
    if not found:
        found += _across(blocks, path)
        found += _only_in_modals(blocks, surface, path)
    return found


def text_total(value: Any) -> int:
    """The characters a reader would see in these blocks."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(text_total(one) for one in value)
    if isinstance(value, dict):
        return sum(text_total(one) for name, one in value.items() if name not in UNCOUNTED)
    return 0


def check_view(view: Any) -> list[str]:
    """What Slack would say about a modal or a home tab."""
    if not isinstance(view, dict):
        return [at("must provide an object", "/view")]
    if view.get("type") not in (Surface.MODAL, Surface.HOME):
        return [at("must be a valid enum value: modal, home", "/view/type")]
    surface = Surface(view["type"])
    required: dict[str, Check] = {"type": anything, "blocks": anything}
    if surface is Surface.MODAL:
        required["title"] = plain(24)
    found = list(record(required, _OPTIONAL)(view, "/view"))
    found += check_blocks(view.get("blocks", []), surface, "/view/blocks")
    if not found and surface is Surface.MODAL and not view.get("submit") and _has_input(view["blocks"]):
        found.append(at("submit is required when there is an input block", "/view"))
    return found


def view_too_large(view: Json) -> bool:
    """More than 250 kB."""
    return len(json.dumps(view).encode()) > VIEW_BYTES


_OPTIONAL: dict[str, Check] = {
    "title": plain(24),
    "submit": plain(24),
    "close": plain(24),
    "callback_id": text(255, least=0),
    "external_id": text(255, least=0),
    "private_metadata": text(3000, least=0),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "submit_disabled": boolean,
}


def _has_input(blocks: list[Json]) -> bool:
    return any(block["type"] == "input" for block in blocks)


def _only_in_modals(blocks: list[Json], surface: Surface, path: str) -> Iterator[str]:
    for index, block in enumerate(blocks):
        kind = block.get("element", {}).get("type")
        if surface is not Surface.MODAL and kind == "file_input":
            yield at("unsupported type: file_input", f"{path}/{index}/element/type")


def _twice(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _found(value: Any, key: str) -> Iterator[str]:
    """Every string under one key, however deep."""
    if isinstance(value, dict):
        if isinstance(value.get(key), str):
            yield value[key]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _found(one, key)


def _cards(block: Json) -> list[Json]:
    """The cards of a carousel, each a block of its own."""
    return list(block["elements"]) if block["type"] == "carousel" else []


def _across(blocks: list[Json], path: str) -> Iterator[str]:
    """Rules that look at several blocks at once."""
    kinds = Counter(block["type"] for block in blocks)
    for block_id in _twice([block["block_id"] for block in blocks if block.get("block_id")]):
        yield at(f'`block_id` "{block_id}" already exists', path)
    for index, block in enumerate(blocks):
        for inner in block.get("child_blocks") or _cards(block) or [block]:
            for action_id in _twice(list(_found(inner, "action_id"))):
                yield at(f'`action_id` "{action_id}" already exists for block', f"{path}/{index}")
    for task_id in _twice(list(_found(blocks, "task_id"))):
        yield at(f'`task_id` "{task_id}" already exists', path)
    if kinds["plan"] and kinds["task_card"]:
        yield at("plan and task_card blocks can't be mixed in one message", path)
    if kinds["table"] > 1:
        yield at("only one table block is allowed", path)
    if kinds["data_visualization"] > 2:
        yield at("no more than 2 data_visualization blocks allowed", path)
