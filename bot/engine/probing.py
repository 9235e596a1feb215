"""One reading for a verification, and what it makes of it: the same after a release and on a schedule."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.metrics import MetricReading
from bot.core.rules import HttpVerification, MetricVerification, Verification, WorkflowVerification
from bot.core.verifications import Measured
from bot.core.verify_answers import Release
from bot.core.verify_ports import HttpReading
from bot.core.verifying import LOOK, judge_http, judge_metric
from bot.engine.world import World


async def read(world: World, rule: Verification, patience: timedelta) -> HttpReading | MetricReading | None:
    """What is there now; a workflow is no reading."""
    match rule:
        case HttpVerification():
            return await world.probe.get(rule.url, min(patience, rule.within), private=rule.private)
        case MetricVerification():
            return await world.metrics.instant(rule.source, rule.query)
        case WorkflowVerification():
            return None


async def look_once(
    world: World, rule: Verification, known: Measured, release: Release | None, now: datetime
) -> Measured:
    """How it stands after one more reading."""
    reading = await read(world, rule, LOOK)
    if isinstance(rule, HttpVerification) and not isinstance(reading, MetricReading | None):
        return judge_http(rule, known, reading, release, now)
    if isinstance(rule, MetricVerification) and isinstance(reading, MetricReading):
        return judge_metric(rule, known, reading, now)
    return known
