"""What channels read of a release that was published."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.core.publishing_events import ReleasePublished
from bot.core.text import NOTHING, Icon, Link, Moment, Span, Text, bold, code, line
from bot.core.visible import clip, visible

NAME, LINE, LINES = 120, 160, 6  # characters, characters, lines
READ = 4000  # characters of the notes that are looked at
NAMED, PLACES = 20, 500  # services, characters
MORE = "…"
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_MARK = re.compile(r"^[\s#>*+-]+")


def beginning(notes: str) -> str:
    """As much of the notes as is told: a few lines, without the marks in front of them."""
    found = list(_lines(notes[:READ]))
    more = [MORE] if len(found) > LINES or len(notes) > READ else []
    return "\n".join([*found[:LINES], *more])


def release_text(told: Sequence[ReleasePublished], deploy: str) -> Text:
    """Of one release, for the services that a channel hears of; `deploy` is what brings it somewhere."""
    one = told[0]
    called = f" {_bounded(one.name)}" if one.name not in ("", one.tag) else ""
    what = bold(f"Released: {one.repository} ")
    text = line(Icon("package"), " ", what, Link(one.url, _bounded(one.tag)), called)
    who: list[Span | str] = [f"By {_bounded(one.by)} · " if one.by else "", _at(one)]
    if one.compare:
        who += [" · ", Link(one.compare, f"Changes since {_bounded(one.before)}")]
    text += line(*who)
    for each in one.notes.splitlines():
        text += line(each if each == MORE else f"• {each}")
    return text + _where(told) + (line("Deploy it: ", code(deploy)) if deploy else NOTHING)


def _lines(notes: str) -> Iterator[str]:
    for each in _COMMENT.sub("", notes).splitlines():
        said = visible(_MARK.sub("", each)).strip()
        if said:
            yield clip(said, LINE)


def _where(told: Sequence[ReleasePublished]) -> Text:
    running = [f"{each.service} in {each.runs_in}" for each in told if each.runs_in]
    named = ", ".join(each.service for each in told[:NAMED]) + (" and others" if len(told) > NAMED else "")
    where = f"It runs already: {clip('; '.join(running), PLACES)}." if running else "It runs nowhere yet."
    return line(f"For {named}. {where}")


def _at(one: ReleasePublished) -> Moment:
    return Moment(datetime.fromisoformat(one.at))


def _bounded(text: str) -> str:
    return clip(visible(text), NAME)
