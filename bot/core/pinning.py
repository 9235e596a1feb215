"""On which card an alert belongs: the last release that was sent there before it began.

Pure: whoever looks hands over what fires now and what was deployed lately.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.alert_rules import AlertRule, Labels
from bot.core.alerts import LONGEST_NAME, LONGEST_SUMMARY, LONGEST_VALUE, Alert, Pinned, shown
from bot.core.catalog import Catalog, Environment
from bot.core.lifecycle import ENDS, State
from bot.core.policy_version import asked_under
from bot.core.records import UNSENT, Deployment
from bot.core.values import Kind

MOST = 12  # on one card
NAMELESS = "An alert without a name"


@dataclass(frozen=True, slots=True)
class Update:
    """What changes on one card."""

    deployment: Deployment
    alerts: tuple[Pinned, ...]
    begun: tuple[Pinned, ...]  # fire here now
    over: tuple[Pinned, ...]  # have ended
    first: bool  # whether one of those that began was never here before


def places(catalog: Catalog, labels: Labels) -> tuple[tuple[str, str], ...]:
    """The services and environments that an alert with these labels is about."""
    return tuple(
        (service.name, environment.name)
        for service in catalog.services
        for environment in service.environments
        if _takes(environment, labels)
    )


def all_places(catalog: Catalog, told: Sequence[Labels]) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Those of each alert. Thousands that fire at once differ in labels that no rule asks for."""
    rules = [place.policy.alerts for service in catalog.services for place in service.environments]
    telling = frozenset(name for rule in rules if rule is not None for name, _ in rule.match)
    shorter = [tuple(pair for pair in labels if pair[0] in telling) for labels in told]
    known = {labels: places(catalog, labels) for labels in dict.fromkeys(shorter)}
    return tuple(known[labels] for labels in shorter)


def _takes(environment: Environment, labels: Labels) -> bool:
    rule = environment.policy.alerts
    return rule is not None and rule.takes(labels)


def sent_at(deployment: Deployment) -> datetime | None:
    """Since when its release may have an effect there; None where it never had one, or brought none."""
    if deployment.wish.kind is Kind.RESTORE:
        return None
    if deployment.attempt in UNSENT:
        return deployment.landed_at
    return deployment.attempted_at or deployment.created_at


def host(alert: Alert, rule: AlertRule, recent: Sequence[Deployment]) -> Deployment | None:
    """The one whose card shows it; of `recent`, the newest first. None: not yet known, or none.

    What fired before a release was sent is none of its doing. While the newest one is under way nobody knows
    yet whether it has got there.
    """
    sent = [(at, each) for each in recent if (at := sent_at(each)) is not None and at <= alert.since]
    if not sent:
        return None
    _, newest = max(sent, key=lambda pair: (pair[0], pair[1].number))
    if newest.state is State.VERIFYING:
        return newest
    ended = newest.landed_at or newest.ended_at
    if newest.state not in ENDS or ended is None:
        return None
    return newest if alert.since <= ended + rule.watch else None


def updates(
    firing: Sequence[Alert], rule: AlertRule, recent: Sequence[Deployment], now: datetime
) -> tuple[Update, ...]:
    """The cards that change. An alert stays where it was pinned for as long as it fires."""
    pinned = {alert.fingerprint for each in recent for alert in each.alerts if alert.fires}
    found: dict[str, list[Alert]] = {}
    hosts: dict[datetime, Deployment | None] = {}  # of thousands most begin at the same time
    for alert in firing:
        if alert.since not in hosts:
            hosts[alert.since] = host(alert, rule, recent)
        place = hosts[alert.since]
        if place is not None and alert.fingerprint not in pinned and not alert.silenced:
            found.setdefault(place.id, []).append(alert)
    still = frozenset(alert.fingerprint for alert in firing)
    made = (_update(each, found.get(each.id, ()), still, rule, now) for each in recent)
    return tuple(each for each in made if each.alerts != each.deployment.alerts)


def let_go(recent: Sequence[Deployment], now: datetime) -> tuple[Update, ...]:
    """Where no rule asks for alerts any more nobody will see their end, so they end now."""
    found: list[Update] = []
    for each in recent:
        over = tuple(alert for alert in each.alerts if alert.fires)
        ended = tuple(replace(alert, resolved_at=now) if alert.fires else alert for alert in each.alerts)
        if over:
            found.append(Update(each, ended, (), over, first=False))
    return tuple(found)


def _update(
    deployment: Deployment, begun: Sequence[Alert], still: Collection[str], rule: AlertRule, now: datetime
) -> Update:
    over = [each for each in deployment.alerts if each.fires and each.fingerprint not in still]
    kept = {each.fingerprint: each for each in deployment.alerts}
    kept |= {each.fingerprint: replace(each, resolved_at=now) for each in over}
    known = frozenset(kept)
    room = MOST - sum(each.fires for each in kept.values())
    new: dict[str, Pinned] = {}
    for alert in begun:
        if len(new) < room:
            new[alert.fingerprint] = _pin(alert, rule, _counts(deployment, rule), now)
    first = not new.keys() <= known
    shown = _with_room(kept | new)
    return Update(deployment, shown, tuple(new.values()), tuple(over), first)


def _with_room(alerts: Mapping[str, Pinned]) -> tuple[Pinned, ...]:
    """What fires has its place; of what is over, the oldest gives way."""
    over = sorted((each for each in alerts.values() if not each.fires), key=lambda each: each.seen_at)
    gone = {each.fingerprint for each in over[: max(0, len(alerts) - MOST)]}
    return tuple(each for each in alerts.values() if each.fingerprint not in gone)


def _counts(deployment: Deployment, rule: AlertRule) -> bool:
    """By today's policy or by the one it was asked under: both hold."""
    asked = asked_under(deployment)
    under = asked.alerts if asked else None
    return rule.fails_verification or (under is not None and under.fails_verification)


def _pin(alert: Alert, rule: AlertRule, counts: bool, now: datetime) -> Pinned:
    return Pinned(
        fingerprint=alert.fingerprint,
        name=shown(alert.name, LONGEST_NAME) or NAMELESS,
        source=rule.confirm.name,
        since=min(alert.since, now),
        seen_at=now,
        value=shown(alert.value, LONGEST_VALUE),
        summary=shown(alert.summary, LONGEST_SUMMARY),
        fails=counts,
    )


def watched(rule: AlertRule, recent: Sequence[Deployment], now: datetime) -> bool:
    """Whether another look could change a card: something is pinned and fires, or may still be pinned."""
    for each in recent:
        if any(alert.fires for alert in each.alerts):
            return True
        ended = each.landed_at or each.ended_at
        if sent_at(each) is not None and (ended is None or now <= ended + rule.watch):
            return True
    return False


def alerts_against(deployment: Deployment) -> tuple[Pinned, ...]:
    """Those that fire now and count against its verification."""
    return tuple(each for each in deployment.alerts if each.fires and each.fails)


def why_against(deployment: Deployment) -> str:
    """What each of them says, with its numbers."""
    return " ".join(map(_sentence, alerts_against(deployment)))


def _sentence(alert: Pinned) -> str:
    said = f"{alert.name} fires: {alert.summary}" if alert.summary else f"{alert.name} fires"
    value = f" (value {alert.value})" if alert.value and alert.value not in said else ""
    return f"{said.rstrip('.')}{value}."
