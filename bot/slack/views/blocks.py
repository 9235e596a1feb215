"""The few blocks we send. Names and reasons go into rich text, where no character is markup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.core.actions import ROW, ActionId
from bot.core.text import Icon, Link, Mention, Moment, Span, Style, Text, Words
from bot.core.visible import clip, visible

Block = dict[str, Any]
Message = dict[str, Any]

HEADER, BUTTON, LINE, TEXT, NAME = 150, 75, 2500, 3900, 100


def header(text: str) -> Block:
    return {"type": "header", "text": plain(clip(visible(text), HEADER))}


def rich(text: Text, block_id: str | None = None) -> Block:
    """Every line of the text, one below the other."""
    elements: list[Block] = []
    for number, spans in enumerate(text.lines):
        if number:
            elements.append({"type": "text", "text": "\n"})
        elements += [_span(span) for span in spans if not _empty(span)]
    block: Block = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": elements or [{"type": "text", "text": " "}]}],
    }
    return block if block_id is None else block | {"block_id": block_id}


def quiet(*texts: str) -> Block:
    """Small grey words."""
    return {"type": "context", "elements": [plain(clip(visible(text), LINE)) for text in texts if text][:10]}


def button(
    action: ActionId,
    label: str,
    value: str = "",
    *,
    style: str = "",
    url: str = "",
    confirm: Block | None = None,
    place: int | None = None,
) -> Block:
    """`place` tells several of the same kind in one row apart."""
    id = action.value if place is None else f"{action.value}{ROW}{place}"
    made: Block = {"type": "button", "action_id": id, "text": plain(clip(label, BUTTON))}
    if value:
        made["value"] = value
    if style:
        made["style"] = style
    if url:
        made["url"] = url
    if confirm:
        made["confirm"] = confirm
    return made


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    return {
        "title": plain(clip(title, 100)),
        "text": plain(clip(visible(text), 300)),
        "confirm": plain(clip(yes, 30)),
        "deny": plain(clip(no, 30)),
        "style": "danger",
    }


def actions(block_id: str, buttons: Sequence[Block]) -> list[Block]:
    """A row of buttons, or nothing."""
    return [{"type": "actions", "block_id": block_id, "elements": list(buttons)}] if buttons else []


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text or " ", "emoji": True}


def message(text: str, blocks: Sequence[Block]) -> Message:
    """`text` is what a phone shows and a screen reader reads."""
    return {"text": _bounded(visible(text)) or " ", "blocks": list(blocks)}


def _bounded(text: str) -> str:
    """Escaped, and still within the limit: escaping makes it longer."""
    longest = TEXT
    while len(escaped := escape(clip(text, longest))) > TEXT:
        longest -= max(1, (len(escaped) - TEXT) // 5)
    return escaped


def escape(text: str) -> str:
    """The three characters that are markup in a message's text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _empty(span: Span) -> bool:
    return isinstance(span, Words) and not span.text


def _span(span: Span) -> Block:
    match span:
        case Words(text, style):
            made: Block = {"type": "text", "text": clip(visible(text), LINE)}
            return made if style is Style.PLAIN else made | {"style": {style.value: True}}
        case Link(url, label):
            return {"type": "link", "url": url, "text": clip(visible(label or url), LINE)}
        case Mention(person, name, notify):
            if notify:
                return {"type": "user", "user_id": person}
            return {"type": "text", "text": clip(visible(name or person), NAME), "style": {"bold": True}}
        case Icon(name):
            return {"type": "emoji", "name": name}
        case Moment(at):
            return _date(at)


def _date(at: datetime) -> Block:
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} at {time}",
        "fallback": at.strftime("%Y-%m-%d %H:%M UTC"),
    }
