"""Whose word lets one deployment pass a rule, and how much of the rule; the same when given and at dispatch.

Freezes name those who may lift them, so they have words of their own: see `bot.core.lifting`. Going back over
a migration takes two people: whoever asked for the rollback does not let it pass themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.core.catalog import Catalog, Policy
from bot.core.emergencies import is_emergency
from bot.core.errors import Denied, UserError
from bot.core.lifting import lifts
from bot.core.overrides import Overridable, Override
from bot.core.people import is_member, none_of
from bot.core.policy_version import policies_of
from bot.core.records import Deployment
from bot.core.rules import Right
from bot.core.values import HURRIES, Kind, Person
from bot.core.verdicts import passes
from bot.core.voting import names

RIGHTS: Mapping[Overridable, Right] = {
    Overridable.FREEZE: Right.OVERRIDE_FREEZE,
    Overridable.CHECKLIST: Right.OVERRIDE_CHECKLIST,
    Overridable.MIGRATIONS: Right.OVERRIDE_MIGRATIONS,
    Overridable.QUARANTINE: Right.OVERRIDE_QUARANTINE,
}
SAID: Mapping[Overridable, str] = {
    Overridable.FREEZE: "the freeze",
    Overridable.CHECKLIST: "the checklist",
    Overridable.MIGRATIONS: "the rule on migrations",
    Overridable.QUARANTINE: "the quarantine",
}


def may_pass(person: Person, gate: Overridable, policy: Policy) -> bool:
    """Guests and people of other organisations never do."""
    return not person.guest and not person.stranger and is_member(policy.rights.of(RIGHTS[gate]), person)


def takes_two(gate: Overridable, deployment: Deployment) -> bool:
    """Whether who asked needs another's word; in an emergency the review after it takes that one's place."""
    if gate is not Overridable.MIGRATIONS or is_emergency(deployment):
        return False
    return deployment.wish.kind in HURRIES


def passed_by(
    gate: Overridable, part: str, policy: Policy, deployment: Deployment, people: Iterable[Person]
) -> Override | None:
    """The word that opens it: on this request, of exactly this, by somebody who still may."""
    able = {person.id for person in people if may_pass(person, gate, policy)}
    if takes_two(gate, deployment):
        able.discard(deployment.requested_by.id)
    for each in deployment.overrides:
        on_this = each.gate is gate and each.digest == deployment.digest and part in each.held
        if on_this and each.person in able:
            return each
    return None


def how_to_pass(gate: Overridable, policy: Policy, deployment: Deployment) -> str:
    """Who may let it pass, and how they say so; empty where nobody may."""
    who = policy.rights.of(RIGHTS[gate])
    if not who:
        return ""
    second = takes_two(gate, deployment)
    other = f" other than {deployment.requested_by.name}, who asked for it," if second else ""
    typed = f"`/override #{deployment.number} {gate} because ...`"
    return f"Somebody of {names(who)}{other} may let it pass: {typed}"


def closed_gates(deployment: Deployment) -> tuple[Overridable, ...]:
    """Those that hold it, as they were judged last, and that somebody may let it pass."""
    closed = {each.gate for each in deployment.verdicts if not passes(each)}
    return tuple(each for each in Overridable if each in closed)


def covers(
    gate: Overridable, person: Person, deployment: Deployment, catalog: Catalog, now: datetime
) -> tuple[str, ...]:
    """What their word opens: what holds now and is theirs to let pass. Raises where there is nothing."""
    if gate is Overridable.FREEZE:
        return lifts(person, deployment, catalog, now)
    closed = next((each for each in deployment.verdicts if each.gate == gate and not passes(each)), None)
    if closed is None or not closed.held:
        raise UserError(
            f"{SAID[gate].capitalize()} does not hold #{deployment.number} now.",
            "There is nothing to override.",
            "Its card says what holds it.",
        )
    policies = policies_of(deployment, catalog)
    able = tuple(each for policy in policies for each in policy.rights.of(RIGHTS[gate]))
    what = f"You can't override {SAID[gate]} of {deployment.wish.environment}."
    if not any(may_pass(person, gate, policy) for policy in policies):
        raise Denied(
            what,
            none_of(able, person) if able else "The catalog allows nobody to.",
            f"Ask somebody of {names(able)}." if able else "An administrator can change slipway.yml.",
        )
    if takes_two(gate, deployment) and person.id == deployment.requested_by.id:
        kind = deployment.wish.kind
        done = "what is lost with it" if kind is Kind.RESTORE else "going back over a migration"
        raise Denied(
            what,
            f"You asked for this {kind} yourself, and {done} takes a second person.",
            f"Ask somebody else of {names(able)}.",
        )
    return closed.held
