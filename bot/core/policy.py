"""authorise(): the one place that decides who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.core.archive import Extent
from bot.core.catalog import Catalog, Environment, Policy, Service
from bot.core.errors import Denied, UserError
from bot.core.locks import Scope
from bot.core.people import Who, as_of_late, is_member, none_of, sources
from bot.core.records import Deployment
from bot.core.rolling_back import rollers
from bot.core.rules import Right
from bot.core.ticking import tickers
from bot.core.values import Person
from bot.core.voting import voters


class Permission(StrEnum):
    """What a surface may ask to do."""

    LOOK = "look"
    EXPLAIN = "explain"  # who may do what here: everybody of this workspace
    AUDIT = "read the audit trail"  # of one place, or of any at all
    DEPLOY = "deploy"
    RUN = "start"  # a workflow of the catalog
    ROLL_BACK = "roll back"  # who may deploy there, and the owners
    RESTORE = "restore the database"  # who may let something go back over migrations
    CANCEL = "cancel"  # the requester, who may deploy there, and the owners
    SETTLE = "settle"  # say what became of a dispatch: the same people
    DECIDE = "decide"  # approve or reject; who may on one request is for bot.core.voting to say
    TICK = "tick the checklist"  # who may deploy there, whom its approvals ask for, and the owners
    OVERRIDE = "override"  # let a deployment pass a rule; each rule names those who may
    QUARANTINE = "quarantine releases"  # who may deploy there, the owners, and who may override that
    LIFT_QUARANTINE = "lift quarantines"  # the owners, and who may override them
    EMERGENCY = "break the glass"  # deploy without approvals and in spite of a freeze
    REVIEW = "review emergencies"  # afterwards; never one's own
    HAND_OVER = "hand over a place in the line"  # the owners, and whoever asked for what gives way
    LOCK = "lock"  # who may deploy there, the owners, and who may break locks
    UNLOCK = "unlock"  # whoever holds a lock may end it, wherever they work by now
    BREAK_LOCK = "break locks"
    AWAIT_LOCK = "wait for a lock"  # every member: they are only told of what they see anyway
    SUBSCRIBE = "subscribe channels"
    UNSUBSCRIBE = "unsubscribe"  # whoever made it, the owners, and who may subscribe to the same
    ADMIN = "admin"
    LINK = "link accounts"  # one's own
    SETTINGS = "choose settings"  # one's own


READING = frozenset({Permission.LOOK, Permission.EXPLAIN, Permission.AUDIT})  # these change nothing
# What can't wait until the code host says again who is in its teams.
OF_LATE = frozenset({Permission.ROLL_BACK, Permission.EMERGENCY})

# What everybody here may ask for; where it is about something of somebody, that says who may.
OPEN: Mapping[Permission, str] = {
    Permission.LOOK: "everybody here may look",
    Permission.EXPLAIN: "everybody of this workspace may ask",
    Permission.DECIDE: "each request says who may decide on it",
    Permission.OVERRIDE: "each rule names those who may override it",
    Permission.UNLOCK: "whoever holds or made it may end it",
    Permission.UNSUBSCRIBE: "whoever holds or made it may end it",
    Permission.AWAIT_LOCK: "everybody here may wait",
    Permission.LINK: "everybody of this workspace may link their own account",
    Permission.SETTINGS: "everybody of this workspace may choose for themselves",
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes, and by which of the catalog's names."""

    source: str


def authorise(
    permission: Permission,
    person: Person,
    catalog: Catalog,
    service: Service | None = None,
    environment: Environment | None = None,
    requester: str | None = None,
) -> Allowed:
    """Answers for every surface alike; raises Denied with what, why and who can."""
    must_belong(permission, person)
    person = as_of_late(person) if permission in OF_LATE else person
    rights = environment.policy.rights if environment else catalog.rights
    match permission:
        case (
            Permission.LOOK
            | Permission.EXPLAIN
            | Permission.DECIDE
            | Permission.OVERRIDE
            | Permission.UNLOCK
            | Permission.UNSUBSCRIBE
            | Permission.AWAIT_LOCK
            | Permission.LINK
            | Permission.SETTINGS
        ):
            return Allowed(OPEN[permission])
        case Permission.AUDIT:
            return _listed(permission, person, _auditors(person, catalog, service, environment), None, None)
        case Permission.RUN if environment is None:
            return Allowed("each workflow names those who may start it")
        case Permission.DEPLOY | Permission.RUN:
            return _listed(permission, person, _deployers(environment), service, environment)
        case Permission.ROLL_BACK:
            return _listed(permission, person, _rollers(environment), service, environment)
        case Permission.CANCEL | Permission.SETTLE:
            if requester is not None and person.id == requester:
                return Allowed("who asked for it")
            who = _deployers(environment) + (service.owners if service else ())
            return _listed(permission, person, who, service, environment)
        case Permission.TICK:
            who = tickers(environment.policy) if environment else ()
            return _listed(permission, person, who, service, environment)
        case Permission.QUARANTINE | Permission.LIFT_QUARANTINE | Permission.RESTORE:
            if environment is None:
                return Allowed("each place names those who may")
            who = _guardians(permission, environment.policy)
            return _listed(permission, person, who, service, environment)
        case Permission.EMERGENCY:
            return _listed(permission, person, rights.of(Right.EMERGENCY), service, environment)
        case Permission.REVIEW:
            return _may_review(person, service, environment, requester)
        case Permission.HAND_OVER:
            return _may_hand_over(person, service, environment, requester)
        case Permission.LOCK | Permission.BREAK_LOCK:
            who = _lock_deciders(permission, person, catalog, service, environment)
            return _listed(permission, person, who, service, environment)
        case Permission.SUBSCRIBE:
            who = _subscribers(person, catalog, service, environment)
            return _listed(permission, person, who, service, environment)
        case Permission.ADMIN:
            return _listed(permission, person, rights.of(Right.ADMIN), service, environment)


