"""Whom to ring where nothing moves until somebody answers: for people to see, so it may be minutes old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.catalog import Catalog
from bot.core.crowds import most_of, named_in
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.listing import lists_of
from bot.core.people import Who, is_member
from bot.core.ports import Directory
from bot.core.records import Deployment
from bot.core.values import Person
from bot.core.voting import names

MOST = 20  # people who are rung at once


@dataclass(frozen=True, slots=True)
class Owners:
    """Those of a service, as far as they are known."""

    named: str = ""  # the sets, as the catalog calls them; empty where it names none
    people: tuple[Person, ...] = ()  # by name, and never whoever knows already
    whole: bool = True  # False: there are others, whom nobody listed


async def owners_now(directory: Directory, catalog: Callable[[], Catalog], deployment: Deployment) -> Owners:
    """Besides whoever asked, by today's catalog."""
    service = catalog().service(deployment.wish.service)
    return await _besides(directory, deployment, service.owners) if service else Owners()


async def notified_now(
    directory: Directory, catalog: Callable[[], Catalog], deployment: Deployment
) -> Owners:
    """Those whom `notify` of its environment names, in the same way."""
    place = catalog().environment(deployment.wish.service, deployment.wish.environment)
    return await _besides(directory, deployment, place.notify) if place else Owners()


async def _besides(directory: Directory, deployment: Deployment, who: Who) -> Owners:
    asked = frozenset({deployment.requested_by.id})
    return await listed(directory, deployment.workspace, who, asked)


async def listed(
    directory: Directory, workspace: str, who: Who, besides: frozenset[str] = frozenset()
) -> Owners:
    """Who can't be read is left out, for what has to be said can't wait for them."""
    if not who:
        return Owners()
    lists = await lists_of(directory, workspace, who, fresh=False)
    ids = sorted(named_in(who, lists.known) - besides)
    whole = most_of(who, lists.whole) is not None and len(ids) <= MOST
    people: list[Person] = []
    for id in ids[:MOST]:
        try:
            person = await directory.person(workspace, id)
        except (Transient, NeedsHuman, UserError):
            whole = False
            continue
        if is_member(who, person) and not person.guest and not person.stranger:
            people.append(person)
    return Owners(names(who), tuple(sorted(people, key=lambda each: each.name.lower())), whole)
