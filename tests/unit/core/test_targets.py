"""What a rollback may bring back, from histories written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from bot.core.lifecycle import State
from bot.core.targets import Arrival, Bar, Targets, targets
from bot.core.values import DeploymentId, Kind, Sha
from tests.fakes.samples import NOON

ENDS = {
    "": State.SUCCEEDED,
    "!": State.FAILED,
    "~": State.CANCELLED,
    "%": State.ROLLED_BACK,
    "?": State.RUNNING,
    "^": State.BYPASSED,
}


def sha(letter: str) -> Sha:
    return Sha(letter * 40)


def history(words: str) -> list[Arrival]:
    """`A B! <A:2`: A went well, B failed, and then #2 was rolled back to A. `?` runs, `^` came past us."""
    return [_arrival(number, word) for number, word in enumerate(words.split(), 1)]


def _arrival(number: int, word: str) -> Arrival:
    word, back = word.lstrip("<"), word.startswith("<")
    word, _, undone = word.partition(":")
    state = ENDS[word[1:]]
    return Arrival(
        id=DeploymentId(str(number)),
        number=number,
        kind=Kind.ROLLBACK if back else Kind.DEPLOY,
        state=state,
        release=sha(word[0].lower()),
        at=None if state is State.RUNNING else NOON + timedelta(hours=number),
        undoes=DeploymentId(undone) if back else None,
    )


def shown(found: Targets) -> str:
    """The releases to choose from, and what a rollback would take away."""
    current = f"#{found.current.number}" if found.current else "nothing"
    return f"{''.join(each.release[0].upper() for each in found.choices)} from {current}"


def look(words: str, quarantined: Iterable[str] = ()) -> str:
    return shown(targets(history(words), {sha(each.lower()) for each in quarantined}))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", " from nothing"),
        ("A", " from #1"),
        ("A B", "A from #2"),
        ("A B C", "BA from #3"),
        ("A B B", "A from #3"),  # once more the same: still one release
        ("A B A", "B from #3"),  # deployed again, it is what runs
        ("A B C A", "CB from #4"),
        ("A B! C", "A from #3"),  # what failed was never well
        ("A B C!", "BA from #3"),  # what failed may run: the last that was verified comes back
        ("A B C~", "BA from #3"),
        ("A B C?", "BA from #3"),
        ("A B B!", "A from #3"),  # the release that runs did badly the second time
        ("A B C! D!", "BA from #4"),
        ("A B C! B D", "BA from #5"),
        ("A B <A:2", " from #3"),  # never forward to what was left
        ("A B C <B:3", "A from #4"),
        ("A B C <A:3", " from #4"),  # B lay above A and went with C
        ("A B C <B:3 <A:4", " from #5"),
        ("A B C <B:3 D", "BA from #5"),
        ("A B C <B:3 C", "BA from #5"),  # mended, and deployed again
        ("A B <A:2 B C", "BA from #5"),  # well again
        ("C A C <A:3", " from #4"),  # C was left, wherever else it lies
        ("A B C! <B!:3", "BA from #3"),  # the rollback failed: it may be tried again, and C still leaves
        ("A B <A!:2", "A from #2"),  # never back to B, which was to leave
        ("A B <A?:2", "A from #2"),
        ("A B^", "A from #2"),
        ("A B^ C", "A from #3"),  # nobody verified B
        ("A B^ B C", "BA from #4"),
        ("A A^ B", "A from #3"),  # A was verified before it came past us
        ("A B A^ C", "BA from #4"),  # nobody looked at A the second time
        ("A B C^ <A!:2", "A from #3"),  # C got there while B was to be taken away
        ("A B B% C", "A from #4"),  # its strategy took B back the second time
        ("B C <A:2 D", "A from #4"),  # A lies deeper than the record goes: all else lay above it
        ("A B! B C", "BA from #4"),
    ],
)
def test_what_may_come_back(words: str, expected: str) -> None:
    assert look(words) == expected


def test_what_is_quarantined_is_passed_over() -> None:
    assert look("A B C D", "C") == "BA from #4"
    assert look("A B C!", "B") == "A from #3"


@pytest.mark.parametrize(
    ("words", "release", "expected"),
    [
        ("A B", "B", Bar.RUNS),
        ("A B! C", "B", Bar.FAILED),
        ("A B <A:2", "B", Bar.LEFT),
        ("A B C <A:3", "B", Bar.COVERED),
        ("A B^ C", "B", Bar.PAST_US),
        ("A B~ C", "B", Bar.UNVERIFIED),
        ("A B% C", "B", Bar.FAILED),
    ],
)
def test_why_not_that_one(words: str, release: str, expected: Bar) -> None:
    found = targets(history(words))
    assert [bar for each, bar in found.barred if each.release == sha(release.lower())] == [expected]


def test_why_not_one_that_is_quarantined() -> None:
    found = targets(history("A B"), {sha("a")})
    assert found.choices == ()
    assert found.barred[-1][1] is Bar.QUARANTINED


def test_every_release_is_told_once_with_its_newest_choice() -> None:
    found = targets(history("A B A B C"))
    assert [each.number for each in found.choices] == [4, 3]
    assert [each.number for each, _ in found.barred] == [5]
