"""Which runs a person may know of: those of the services that they may see."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.catalog import Catalog
from bot.core.pipelines import Repository
from bot.core.policy import visible, visible_names, visible_services
from bot.core.records import Deployment
from bot.core.run_news import services_of
from bot.core.runs import RunRef
from bot.core.values import Person


def visible_repositories(person: Person, catalog: Catalog) -> tuple[Repository, ...]:
    """Each once, in the catalog's order."""
    return tuple(dict.fromkeys(each.repository for each in visible_services(person, catalog)))


def visible_repository(person: Person, catalog: Catalog, name: str) -> Repository | None:
    """As the catalog writes it; code hosts don't tell capitals apart."""
    known = visible_repositories(person, catalog)
    return next((each for each in known if each.full_name.lower() == name.lower()), None)


def may_see_run(
    person: Person, catalog: Catalog, ref: RunRef, path: str, owners: Iterable[Deployment]
) -> bool:
    """A run of deployments is as visible as they are; any other as the services whose it is."""
    services = {each.wish.service for each in owners}
    if services:
        return not services.isdisjoint(visible_names(person, catalog))
    return any(visible(person, each) for each in services_of(catalog, ref, path))
