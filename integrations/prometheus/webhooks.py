"""Deliveries of an Alertmanager: what makes one the same as another, and which labels it tells of. Pure.

Nothing in it is believed but that somebody should look: whether an alert fires is asked of its source.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from bot.core.alert_rules import Labels
from bot.core.ingress import Letter, Malformed

KIND = "alerts"
_SAME = ("status", "fingerprint", "startsAt", "endsAt")


def letter(body: bytes) -> Letter:
    """The same alerts in the same state are the same delivery: they are repeated every few hours."""
    payload = _payload(body)
    alerts = sorted([str(each.get(name, "")) for name in _SAME] for each in _alerts(payload))
    same = [str(payload.get("groupKey", "")), str(payload.get("status", "")), alerts]
    return Letter(KIND, sha256(json.dumps(same).encode()).hexdigest())


def labels(payload: object) -> tuple[Labels, ...]:
    """Of each alert; what is odd about one is left out."""
    return tuple(_labels(each) for each in _alerts(payload))


def _payload(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("It is no JSON.") from None
    if not isinstance(found, dict) or not isinstance(found.get("alerts"), list):
        raise Malformed("It has no list of alerts.")
    return found


def _alerts(payload: object) -> list[dict[str, Any]]:
    found = payload.get("alerts") if isinstance(payload, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _labels(alert: dict[str, Any]) -> Labels:
    found = alert.get("labels")
    pairs = found.items() if isinstance(found, dict) else ()
    return tuple(sorted((name, value) for name, value in pairs if isinstance(value, str)))
