"""Who a person is at the code host, and which rules ask for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from bot.core.catalog import Policy, Tier
from bot.core.rules import Exclusion
from bot.core.values import Person

SETTLED_AFTER = timedelta(hours=24)
BY_CODE = frozenset(Exclusion) - {Exclusion.REQUESTER}


class RepositoryRole(IntEnum):
    """What an account may do in a repository; each may do what those before it may."""

    NONE = 0
    READ = 1
    WRITE = 2
    ADMIN = 3


NEEDED = RepositoryRole.WRITE  # what the code host itself asks of those who start a workflow


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's own account and what it may do, as read just now; no login: nothing is linked."""

    login: str | None = None
    role: RepositoryRole = RepositoryRole.NONE
    read_at: datetime | None = None  # when, where it was not just now: the code host does not answer


def asks_for_account(policy: Policy) -> bool:
    """Whether a rule here compares people with those who wrote the code, which takes their accounts."""
    return bool(policy.approvals.rules) and not BY_CODE.isdisjoint(policy.approvals.exclude)


def too_new_to_vote(person: Person, policy: Policy, now: datetime) -> bool:
    """In production a fresh link does not vote: whoever stole one shall be noticed first."""
    if policy.tier is not Tier.PRODUCTION or person.linked_at is None or person.link_confirmed:
        return False
    return now - person.linked_at < SETTLED_AFTER


def settled(person: Person, policy: Policy, now: datetime) -> Person:
    """As they count for a vote: the teams hang on the link, and a new one does not vote in production."""
    return replace(person, teams=frozenset()) if too_new_to_vote(person, policy, now) else person
