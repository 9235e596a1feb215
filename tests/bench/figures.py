"""Ratios, their targets, and the table in which both stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.load import Measured


@dataclass(frozen=True)
class Target:
    """What a ratio may be at most, or must be at least."""

    limit: float
    at_most: bool

    def met(self, ratio: float) -> bool:
        return ratio <= self.limit if self.at_most else ratio >= self.limit

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.limit:.2f}"


@dataclass(frozen=True)
class Line:
    """One ratio, and the two figures it was made of."""

    what: str
    ours: str
    theirs: str
    ratio: float
    target: Target | None  # none: only for the reader

    @property
    def met(self) -> bool:
        return self.target is None or self.target.met(self.ratio)


def p50(measured: Measured) -> float:
    """Milliseconds until half of the requests were answered."""
    return measured.p50_ms


def throughput(measured: Measured) -> float:
    """Requests answered in a second."""
    return measured.per_second


def compare(
    what: str,
    ours: Sequence[Measured],
    theirs: Sequence[Measured],
    figure: Callable[[Measured], float],
    target: Target | None = None,
) -> Line:
    """The median of the rounds' ratios: in one round both met the same machine."""
    ratio = median(figure(one) / figure(other) for one, other in zip(ours, theirs, strict=True))
    unit = "{:.2f} ms" if figure is p50 else "{:,.0f}/s"
    return Line(
        what, unit.format(median(map(figure, ours))), unit.format(median(map(figure, theirs))), ratio, target
    )


def table(lines: Iterable[Line]) -> str:
    """All lines, aligned."""
    head = f"{'':<58}{'ours':>11}{'theirs':>11}{'ratio':>8}  {'target':<8}"
    body = (
        f"{line.what:<58}{line.ours:>11}{line.theirs:>11}{line.ratio:>8.2f}  {line.target or ''!s:<8}"
        f"{'' if line.met else '  MISSED'}"
        for line in lines
    )
    return "\n".join((head, *body))
