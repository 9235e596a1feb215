"""The pure half: the product is told of a past, and asked what it makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from bot.core.targets import Arrival, Bar, Targets, targets
from bot.core.values import DeploymentId, Sha
from tests.property.histories.acts import History, pasts
from tests.property.histories.drawing import drawn
from tests.property.histories.opinion import Opinion, Reason, opinion
from tests.property.histories.past import Happening, Past

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
SHORTENED = 0.1  # of the histories, because the record does not go back for ever
KEPT = 8  # at least of those
TRUE = {  # what the product may say of a release that is kept out
    Bar.RUNS: Reason.RUNS,
    Bar.FAILED: Reason.FAILED,
    Bar.LEFT: Reason.LEFT,
    Bar.PAST_US: Reason.UNVERIFIED,
    Bar.UNVERIFIED: Reason.UNVERIFIED,
    Bar.QUARANTINED: Reason.QUARANTINED,
    Bar.COVERED: Reason.COVERED,
}


def sha(release: str) -> Sha:
    """The commit of a letter."""
    return Sha(release * 40)


def disagreements(seed: int, histories: int) -> Iterator[str]:
    """Where the two opinions differ, over so many histories and after each act of them."""
    random = Random(seed)  # nosec B311 - repeatable
    for number in range(histories):
        history = drawn(random)
        keeps = random.randint(1, KEPT) if random.random() < SHORTENED else len(history)
        for flaw in flaws(history, keeps):
            yield f"history {number} of seed {seed}: {flaw}"
            break


def flaws(history: History, keeps: int) -> Iterator[str]:
    """Of one history; the record holds the last few happenings of it."""
    for past in pasts(history):
        kept = Past(past.happenings[-keeps:], past.quarantined)
        found = targets(map(_arrival, kept.happenings), frozenset(map(sha, kept.quarantined)))
        yield from difference(kept, found, opinion(kept))


def difference(past: Past, found: Targets, expected: Opinion) -> Iterator[str]:
    """In what runs, what comes back, and why the others do not."""
    runs = expected.runs.number if expected.runs else None
    if (found.current.number if found.current else None) != runs:
        yield f"{told(past)}: {found.current} runs, expected #{runs}"
    chosen = tuple(each.release[0] for each in found.choices)
    if chosen != expected.choices:
        yield f"{told(past)}: {chosen} come back, expected {expected.choices}"
    for each, bar in found.barred:
        reasons = expected.reasons.get(each.release[0], frozenset())
        if TRUE[bar] not in reasons:
            yield f"{told(past)}: {each.release[0]} is kept out as {bar!r}, expected one of {set(reasons)}"


def _arrival(happening: Happening) -> Arrival:
    return Arrival(
        id=DeploymentId(f"id {happening.number}"),
        number=happening.number,
        kind=happening.kind,
        state=happening.state,
        release=sha(happening.release),
        at=None if happening.under_way else BEGAN + timedelta(minutes=happening.number),
        undoes=DeploymentId(f"id {happening.undoes}") if happening.undoes else None,
    )


def told(past: Past) -> str:
    def one(each: Happening) -> str:
        undone = f" away from #{each.undoes}" if each.undoes else ""
        return f"#{each.number} {each.kind} {each.release}{undone} {each.state}"

    return f"[{'; '.join(map(one, past.happenings))}; quarantined {sorted(past.quarantined)}]"
