"""A second opinion on each rule that can hold a request; each raises Broken where it began all the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.core.verdicts import GateState
from tests.property.approvals import LEADS, opinion
from tests.property.machine.story import Bar, Now, Story, must
from tests.property.machine.town import Regime, full, in_group


def not_locked_out(story: Story, locks: Iterable[Bar], at: datetime) -> None:
    """Nobody but who asked for it holds its place."""
    for lock in locks:
        free = not (lock.holds(at) and lock.covers(story.place)) or lock.owner == story.requester
        must(free, f"#{story.number} began behind a lock")


def not_kept_out(story: Story, quarantines: Iterable[Bar], now: Now) -> None:
    """Its commit may go there, or somebody who may has let it pass, knowing of that very quarantine."""
    for each in quarantines:
        if each.sha != story.sha or not each.covers(story.place):
            continue
        passed = [
            word
            for word in story.words
            if word.gate == "quarantine"
            and word.order > each.order
            and in_group(now.people[word.person], LEADS)
        ]
        must(bool(passed), f"#{story.number} began with a release that is quarantined")


def ticked(story: Story, regime: Regime, now: Now) -> None:
    """Every item, by somebody who still belongs here; or who may has let it pass, knowing the list."""
    items = regime.items_of(story.place[1])
    missing = [each for each in items if each not in story.ticks or not full(now.people[story.ticks[each]])]
    passed = [
        word
        for word in story.words
        if word.gate == "checklist" and items in word.lists and in_group(now.people[word.person], LEADS)
    ]
    must(not missing or bool(passed), f"#{story.number} began with {missing} unticked")


def agreed(story: Story, regime: Regime, at: datetime, now: Now) -> None:
    """Enough of the right people, and no freeze that nobody lifted, unless the glass was broken."""
    if story.emergency:
        return
    voted = [now.people[who] for who, vote in story.votes.items() if vote == ("approve", story.digest)]
    point = regime.point(story.place[1], now.people[story.requester])
    must(opinion(point, voted) is GateState.OPEN, f"#{story.number} began without its approvals")
    if regime.closed(at):
        lifted = [
            word
            for word in story.words
            if word.gate == "freeze" and in_group(now.people[word.person], LEADS)
            if word.at.date() == at.date() and regime.closed(word.at)
        ]
        must(bool(lifted), f"#{story.number} began in a freeze")
