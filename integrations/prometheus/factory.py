"""Prometheus, put together: the one thing that the composition root builds."""

from __future__ import annotations

import aiohttp

from integrations.prometheus.metrics import PrometheusMetrics

Prometheus = PrometheusMetrics


def build(session: aiohttp.ClientSession) -> Prometheus:
    """Nothing is called yet, and any number of sources can be asked."""
    return PrometheusMetrics(session)
