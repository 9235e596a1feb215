"""Prometheus and its Alertmanager, put together: the one thing that the composition root builds."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from integrations.prometheus.alerts import PrometheusAlarms
from integrations.prometheus.metrics import PrometheusMetrics
from integrations.prometheus.webhooks import labels, letter

__all__ = ["Prometheus", "build", "labels", "letter"]


@dataclass(frozen=True, slots=True)
class Prometheus:
    """The roles they play, over one session; any number of sources can be asked."""

    metrics: PrometheusMetrics
    alarms: PrometheusAlarms


def build(session: aiohttp.ClientSession) -> Prometheus:
    """Nothing is called yet."""
    return Prometheus(PrometheusMetrics(session), PrometheusAlarms(session))
