"""Alerts and where they are confirmed, from their shapes."""

from __future__ import annotations

from collections.abc import Mapping

from bot.config.shape import CatalogShape
from bot.config.shape_alerts import AlertsShape
from bot.core.alert_rules import WATCH, AlertKeeper, AlertRule, AlertSource, Labels


def build_sources(shape: CatalogShape) -> dict[str, AlertSource]:
    """Both kinds, by names of which no two are the same."""
    found = {
        name: AlertSource(name, each.url, AlertKeeper.PROMETHEUS, in_order(each.labels))
        for name, each in shape.prometheus.items()
    }
    for name, manager in shape.alertmanager.items():
        found[name] = AlertSource(name, manager.url, AlertKeeper.ALERTMANAGER)
    return found


def build_alerts(shape: AlertsShape | None, sources: Mapping[str, AlertSource]) -> AlertRule | None:
    """No labels: no alert belongs here."""
    if shape is None or not shape.match or shape.confirm is None:
        return None
    source, watch = sources[shape.confirm], shape.watch or WATCH
    return AlertRule(in_order(shape.match), source, watch, shape.fails_verification)


def in_order(labels: Mapping[str, str]) -> Labels:
    """Written in another order they are the same."""
    return tuple(sorted(labels.items()))
