"""Subscriptions of the catalog: services and environments that there are, and nothing twice."""

from __future__ import annotations

from bot.config.document import Path
from bot.config.findings import Findings
from bot.config.shape import CatalogShape, SubscriptionShape
from bot.core.subscriptions import made


def check_subscriptions(shape: CatalogShape, findings: Findings) -> None:
    """Each by itself, and against those before it."""
    seen: dict[tuple[str, str], int] = {}
    for index, each in enumerate(shape.subscriptions):
        path: Path = ("subscriptions", index)
        _check_names(path, each, shape, findings)
        said = made(each.services, each.env, each.on, each.branch, each.workflow).said
        first = seen.setdefault((each.channel, said), index)
        if first != index:
            findings.wrong(path, f"{each.channel} hears of that already", "take one of the two out")


def _check_names(path: Path, each: SubscriptionShape, shape: CatalogShape, findings: Findings) -> None:
    known = findings.names("services")
    for index, name in enumerate(each.services):
        if name not in known:
            findings.unknown((*path, "services", index), "service", name, known, "there is no such service")
    there = _environments(each, shape)
    for index, name in enumerate(each.env):
        if name not in there:
            otherwise = f"there are: {', '.join(there)}" if there else "these services have none"
            findings.unknown((*path, "env", index), "environment", name, there, otherwise)
    if not each.on:
        findings.wrong((*path, "on"), "a subscription to nothing", "leave `on` out for the usual events")


def _environments(each: SubscriptionShape, shape: CatalogShape) -> tuple[str, ...]:
    """Those of any of its services."""
    wanted = [
        service for name, service in shape.services.items() if not each.services or name in each.services
    ]
    return tuple(dict.fromkeys(name for service in wanted for name in service.environments))
