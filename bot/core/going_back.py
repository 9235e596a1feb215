"""What a release would take back of what runs: the files that only what runs has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.code import Comparison, Direction

GOES_ON = frozenset({Direction.BEHIND, Direction.IDENTICAL})


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Nothing of it, for a release that goes on from what runs."""

    paths: tuple[str, ...] = ()
    whole: bool = True  # False where there may be more than the code host lists
    number: int = 0  # of the deployment that brought what runs
    unread: str = ""  # why it could not be read at all


def taken_back(live: Comparison, number: int) -> TakenBack:
    """`live` is what runs, compared with the release: a comparison lists what its second commit alone has.

    The other way round a release that is behind would bring nothing, and so touch nothing.
    """
    if live.direction in GOES_ON:
        return TakenBack(number=number)
    return TakenBack(live.paths, not live.truncated, number)


def all_of(parts: Iterable[TakenBack]) -> TakenBack:
    """Of several that run there, or may; the last one that has anything to lose gives its number."""
    known = [each for each in parts if each.paths or not each.whole] or [TakenBack()]
    paths = tuple(dict.fromkeys(path for each in known for path in each.paths))
    unread = next((each.unread for each in known if each.unread), "")
    return TakenBack(paths, all(each.whole for each in known), known[-1].number, unread)
