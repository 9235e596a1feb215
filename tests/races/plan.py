"""Which decisions meet, and under which policy: drawn from a seed, so that a race can be run again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from random import Random

from bot.core.catalog import Catalog, Channels, Environment
from bot.core.pipelines import Pin
from bot.core.rules import ApprovalRule, Approvals, Checklist, Exclusion, Right, Rights, Tick
from bot.core.values import Person
from tests.fakes.samples import ADA, EVERYONE, LINUS, NOON, PIPELINE, SRE, policy, service

MOST = 5  # who decide in the same moment
GRACE, MARGARET, ASKER = (
    Person(id, name, NOON, groups=frozenset({"sre"}))
    for id, name in (("U0GRACE001", "Grace"), ("U0MARGARET", "Margaret"), ("U0ASKER001", "Katherine"))
)
OUTSIDER = LINUS
DECIDERS = (ADA, GRACE, MARGARET)
PEOPLE = {each.id: each for each in (*DECIDERS, ASKER, OUTSIDER)}
ITEM = "the backup is done"
RIGHTS = Rights(((Right.OVERRIDE_QUARANTINE, (SRE,)),))


class Kind(StrEnum):
    """What somebody does."""

    APPROVE = "approve"
    REJECT = "reject"
    TAKE_BACK = "take back"
    CANCEL = "cancel"
    LOCK = "lock"
    TICK = "tick"
    UNTICK = "untick"
    QUARANTINE = "quarantine"
    OVERRIDE = "override"  # the quarantine
    HAND_OVER = "hand over"  # to a newer request for the same place
    LOOK = "look"  # a replica judges the gates and takes the slot
    LOOK_STRICTLY = "look strictly"  # a replica that has read a catalog which asks for one more approval


BY_REPLICA = frozenset({Kind.LOOK, Kind.LOOK_STRICTLY})


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody does something; whoever looks is nobody in particular."""

    kind: Kind
    person: str


@dataclass(frozen=True, slots=True)
class Race:
    """One request: what was decided before, whether its gates are open by then, and who meet."""

    number: int
    needed: int  # approvals, as it was asked for
    before: tuple[str, ...]  # who has approved it before
    opened: bool
    deeds: tuple[Deed, ...]
    listed: bool = False  # there is a checklist of one item
    ticked: bool = False  # by then
    kept: bool = False  # its release is quarantined by then, and everybody can see that
    newer: bool = False  # another request waits behind it

    @property
    def workspace(self) -> str:
        """One of its own, so that no race stands in another's way."""
        return f"T{self.number:06}"

    @property
    def needed_today(self) -> int:
        """Under the catalog that all replicas have read in the end."""
        return self.needed + any(each.kind is Kind.LOOK_STRICTLY for each in self.deeds)

    @property
    def catalog(self) -> Catalog:
        """As it was asked for."""
        return catalog_for(self.needed, self.listed)

    @property
    def strict(self) -> Catalog:
        """One more approval."""
        return catalog_for(self.needed + 1, self.listed)

    @property
    def catalog_today(self) -> Catalog:
        """As all replicas have read it in the end."""
        return catalog_for(self.needed_today, self.listed)


WEIGHTS = {
    Kind.APPROVE: 8,
    Kind.REJECT: 3,
    Kind.TAKE_BACK: 3,
    Kind.CANCEL: 2,
    Kind.LOCK: 1,
    Kind.LOOK: 4,
    Kind.LOOK_STRICTLY: 1,
    Kind.TICK: 4,
    Kind.UNTICK: 2,
    Kind.QUARANTINE: 2,
    Kind.OVERRIDE: 4,
    Kind.HAND_OVER: 3,
}


def races(random: Random, first: int, count: int) -> Iterator[Race]:
    """So many, numbered from `first`."""
    for number in range(first, first + count):
        yield _race(random, number)


def before(race: Race) -> tuple[Deed, ...]:
    """What was decided before they meet."""
    voted = tuple(Deed(Kind.APPROVE, person) for person in race.before)
    ticked = (Deed(Kind.TICK, ADA.id),) if race.ticked else ()
    kept = (Deed(Kind.QUARANTINE, OUTSIDER.id),) if race.kept else ()
    return voted + ticked + kept


@cache
def catalog_for(needed: int, listed: bool) -> Catalog:
    """One place, where so many of the deciders must agree and the asker does not count."""
    approvals = Approvals((ApprovalRule(needed, (SRE,)),), exclude=(Exclusion.REQUESTER,))
    pipeline = replace(PIPELINE, pin=Pin.CHECK)  # a tag of ours would only take time here
    ticked = Checklist((Tick(ITEM),) if listed else ())
    rules = policy(approvals=approvals, who=(EVERYONE,), pipeline=pipeline, checklist=ticked, rights=RIGHTS)
    place = Environment("staging", rules)
    return Catalog((service("api", place),), Channels(default="#deploys"))


def _race(random: Random, number: int) -> Race:
    needed = random.randint(1, 2)
    voted = random.sample(DECIDERS, random.randint(0, needed))
    listed, newer, kept = random.random() < 0.25, random.random() < 0.2, random.random() < 0.2
    ticked = listed and random.random() < 0.6
    judged = len(voted) == needed and not kept and ticked is listed
    opened = judged and random.random() < 0.5
    plain = Race(number, needed, tuple(each.id for each in voted), opened, (), listed, ticked, kept, newer)
    return replace(plain, deeds=_deeds(random, plain))


def _deeds(random: Random, race: Race) -> tuple[Deed, ...]:
    """Often somebody clicks twice; seldom somebody who may not."""
    vain = set() if race.listed else {Kind.TICK, Kind.UNTICK}
    vain |= {Kind.QUARANTINE} if race.kept else {Kind.OVERRIDE}
    vain |= set() if race.newer else {Kind.HAND_OVER}
    weights = {kind: weight for kind, weight in WEIGHTS.items() if kind not in vain}
    deeds: list[Deed] = []
    for _ in range(random.choices(range(2, MOST + 1), (4, 3, 2, 1))[0]):
        if deeds and random.random() < 0.2:
            deeds.append(replace(random.choice(deeds)))
            continue
        kind = random.choices(list(weights), list(weights.values()))[0]
        deeds.append(Deed(kind, _who(random, kind).id))
    return tuple(deeds)


def _who(random: Random, kind: Kind) -> Person:
    if kind in (Kind.CANCEL, Kind.HAND_OVER):
        return ASKER
    return random.choices((*DECIDERS, ASKER, OUTSIDER), (6, 6, 6, 1, 1))[0]
