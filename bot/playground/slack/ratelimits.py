"""Slack's rate limits: a tier per method, one message per second and channel, all with some burst."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from bot.playground.clock import Clock


class Tier(StrEnum):
    """How often a method may be called by one app in one workspace."""

    ONE = "tier_1"
    TWO = "tier_2"
    THREE = "tier_3"
    FOUR = "tier_4"
    POSTING = "posting"  # one a second and channel, and a cap for the workspace
    FREE = "free"


PER_MINUTE = {Tier.ONE: 1, Tier.TWO: 20, Tier.THREE: 50, Tier.FOUR: 100, Tier.POSTING: 300}
CHANNEL_BURST = 4
TIER_ONE_BURST = 10  # an app may open its ten sockets at once


@dataclass
class Bucket:
    """Fills with `rate` per second up to `size`."""

    rate: float
    size: float
    level: float
    at: float

    def take(self, now: float) -> float:
        """0 when there was one to take, else the seconds until there is."""
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0
        return (1 - self.level) / self.rate


@dataclass
class RateLimits:
    """What was called of late."""

    clock: Clock
    on: bool = True
    _buckets: dict[str, Bucket] = field(default_factory=dict)

    def wait_for(self, method: str, tier: Tier, channel: str | None) -> int:
        """0 when the call may go on, else the `Retry-After`."""
        if not self.on or tier is Tier.FREE:
            return 0
        limit = PER_MINUTE[tier]
        wait = 0.0
        if tier is Tier.POSTING and channel:
            wait = self._bucket(f"{method}#{channel}", 1, CHANNEL_BURST)
        burst = TIER_ONE_BURST if tier is Tier.ONE else limit
        wait = wait or self._bucket(method, limit / 60, burst)
        return math.ceil(wait)

    def _bucket(self, key: str, rate: float, size: float) -> float:
        now = self.clock.now().timestamp()
        return self._buckets.setdefault(key, Bucket(rate, size, size, now)).take(now)
