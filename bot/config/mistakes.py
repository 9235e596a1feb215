"""What is wrong in a configuration, where, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.errors import SlipwayError

_RED, _YELLOW, _BOLD, _PLAIN = "\033[31m", "\033[33m", "\033[1m", "\033[0m"


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong. Lines and columns count from 1; 0 where there is no such place."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    @property
    def where(self) -> str:
        """`slipway.yml:12:5`, or only the name where there are no lines."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        said = f"{self.where}: {self.message}"
        return f"{said}; {self.hint}" if self.hint else said


class ConfigError(SlipwayError):
    """The configuration cannot be used; its text lists every mistake."""

    def __init__(
        self, mistakes: Sequence[Mistake], sources: Mapping[str, str] | None = None, subject: str = ""
    ) -> None:
        self.mistakes = tuple(mistakes)
        self.sources = dict(sources or {})
        heading = f"{subject or 'the configuration'} has {counted(len(self.mistakes), 'mistake')}:"
        super().__init__("\n".join([heading, *(f"  {mistake}" for mistake in self.mistakes)]))


def render(
    errors: Sequence[Mistake],
    warnings: Sequence[Mistake] = (),
    sources: Mapping[str, str] | None = None,
    *,
    colour: bool = False,
) -> str:
    """Each mistake with its line and a caret under the place, and a count at the end."""
    texts = sources or {}
    parts = [_block("error", _RED, each, texts, colour) for each in errors]
    parts += [_block("warning", _YELLOW, each, texts, colour) for each in warnings]
    counts = [counted(len(errors), "mistake")]
    if warnings:
        counts.append(counted(len(warnings), "warning"))
    return "\n\n".join([*parts, ", ".join(counts)]) + "\n"


def counted(number: int, noun: str) -> str:
    """`no mistakes`, `1 mistake`, `2 mistakes`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _block(label: str, paint: str, mistake: Mistake, sources: Mapping[str, str], colour: bool) -> str:
    marked, bold, end = (paint, _BOLD, _PLAIN) if colour else ("", "", "")
    lines = [f"{marked}{label}{end}: {bold}{mistake.message}{end}"]
    if mistake.line or mistake.file:
        lines.append(f"  --> {mistake.where}")
    source = _line(sources.get(mistake.file, ""), mistake.line)
    margin = " " * len(str(mistake.line))
    if source is not None:
        caret = "".join("\t" if letter == "\t" else " " for letter in source[: mistake.column - 1]) + "^"
        lines += [f"{margin} |", f"{mistake.line} | {source}", f"{margin} | {marked}{caret}{end}"]
    if mistake.hint:
        lines.append(f"{margin} = {mistake.hint}")
    return "\n".join(lines)


def _line(text: str, number: int) -> str | None:
    lines = text.splitlines()
    return lines[number - 1].rstrip() if 1 <= number <= len(lines) else None
