"""What we say to people, free of any chat's markup: spans in lines.

Whoever renders it escapes every span, so no name or reason can become markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Style(StrEnum):
    PLAIN = "plain"
    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    label: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person, named by the id the chat knows; `notify` decides whether it rings."""

    person: str
    name: str
    notify: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, shown in each reader's own zone."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Icon:
    """An emoji by its name; a word always stands beside it."""

    name: str


Span = Words | Link | Mention | Moment | Icon

_QUOTED = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of spans."""

    lines: tuple[tuple[Span, ...], ...]

    def __add__(self, other: Text) -> Text:
        return Text(self.lines + other.lines)

    def plain(self) -> str:
        """The same for logs, terminals and notifications; only code keeps its backticks."""
        return "\n".join("".join(_plain(span) for span in line) for line in self.lines)


NOTHING = Text(())


def line(*spans: Span | str) -> Text:
    """One line; bare strings are plain words."""
    return Text((tuple(Words(span) if isinstance(span, str) else span for span in spans),))


def bold(text: str) -> Words:
    return Words(text, Style.BOLD)


def code(text: str) -> Words:
    return Words(text, Style.CODE)


def italic(text: str) -> Words:
    return Words(text, Style.ITALIC)


def lines(*texts: str) -> Text:
    """Several plain lines; empty ones are left out."""
    return Text(tuple((Words(text),) for text in texts if text))


def sentence(text: str, style: Style = Style.PLAIN) -> Text:
    """A line of an answer to one person; what stands in backticks is shown as code. Empty: no line."""
    spans = quoted(text, style)
    return Text((spans,) if spans else ())


def quoted(text: str, style: Style = Style.PLAIN) -> tuple[Words, ...]:
    """The parts of a line of ours, those in backticks as code."""
    parts = enumerate(_QUOTED.split(text))  # every second part was quoted
    return tuple(Words(part, Style.CODE if number % 2 else style) for number, part in parts if part)


def _plain(span: Span) -> str:
    match span:
        case Words(text, style):
            return f"`{text}`" if style is Style.CODE else text
        case Link():
            return f"{span.label} ({span.url})"
        case Mention():
            return f"@{span.name}"
        case Icon():
            return ""
        case Moment():
            return span.at.strftime("%Y-%m-%d %H:%M UTC")
