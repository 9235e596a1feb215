"""Alerts: a delivery is only a hint at whose alerts to read; what their source says is pinned to a card.

The first look is at the end of each run, and it is repeated until that is long ago and no card has one that
fires: a delivery only makes it sooner, and any of them may get lost.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.core.alert_events import AlertEnded, AlertPinned
from bot.core.alert_rules import Labels
from bot.core.alerts import Pinned
from bot.core.catalog import Catalog
from bot.core.effects import Announce, Announcement, ShowCard
from bot.core.failures import Failure, FailureSource
from bot.core.ingress import Outcome, Tally
from bot.core.lifecycle import State
from bot.core.pinning import Update, all_places, let_go, sent_at, updates, watched
from bot.core.policy_version import asked_under
from bot.core.ports import UnitOfWork, Units
from bot.core.records import Delivery, Deployment, Lease
from bot.core.steps import Step
from bot.core.values import SLIPWAY, DeploymentId
from bot.engine.again import NEVER, Again
from bot.engine.world import World, work_key

log = logging.getLogger(__name__)

PREFIX = "alerts/"
RECENT = 20  # of those that were sent
SOONEST, SLOWEST = timedelta(seconds=30), timedelta(minutes=10)

Read = Callable[[object], tuple[Labels, ...]]


def key(service: str, environment: str) -> str:
    """The key under which the alerts of a place are looked at; no name holds a slash."""
    return f"{PREFIX}{service}/{environment}"


class AlertHandler:
    """An inbox handler for what an Alertmanager sends; `read` is the integration's."""

    def __init__(self, units: Units, catalog: Callable[[], Catalog], read: Read, tally: Tally) -> None:
        self._units = units
        self._catalog = catalog
        self._read = read
        self._tally = tally

    async def __call__(self, delivery: Delivery) -> None:
        """Want a look at each place that it is about, and mark the delivery handled, in one commit."""
        catalog, receipt = self._catalog(), delivery.receipt
        told = self._read(json.loads(receipt.body))
        found = all_places(catalog, told)
        lost = [labels for labels, where in zip(told, found, strict=True) if not where]
        async with self._units.begin(receipt.workspace, Step.HANDLE_DELIVERY, handles=delivery) as uow:
            for service, environment in sorted({place for where in found for place in where}):
                await uow.work.want(key(service, environment))
        for _ in lost:
            self._tally.add(receipt.source, Outcome.UNPLACED)
        if lost:
            name = dict(lost[0]).get("alertname", "")[:100]
            log.info("%d alerts of a delivery are of no service of the catalog, such as %r", len(lost), name)


async def watch(uow: UnitOfWork, deployment: Deployment) -> None:
    """From the end of its run on, whether or not a delivery comes."""
    policy, wish = asked_under(deployment), deployment.wish
    if policy is not None and policy.alerts is not None:
        await uow.work.want(key(wish.service, wish.environment))


async def look(world: World, lease: Lease) -> Again:
    """Read what fires, and bring the cards up to it."""
    service, environment = lease.key.removeprefix(PREFIX).split("/", 1)
    place = world.catalog().environment(service, environment)
    rule = place.policy.alerts if place else None
    recent = await world.releases.sent(lease.workspace, service, environment, RECENT)
    now = await world.watch.now()
    if rule is None:
        for update in let_go(recent, now):
            await _keep(world, lease, update.deployment.id, recent, let_go)
        return NEVER
    if not watched(rule, recent, now):
        return NEVER
    reading = await world.alarms.firing(rule.confirm)
    if reading.alerts is None:
        log.warning("the alerts of %s in %s can't be read: %s", service, environment, reading.why)
        return _later(recent, now)
    firing = [each for each in reading.alerts if rule.takes(each.labels)]
    changes = partial(updates, firing, rule)
    for update in changes(recent, now):
        await _keep(world, lease, update.deployment.id, recent, changes)
    return _later(recent, now)


async def _keep(
    world: World,
    lease: Lease,
    id: DeploymentId,
    recent: Sequence[Deployment],
    changes: Callable[[Sequence[Deployment], datetime], tuple[Update, ...]],
) -> None:
    """What changes on one card, by its row as it is now."""
    async with world.units.begin(lease.workspace, Step.PIN_ALERTS, lease=lease) as uow:
        fresh = await uow.deployments.get(id)
        now_known = [fresh if each.id == id else each for each in recent]
        for update in changes(now_known, uow.now):
            if update.deployment.id == id:
                await _write(uow, update)


async def _write(uow: UnitOfWork, update: Update) -> None:
    kept = await uow.deployments.save(replace(update.deployment, alerts=update.alerts))
    for pinned in update.begun:
        await uow.record(_pinned(kept, pinned), SLIPWAY)
        if pinned.fails and kept.state is State.SUCCEEDED:
            await uow.failures.begin(_failure(kept, pinned))
    for pinned in update.over:
        await uow.failures.end(FailureSource.ALERT, _external_id(kept, pinned))
        event = AlertEnded(kept.id, kept.number, pinned.name, pinned.fingerprint, pinned.source)
        await uow.record(event, SLIPWAY)
    await uow.show(ShowCard(kept.id))
    if update.first:  # one that comes and goes rings once
        await uow.show(Announce(kept.id, Announcement.ALERT))
    if kept.state is State.VERIFYING:
        await uow.work.want(work_key(kept.id))


def _failure(deployment: Deployment, pinned: Pinned) -> Failure:
    wish, summary = deployment.wish, f"{pinned.name}: {pinned.summary}".strip(": ")
    known = _external_id(deployment, pinned)
    return Failure(
        wish.service, wish.environment, deployment.id, FailureSource.ALERT, known, summary, pinned.since
    )


def _external_id(deployment: Deployment, pinned: Pinned) -> str:
    return f"{deployment.id}/{pinned.fingerprint}"


def _pinned(deployment: Deployment, pinned: Pinned) -> AlertPinned:
    return AlertPinned(
        deployment.id,
        deployment.number,
        pinned.name,
        pinned.fingerprint,
        pinned.source,
        pinned.since.isoformat(),
        pinned.value,
        pinned.summary,
        pinned.fails,
    )


def _later(recent: Sequence[Deployment], now: datetime) -> Again:
    """The longer ago the last release was sent, the less often."""
    sent = [at for each in recent if (at := sent_at(each)) is not None]
    age = now - max(sent, default=now)
    return Again(min(SLOWEST, max(SOONEST, age / 20)))
