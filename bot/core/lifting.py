"""Who may let a deployment pass a freeze, and whose word counts; the same when asked and at dispatch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.core.catalog import Catalog, Policy
from bot.core.errors import Denied, UserError
from bot.core.freezing import frozen_until, thaw
from bot.core.overrides import Overridable, Override
from bot.core.people import Who, is_member, none_of
from bot.core.policy_version import fingerprint, policies_of
from bot.core.records import Deployment
from bot.core.rules import Freeze, Right
from bot.core.values import Person


def lifters(freeze: Freeze, policy: Policy) -> Who:
    """Those whom the freeze names, else those who have the right."""
    return freeze.override or policy.rights.of(Right.OVERRIDE_FREEZE)


def lifters_of_all(closed: tuple[Freeze, ...], policy: Policy) -> str:
    """Who may lift every one of those that hold; where nobody may lift all, one after the other."""
    named = [tuple(each.name for each in lifters(freeze, policy)) for freeze in closed]
    all_of_them = [name for name in dict.fromkeys(named[0]) if all(name in names for names in named)]
    if all_of_them:
        return ", ".join(all_of_them)
    return " and one of ".join(", ".join(names) for names in named) if all(named) else ""


def may_lift(person: Person, freeze: Freeze, policy: Policy) -> bool:
    """Whether this person's word opens it; guests and people of other organisations never do."""
    return not person.guest and not person.stranger and is_member(lifters(freeze, policy), person)


def lifted_by(
    freeze: Freeze, policy: Policy, deployment: Deployment, people: Iterable[Person], now: datetime
) -> Override | None:
    """The word that opens it: of somebody who still may, on this request, of this very freeze.

    A word given in one weekend is none for the next: the freeze must have held ever since. Nor is it one for
    a freeze that was written into the catalog afterwards, whenever that one says that it began.
    """
    known = {person.id: person for person in people}
    for each in deployment.overrides:
        person = known.get(each.person)
        if each.gate is not Overridable.FREEZE or each.digest != deployment.digest or person is None:
            continue
        known_then = fingerprint(freeze) in each.held
        if known_then and may_lift(person, freeze, policy) and thaw((freeze,), each.at)[0] > now:
            return each
    return None


def lifts(person: Person, deployment: Deployment, catalog: Catalog, now: datetime) -> tuple[str, ...]:
    """What their word opens: the freezes that hold now and are theirs to lift. Raises where there is none."""
    holding = [
        (freeze, policy)
        for policy in policies_of(deployment, catalog)
        for freeze in policy.freezes
        if frozen_until(freeze, now) is not None
    ]
    place = deployment.wish.environment
    if not holding:
        raise UserError(
            f"{place} is not frozen now.", "There is nothing to override.", "Its card says what holds it."
        )
    theirs = [fingerprint(freeze) for freeze, policy in holding if may_lift(person, freeze, policy)]
    if theirs:
        return tuple(dict.fromkeys(theirs))
    able = tuple(each for freeze, policy in holding for each in lifters(freeze, policy))
    who = ", ".join(dict.fromkeys(each.name for each in able))
    raise Denied(
        f"You can't override the freeze of {place}.",
        none_of(able, person) if able else "The catalog allows nobody to.",
        f"Ask somebody of {who}." if who else "It goes on by itself when the freeze is over.",
    )
