"""Alerts must lead to one place, and to somebody who can confirm them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from bot.config.build_alerts import in_order
from bot.config.document import Path
from bot.config.findings import Findings
from bot.config.shape import CatalogShape
from bot.config.shape_alerts import AlertsShape
from bot.core.alert_rules import overlap

_Place = tuple[Path, str, AlertsShape]


def check_alerts(shape: CatalogShape, findings: Findings) -> None:
    """Each by itself, then each two of them."""
    for name in sorted(shape.prometheus.keys() & shape.alertmanager.keys()):
        said = f"`{name}` is the name of a Prometheus, too"
        findings.wrong(("alertmanager", name), said, "rename one of the two", key=True)
    found = list(_places(shape))
    for path, _, alerts in found:
        _check(path, alerts, shape, findings)
    for (_, one, first), (path, other, second) in combinations(found, 2):
        if first.confirm == second.confirm and overlap(in_order(first.match), in_order(second.match)):
            hint = "give both a label of the same name with different values"
            findings.wrong((*path, "match"), f"an alert could be of {one} and of {other}", hint)


def _places(shape: CatalogShape) -> Iterator[_Place]:
    """Every environment that says more than its defaults do."""
    for service, each in shape.services.items():
        for environment, place in each.environments.items():
            path: Path = ("services", service, "environments", environment, "alerts")
            if place.alerts is not None and (place.alerts.match or place.alerts != shape.defaults.alerts):
                yield path, f"{service} in {environment}", place.alerts


def _check(path: Path, alerts: AlertsShape, shape: CatalogShape, findings: Findings) -> None:
    if not alerts.match:
        if not findings.is_written((*path, "match")) or not findings.names(*map(str, path), "match"):
            findings.wrong(path, "`match` is missing", "name labels, such as `match: {service: api}`")
    elif alerts.confirm is None:
        if not findings.is_written((*path, "confirm")):
            hint = "name a Prometheus or an Alertmanager that is asked whether it fires"
            findings.wrong(path, "`confirm` is missing", hint)
    else:
        known = (*findings.names("prometheus"), *findings.names("alertmanager"))
        if alerts.confirm not in known:
            otherwise = "its address stands under `prometheus:` or `alertmanager:`"
            findings.unknown((*path, "confirm"), "source of alerts", alerts.confirm, known, otherwise)
        source = shape.prometheus.get(alerts.confirm)
        if source is not None and not overlap(in_order(source.labels), in_order(alerts.match)):
            said = f"`{alerts.confirm}` gives each of its alerts another of these labels"
            findings.wrong((*path, "match"), said, f"see `labels` of prometheus `{alerts.confirm}`")