def authorise_on(permission: Permission, person: Person, catalog: Catalog, deployment: Deployment) -> Allowed:
    """The same, on something that was asked for; UserError where its place has left the catalog."""
    wish = deployment.wish
    service = catalog.service(wish.service)
    environment = catalog.environment(wish.service, wish.environment)
    if service is None or environment is None:
        raise UserError(
            f"The catalog no longer knows {wish.service} in {wish.environment}.",
            f"So nobody can say who may {permission} there.",
            "An administrator can add it to slipway.yml again.",
        )
    return authorise(permission, person, catalog, service, environment, deployment.requested_by.id)


def visible(person: Person, service: Service) -> bool:
    """Whether this person may know of it at all; people of other organisations where it says so."""
    if service.visible_to is not None:
        return is_member(service.visible_to, person)
    return not person.stranger or service.external


def visible_services(person: Person, catalog: Catalog) -> tuple[Service, ...]:
    """The services this person may know of, in the catalog's order."""
    return tuple(each for each in catalog.services if visible(person, each))


def visible_names(person: Person, catalog: Catalog) -> frozenset[str]:
    """Of the services this person may know of."""
    return frozenset(each.name for each in visible_services(person, catalog))


def audit_scope(person: Person, catalog: Catalog) -> Extent:
    """Of which places this person may read the records: where the nearest word on the right names them."""
    places = [
        (service.name, environment.name)
        for service in visible_services(person, catalog)
        for environment in service.environments
        if is_member(environment.policy.rights.of(Right.AUDIT), person)
    ]
    places += [
        (service.name, "")  # what concerns a service as a whole
        for service in visible_services(person, catalog)
        if is_member(service.rights.of(Right.AUDIT), person)
    ]
    return Extent(frozenset(places), is_member(catalog.rights.of(Right.AUDIT), person))


def _auditors(
    person: Person, catalog: Catalog, service: Service | None, environment: Environment | None
) -> Who:
    """Those of one place; of none, whoever may somewhere: what they see is then their scope."""
    if environment is not None:
        return environment.policy.rights.of(Right.AUDIT)
    services = (service,) if service else visible_services(person, catalog)
    granted = [each.policy.rights for one in services for each in one.environments]
    granted += [] if service else [catalog.rights]
    return tuple(dict.fromkeys(who for rights in granted for who in rights.of(Right.AUDIT)))


def _subscribers(
    person: Person,
    catalog: Catalog,
    service: Service | None,
    environment: Environment | None,
) -> Who:
    """Those of one place or service; of none, whoever may somewhere."""
    if environment is not None:
        return environment.policy.rights.of(Right.SUBSCRIBE)
    if service is not None:
        return service.rights.of(Right.SUBSCRIBE)
    seen = visible_services(person, catalog)
    granted = [catalog.rights, *(each.rights for each in seen)]
    granted += [place.policy.rights for each in seen for place in each.environments]
    return tuple(dict.fromkeys(who for rights in granted for who in rights.of(Right.SUBSCRIBE)))


def _deployers(environment: Environment | None) -> Who:
    return environment.policy.who if environment else ()


def _rollers(environment: Environment | None) -> Who:
    return rollers(environment.policy) if environment else ()


def authorise_scope(permission: Permission, person: Person, catalog: Catalog, scope: Scope) -> Allowed:
    """As `authorise`, for each of the places that a scope covers; without any, as for no place."""
    places = scope.places(catalog)
    if not places:
        return authorise(permission, person, catalog)
    must_belong(permission, person)
    allowed = Allowed("")
    for service, environment in places:
        if visible(person, service):
            allowed = authorise(permission, person, catalog, service, environment)
        elif not is_member(_lockers(permission, service, environment), person):
            raise Denied(
                f"You can't {permission} so widely: {scope}.",
                "It holds more than you may decide about.",
                "Name one service, or ask an administrator.",
            )
    return allowed


