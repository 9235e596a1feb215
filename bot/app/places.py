"""The places that a command line names."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.catalog import Catalog, Environment, Service
from bot.core.errors import UserError
from bot.core.nearest import suggestion


def place_in(catalog: Catalog, service: str, environment: str) -> tuple[Service, Environment]:
    """Of this catalog, or UserError with the nearest name."""
    entry = catalog.service(service)
    if entry is None:
        raise _unknown("service", service, [each.name for each in catalog.services])
    place = entry.environment(environment)
    if place is None:
        raise _unknown(f"environment of {service}", environment, [each.name for each in entry.environments])
    return entry, place


def _unknown(what: str, word: str, known: Iterable[str]) -> UserError:
    names = list(known)
    hint = suggestion(word, names) or f"There are {', '.join(names)}."
    return UserError(f"There is no {what} called `{word}`.", hint)
