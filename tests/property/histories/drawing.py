"""Histories as chance has them; what people roll back follows from what they can know."""

from __future__ import annotations

from random import Random

from bot.core.lifecycle import HOLDING, State
from bot.core.values import Kind
from tests.property.histories.acts import Act, Book, Deed, History
from tests.property.histories.opinion import opinion

RELEASES = "abcdef"
LONGEST = 40
GOING = tuple(sorted(HOLDING))
AT_WORK = tuple(state for state in GOING if state is not State.DISPATCHING)  # it was seen to be
ENDS = (State.SUCCEEDED,) * 10 + (State.FAILED,) * 3 + (State.CANCELLED, State.ROLLED_BACK)
FREE = (State.WITHDRAWN, State.BYPASSED)  # without the slot
NEVER = (*FREE, State.FAILED)
DEEDS = {  # how often each
    Deed.DEPLOY: 42,
    Deed.ROLL_BACK: 22,
    Deed.PAST_US: 5,
    Deed.PAST_US_BEFORE: 2,
    Deed.NEVER_SENT: 3,
    Deed.ELSEWHERE: 2,
    Deed.QUARANTINE: 6,
    Deed.LIFT: 8,
    Deed.CRASH: 10,
}
BROKEN_OFF = 0.15  # of what begins, when a life ends in the middle of it
WAITS = 0.5  # of what could go on, another thing happens first
FIRST = 0.5  # of those who go back take what comes back by itself


def drawn(random: Random, *, short: bool = False) -> History:
    """One history of 1 to 40 events; where it should be short, of few rather than of many."""
    book, acts = Book(), []
    releases = RELEASES[: random.randint(2, len(RELEASES))]
    for _ in range(random.randint(1, random.randint(1, LONGEST) if short else LONGEST)):
        act = _act(random, book, releases)
        book.note(act)
        acts.append(act)
    return tuple(acts)


def _act(random: Random, book: Book, releases: str) -> Act:
    if book.under_way and random.random() > WAITS:
        return Act(Deed.GO_ON, state=_after(random, AT_WORK))
    (deed,) = random.choices(list(DEEDS), list(DEEDS.values()))
    release = random.choice(releases)
    match deed:
        case Deed.DEPLOY if not book.under_way:
            kind = random.choice((Kind.DEPLOY, Kind.DEPLOY, Kind.PROMOTE))
            return Act(deed, release, _after(random), kind)
        case Deed.ROLL_BACK if not book.under_way:
            return _back(random, book, release)
        case Deed.PAST_US | Deed.PAST_US_BEFORE:
            return Act(deed, release, State.BYPASSED)
        case Deed.NEVER_SENT:
            return Act(deed, release, random.choice(FREE if book.under_way else NEVER))
        case Deed.QUARANTINE if release not in book.quarantined:
            return Act(deed, release)
        case Deed.LIFT if book.quarantined:
            return Act(deed, random.choice(sorted(book.quarantined)))
        case Deed.ELSEWHERE:
            return Act(deed, release)
        case _:
            return Act(Deed.CRASH)


def _back(random: Random, book: Book, otherwise: str) -> Act:
    """To what comes back, or to a choice that somebody names. With none, people deploy."""
    known = opinion(book.past)
    if not known.runs or not known.choices:
        return Act(Deed.DEPLOY, otherwise, _after(random))
    first, *others = known.choices
    release = first if not others or random.random() < FIRST else random.choice(others)
    return Act(Deed.ROLL_BACK, release, _after(random), Kind.ROLLBACK, known.runs.number)


def _after(random: Random, going: tuple[State, ...] = GOING) -> State:
    return random.choice(going) if random.random() < BROKEN_OFF else random.choice(ENDS)