def _may_review(
    person: Person, service: Service | None, environment: Environment | None, requester: str | None
) -> Allowed:
    """Those who could have approved it, own the service, or may break the glass themselves."""
    if service is None or environment is None:
        return Allowed("each emergency says who may review it")
    if requester is not None and person.id == requester:
        raise Denied(
            "You can't review your own emergency.",
            "Two other people look at it afterwards.",
            "Ask them: `/review` lists what waits for it.",
        )
    policy = environment.policy
    who = voters(policy.approvals) + service.owners + policy.rights.of(Right.EMERGENCY)
    return _listed(Permission.REVIEW, person, who, service, environment)


def _may_hand_over(
    person: Person, service: Service | None, environment: Environment | None, requester: str | None
) -> Allowed:
    if service is None or environment is None:
        return Allowed("each request has its owners")
    if requester is not None and person.id == requester:
        return Allowed("who asked for it")
    return _listed(Permission.HAND_OVER, person, service.owners, service, environment)


def _lock_deciders(
    permission: Permission,
    person: Person,
    catalog: Catalog,
    service: Service | None,
    environment: Environment | None,
) -> Who:
    """Those of one place; without one, whoever may somewhere."""
    if service is not None and environment is not None:
        return _lockers(permission, service, environment)
    services = (service,) if service else visible_services(person, catalog)
    places = [(each, place) for each in services for place in each.environments]
    who = [each for one, place in places for each in _lockers(permission, one, place)]
    return tuple(dict.fromkeys((*who, *catalog.rights.of(Right.BREAK_LOCK))))


def _guardians(permission: Permission, policy: Policy) -> Who:
    """To keep something out takes less than to let it in again.

    To restore a database throws away what was written since, which one right decides on wherever it happens.
    """
    if permission is Permission.RESTORE:
        return policy.rights.of(Right.OVERRIDE_MIGRATIONS)
    lifters = policy.owners + policy.rights.of(Right.OVERRIDE_QUARANTINE)
    return policy.who + lifters if permission is Permission.QUARANTINE else lifters


def _lockers(permission: Permission, service: Service, environment: Environment) -> Who:
    breakers = environment.policy.rights.of(Right.BREAK_LOCK)
    if permission is Permission.BREAK_LOCK:
        return breakers
    return environment.policy.who + service.owners + breakers


def must_belong(permission: Permission, person: Person) -> None:
    """Denied for who left, and for people of other organisations unless they only look."""
    if not person.active:
        raise Denied(
            "This account is deactivated.", "A person who left may do nothing here.", "Ask a colleague."
        )
    if person.guest and permission is Permission.DECIDE:
        raise Denied(
            "Guests never decide on deployments.",
            "That takes a full member of this workspace.",
            "Ask one of those whom the card names.",
        )
    if person.guest and permission is Permission.OVERRIDE:
        raise Denied(
            "Guests never override a rule.",
            "That takes a full member of this workspace.",
            "Ask one of those whom the card names.",
        )
    if person.guest and permission in (
        Permission.TICK,
        Permission.LIFT_QUARANTINE,
        Permission.EMERGENCY,
        Permission.RESTORE,
        Permission.REVIEW,
        Permission.HAND_OVER,
    ):
        raise Denied(
            f"Guests never {permission}.",
            "That takes a full member of this workspace.",
            "Ask somebody who may deploy here.",
        )
    if person.stranger and permission is not Permission.LOOK:
        raise Denied(
            "People of other organisations can't do this.",
            "You reach this channel from outside the workspace.",
            "Ask a member of this workspace.",
        )


def _listed(
    permission: Permission,
    person: Person,
    who: Who,
    service: Service | None,
    environment: Environment | None,
) -> Allowed:
    if is_member(who, person):
        return Allowed(" and ".join(sources(who, person)))
    where = _where(permission, service.name, environment.name) if service and environment else ""
    names = ", ".join(dict.fromkeys(each.name for each in who))
    raise Denied(
        f"You can't {permission}{where}.",
        none_of(who, person) if names else "The catalog allows nobody to.",
        f"Ask somebody of {names}." if names else "An administrator can change slipway.yml.",
    )


def _where(permission: Permission, service: str, environment: str) -> str:
    match permission:
        case Permission.LOCK | Permission.ROLL_BACK:
            return f" {service} in {environment}"
        case Permission.BREAK_LOCK:
            return f" on {service} in {environment}"
        case (
            Permission.REVIEW
            | Permission.TICK
            | Permission.QUARANTINE
            | Permission.LIFT_QUARANTINE
            | Permission.RESTORE
        ):
            return f" of {service} in {environment}"
        case Permission.RUN:
            return f" {environment} of {service}"
        case Permission.EMERGENCY | Permission.HAND_OVER:
            return f" for {service} in {environment}"
        case Permission.SUBSCRIBE:
            return f" to {service} in {environment}"
        case (
            Permission.LOOK
            | Permission.DEPLOY
            | Permission.CANCEL
            | Permission.SETTLE
            | Permission.UNLOCK
            | Permission.AWAIT_LOCK
            | Permission.DECIDE
            | Permission.OVERRIDE
            | Permission.LINK
            | Permission.SETTINGS
            | Permission.EXPLAIN
            | Permission.AUDIT
            | Permission.UNSUBSCRIBE
            | Permission.ADMIN
        ):
            return f" {service} to {environment}"
