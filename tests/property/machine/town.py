"""Who lives there and under which rules: the catalogs that the machine changes between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from bot.core.catalog import Catalog, Channels, Environment, Policy
from bot.core.identity import Identity, RepositoryRole
from bot.core.linking import Account
from bot.core.people import PeopleSet, SlackGroup
from bot.core.rules import (
    ApprovalRule,
    Approvals,
    Checklist,
    Exclusion,
    RecurringFreeze,
    Right,
    Rights,
    Tick,
    UnknownAuthors,
)
from bot.core.values import Person
from tests.fakes.samples import EVERYONE, NOON, PIPELINE, policy, service
from tests.property.approvals import LEADS, SRE, Point

EXPIRES = timedelta(hours=1)
AUTHOR = "grace"  # wrote every commit there is


def _person(name: str, *groups: str, login: str = "", guest: bool = False, stranger: bool = False) -> Person:
    return Person(
        f"U0{name.upper()}",
        name,
        NOON,
        groups=frozenset(groups),
        guest=guest,
        stranger=stranger,
        login=login or name.lower(),
        account_id=(login or name).lower(),  # as long as a login stays the same, so does its number
    )


ANN = _person("Ann", "sre")
BOB, BOB2 = _person("Bob", "sre"), _person("Bob2", "sre", "leads", login="BOB")  # one human, two accounts
CYD = _person("Cyd", "leads")
GRACE = _person("Grace", "sre", "leads")
GUS = _person("Gus", "sre", "leads", guest=True)
SAM = _person("Sam", "sre", stranger=True)
KIT = _person("Kit")
PEOPLE: Mapping[str, Person] = {each.id: each for each in (ANN, BOB, BOB2, CYD, GRACE, GUS, SAM, KIT)}

BOTH = (ApprovalRule(1, (SRE,)), ApprovalRule(1, (LEADS,)))
ALL = (Exclusion.REQUESTER, Exclusion.AUTHORS, Exclusion.CO_AUTHORS)
LIFTING = (Right.OVERRIDE_FREEZE, Right.OVERRIDE_CHECKLIST, Right.OVERRIDE_QUARANTINE)
RIGHTS = Rights(((Right.EMERGENCY, (SRE,)), *((each, (LEADS,)) for each in LIFTING)))
STOCKTAKING = RecurringFreeze("0 13 * * *", timedelta(hours=2), "UTC", "stocktaking")
GUARDED, OPEN = "staging", "canary"
BACKUP, PHONES = "the backup is done", "support knows of it"


@dataclass(frozen=True, slots=True)
class Regime:
    """What slipway.yml says for a while; the open place asks for nobody, the freeze is for both.

    The service is owned by the leads, who also may let a deployment pass freeze, checklist and quarantine.
    """

    rules: tuple[ApprovalRule, ...]
    exclude: tuple[Exclusion, ...] = ALL
    frozen: bool = False
    items: tuple[str, ...] = ()  # of the checklist

    def rules_of(self, environment: str) -> tuple[ApprovalRule, ...]:
        """Who must agree there."""
        return self.rules if environment == GUARDED else ()

    def items_of(self, environment: str) -> tuple[str, ...]:
        """What must be ticked there."""
        return self.items if environment == GUARDED else ()

    def closed(self, at: datetime) -> bool:
        """Whether the stocktaking goes on, told without a calendar of ours."""
        return self.frozen and at.hour in (13, 14)

    def point(self, environment: str, requester: Person) -> Point:
        """The question for the second opinion on approvals."""
        rules = self.rules_of(environment)
        return Point(rules, self.exclude, UnknownAuthors.CLOSED, False, (AUTHOR, ""), requester, None, ())


REGIMES = (
    Regime((ApprovalRule(1, (SRE,)),)),
    Regime((ApprovalRule(1, (SRE,)),), exclude=(Exclusion.REQUESTER,), frozen=True),
    Regime(BOTH, items=(BACKUP,)),
    Regime((ApprovalRule(2, (SRE, LEADS)),), frozen=True, items=(BACKUP, PHONES)),
)


@cache
def catalog_for(regime: Regime) -> Catalog:
    """The same as a catalog."""

    def rules(environment: str) -> Policy:
        approvals = Approvals(regime.rules_of(environment), regime.exclude, expires=EXPIRES)
        freezes = (STOCKTAKING,) if regime.frozen else ()
        pipeline = replace(PIPELINE, accepts=())
        before = Checklist(tuple(Tick(each) for each in regime.items_of(environment)))
        plain = policy(approvals=approvals, freezes=freezes, who=(EVERYONE,), rights=RIGHTS, checklist=before)
        return replace(plain, pipeline=pipeline)

    places = (Environment(name, rules(name)) for name in (GUARDED, OPEN))
    owned = service("api", *places, owners=(LEADS,), rights=RIGHTS)
    return Catalog((owned,), Channels(default="#deploys"), rights=RIGHTS)


class Writers:
    """The port Accounts: everybody may write."""

    async def identity(self, repository: str, account: Account) -> Identity:  # noqa: ARG002
        return Identity(account.login, RepositoryRole.WRITE)


def full(person: Person) -> bool:
    """Whether they belong here, and are still here."""
    return person.active and not person.guest and not person.stranger


def in_group(person: Person, people: PeopleSet) -> bool:
    """Whether a full member is in it."""
    assert isinstance(people.rule, SlackGroup)
    return full(person) and people.rule.handle in person.groups
