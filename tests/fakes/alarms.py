"""The port Alarms in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.alert_rules import AlertSource
from bot.core.alerts import Alert, AlertReading


@dataclass
class FakeAlarms:
    """What fires, for every source; with `fails` it can't say."""

    alerts: list[Alert] = field(default_factory=list)
    fails: str = ""
    asked: list[str] = field(default_factory=list)

    async def firing(self, source: AlertSource) -> AlertReading:
        self.asked.append(source.name)
        return AlertReading(None, self.fails) if self.fails else AlertReading(tuple(self.alerts))
