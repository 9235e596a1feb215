"""Where numbers and alerts are asked for; what asks is loaded at the first question: many have none."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import aiohttp

from bot.core.alert_rules import AlertSource
from bot.core.alerts import AlertReading
from bot.core.metrics import MetricReading
from bot.core.rules import MetricSource
from integrations import load_measure

if TYPE_CHECKING:
    from integrations.prometheus.factory import Prometheus


class Measuring:
    """The ports Metrics and Alarms. A reloaded catalog may name the first source long after the start."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def instant(self, source: MetricSource, query: str) -> MetricReading:
        """What the query says now."""
        return await self._prometheus.metrics.instant(source, query)

    async def firing(self, source: AlertSource) -> AlertReading:
        """What fires there now."""
        return await self._prometheus.alarms.firing(source)

    @cached_property
    def _prometheus(self) -> Prometheus:
        built: Prometheus = load_measure("prometheus").build(self._session)
        return built
