"""Who may tick a checklist, whose tick counts, and what is left; the same at a press and at dispatch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.core.catalog import Catalog, Policy
from bot.core.lifecycle import State
from bot.core.people import Who, is_member
from bot.core.policy_version import asked_under, policies_of
from bot.core.records import Deployment
from bot.core.rules import ChecklistItem, Tick
from bot.core.ticks import Ticked
from bot.core.values import Person
from bot.core.voting import OPEN_TO_VOTES, voters


def tickers(policy: Policy) -> Who:
    """Who may deploy there, whom its approvals ask for, and the owners.

    A tick says that something is so; it is no second pair of eyes, so whoever asked may tick as well.
    """
    return tuple(dict.fromkeys((*policy.who, *voters(policy.approvals), *policy.owners)))


def may_tick(person: Person, policy: Policy) -> bool:
    """Guests and people of other organisations never do."""
    return not person.guest and not person.stranger and is_member(tickers(policy), person)


def texts(items: Iterable[ChecklistItem]) -> tuple[str, ...]:
    """Those that wait for a person."""
    return tuple(dict.fromkeys(each.text for each in items if isinstance(each, Tick)))


def given(deployment: Deployment) -> Mapping[str, Ticked]:
    """The ticks on what stands there now, by item."""
    return {each.item: each for each in deployment.ticks if each.digest == deployment.digest}


def counted(deployment: Deployment, policy: Policy, people: Iterable[Person]) -> frozenset[str]:
    """The items whose tick is of somebody who may tick under this policy, as they are known now."""
    able = {person.id for person in people if may_tick(person, policy)}
    return frozenset(item for item, tick in given(deployment).items() if tick.person in able)


def open_items(deployment: Deployment, catalog: Catalog) -> tuple[str, ...]:
    """What can be ticked in its present state, by the policy it was asked under and by today's."""
    policies = policies_of(deployment, catalog)
    if deployment.state in OPEN_TO_VOTES:
        return texts(item for each in policies for item in each.checklist.before)
    if deployment.state is State.SUCCEEDED:
        return texts(item for each in policies for item in each.checklist.after)
    return ()


def afterwards(deployment: Deployment) -> tuple[ChecklistItem, ...]:
    """What is asked for when it is out; nothing waits for it."""
    policy = asked_under(deployment) if deployment.state is State.SUCCEEDED else None
    return policy.checklist.after if policy else ()
