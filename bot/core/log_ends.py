"""The end of what a failed step wrote: found in its job's log, freed of secrets, and small enough to show.

Whatever is taken out is taken out of the whole before anything is cut, so that no half of a secret is left.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.redaction import Redactor
from bot.core.visible import clip

MOST_LINES = 20
LONGEST_LINE = 300  # characters
MOST_TEXT = 2_500  # characters of all of them; a block of the chat takes 3,000
WHOLE_SECONDS = timedelta(seconds=1)  # in which the times of steps are told

_STAMP = re.compile(r"\ufeff?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z ?")
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
_MARK = re.compile(r"##\[(\w+)\](.*)", re.DOTALL)
_WORD = re.compile(r"\w")
_SAID = {"error": "Error: ", "warning": "Warning: ", "notice": "Notice: ", "group": "", "command": "$ "}
_ERROR, _HEAD, _HEAD_ENDS = "##[error]", "##[group]Run ", "##[endgroup]"


@dataclass(frozen=True, slots=True)
class Span:
    """When the step ran, as far as that is known."""

    began: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    at: datetime | None
    text: str


def end_of_log(log: bytes, redactor: Redactor, step: Span, *, cut: bool = False) -> tuple[str, ...]:
    """The last lines that say something; `cut` where the beginning of the log is missing."""
    found = list(_lines(log.decode("utf-8", "replace"), cut=cut)) or [_Line(None, "")]
    clean = redactor.clean("\n".join(each.text for each in found)).split("\n")
    whole = [_Line(each.at, text) for each, text in zip(found, clean, strict=True)]
    said = [text for text in map(_shown, _of_step(whole, step)) if _WORD.search(text)]
    return _fitting(said)


def words_of_others(text: str, redactor: Redactor, longest: int) -> str:
    """One line of somebody else's words: no secret, nothing invisible, not too long."""
    clean = redactor.clean("\n".join(_visible(each) for each in text.split("\n")))
    return clip(next((_harmless(each) for each in clean.split("\n") if each.strip()), ""), longest)


def _lines(text: str, *, cut: bool) -> Iterator[_Line]:
    """Without their times; what has none was written together with the line before."""
    rows = text.split("\n")
    at: datetime | None = None
    for row in rows[1:] if cut else rows:
        stamp = _STAMP.match(row)
        if stamp is not None:
            at = datetime.fromisoformat(f"{stamp[1]}+00:00")
        yield _Line(at, _visible(row[stamp.end() :] if stamp else row))


def _visible(text: str) -> str:
    """As a terminal would have left it: no colours, and of a line that was written over only the last."""
    plain = _ANSI.sub("", text).rstrip("\r\n")
    last = plain.rpartition("\r")[2]
    if last.isascii() and last.isprintable():
        return last
    spaced = last.replace("\t", "    ")
    return "".join(each for each in spaced if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co"))


def _of_step(whole: Sequence[_Line], step: Span) -> list[str]:
    """From the end of its heading to its last error."""
    mine = [each.text for each in whole if _within(each, step)] or [each.text for each in whole]
    errors = [place for place, text in enumerate(mine) if text.startswith(_ERROR)]
    if errors:
        mine = mine[: errors[-1] + 1]
    heads = [place for place, text in enumerate(mine) if text.startswith(_HEAD)]
    if not heads:
        return mine
    ends = [place for place, text in enumerate(mine) if text == _HEAD_ENDS and place > heads[-1]]
    return mine[ends[0] + 1 :] if ends else mine


def _within(each: _Line, step: Span) -> bool:
    if each.at is None or step.began is None or step.ended is None:
        return False
    return step.began <= each.at <= step.ended + WHOLE_SECONDS


def _shown(text: str) -> str:
    mark = _MARK.match(text)
    if mark is None:
        return _harmless(text)
    word, rest = mark.groups()
    return _harmless(_SAID[word] + rest) if word in _SAID and rest.strip() else ""


def _harmless(text: str) -> str:
    """Nothing in it ends the block in which it stands."""
    return text.replace("`", "'").rstrip()


def _fitting(said: Iterable[str]) -> tuple[str, ...]:
    """As many of the last as there is room for."""
    kept: list[str] = []
    size = 0
    for text in reversed([clip(each, LONGEST_LINE) for each in list(said)[-MOST_LINES:]]):
        size += len(text) + 1
        if size > MOST_TEXT:
            break
        kept.append(text)
    return tuple(reversed(kept))
