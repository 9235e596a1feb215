"""Which decisions meet, and under which policy: drawn from a seed, so that a race can be run again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from random import Random

from bot.core.catalog import Catalog, Channels, Environment
from bot.core.pipelines import Pin
from bot.core.rules import ApprovalRule, Approvals, Exclusion
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


class Kind(StrEnum):
    """What somebody does."""

    APPROVE = "approve"
    REJECT = "reject"
    TAKE_BACK = "take back"
    CANCEL = "cancel"
    LOCK = "lock"
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

    @property
    def workspace(self) -> str:
        """One of its own, so that no race stands in another's way."""
        return f"T{self.number:06}"

    @property
    def needed_today(self) -> int:
        """Under the catalog that all replicas have read in the end."""
        return self.needed + any(each.kind is Kind.LOOK_STRICTLY for each in self.deeds)


WEIGHTS = {
    Kind.APPROVE: 8,
    Kind.REJECT: 3,
    Kind.TAKE_BACK: 3,
    Kind.CANCEL: 2,
    Kind.LOCK: 1,
    Kind.LOOK: 4,
    Kind.LOOK_STRICTLY: 1,
}


def races(random: Random, first: int, count: int) -> Iterator[Race]:
    """So many, numbered from `first`."""
    for number in range(first, first + count):
        yield _race(random, number)


@cache
def catalog_for(needed: int) -> Catalog:
    """One place, where so many of the deciders must agree and the asker does not count."""
    approvals = Approvals((ApprovalRule(needed, (SRE,)),), exclude=(Exclusion.REQUESTER,))
    pipeline = replace(PIPELINE, pin=Pin.CHECK)  # a tag of ours would only take time here
    place = Environment("staging", policy(approvals=approvals, who=(EVERYONE,), pipeline=pipeline))
    return Catalog((service("api", place),), Channels(default="#deploys"))


def _race(random: Random, number: int) -> Race:
    needed = random.randint(1, 2)
    voted = random.sample(DECIDERS, random.randint(0, needed))
    opened = len(voted) == needed and random.random() < 0.5
    return Race(number, needed, tuple(each.id for each in voted), opened, _deeds(random))


def _deeds(random: Random) -> tuple[Deed, ...]:
    """Often somebody clicks twice; seldom somebody who may not."""
    deeds: list[Deed] = []
    for _ in range(random.choices(range(2, MOST + 1), (4, 3, 2, 1))[0]):
        if deeds and random.random() < 0.2:
            deeds.append(replace(random.choice(deeds)))
            continue
        kind = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        deeds.append(Deed(kind, _who(random, kind).id))
    return tuple(deeds)


def _who(random: Random, kind: Kind) -> Person:
    if kind is Kind.CANCEL:
        return ASKER
    return random.choices((*DECIDERS, ASKER, OUTSIDER), (6, 6, 6, 1, 1))[0]
