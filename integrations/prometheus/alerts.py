"""What fires now, as a Prometheus or an Alertmanager tells it. A part that can't be read spoils the whole:
an alert that is missing would be taken for one that has ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import aiohttp

from bot.core.alert_rules import AlertKeeper, AlertSource
from bot.core.alerts import Alert, AlertReading
from integrations.prometheus.calls import PATIENCE, NoAnswer, ask, own_words

MOST = 8 * 1024 * 1024
NAME = "alertname"
SUMMARIES = ("summary", "message", "description")
FIRING, SUPPRESSED = "firing", "suppressed"
SMALLEST, LARGEST = -4, 12  # exponents of ten of what is written out
_PLACES = Decimal("0.0001")


class PrometheusAlarms:
    """The port Alarms, over a session that keeps no cookies."""

    def __init__(self, session: aiohttp.ClientSession, patience: float = PATIENCE) -> None:
        self._session = session
        self._patience = patience

    async def firing(self, source: AlertSource) -> AlertReading:
        """All of them: which of them matter is decided elsewhere."""
        try:
            return AlertReading(await self._firing(source))
        except NoAnswer as error:
            return AlertReading(None, f"{source.name}: {error}")

    async def _firing(self, source: AlertSource) -> tuple[Alert, ...]:
        url = source.url.rstrip("/")
        match source.keeper:
            case AlertKeeper.PROMETHEUS:
                found = await self._ask(f"{url}/api/v1/alerts")
                return of_prometheus(found, dict(source.labels))
            case AlertKeeper.ALERTMANAGER:
                return of_alertmanager(await self._ask(f"{url}/api/v2/alerts"))

    async def _ask(self, url: str) -> Any:
        return await ask(self._session, url, patience=self._patience, most=MOST)


def of_prometheus(found: Any, more: Mapping[str, str]) -> tuple[Alert, ...]:
    """`more` are the labels that it adds to whatever it sends; its own answer lacks them."""
    if not isinstance(found, dict) or found.get("status") != "success":
        raise NoAnswer(f"it could not tell its alerts{own_words(found)}")
    data = found.get("data")
    alerts = data.get("alerts") if isinstance(data, dict) else None
    return tuple(
        _alert(each, dict(more) | _texts(each, "labels"), "activeAt", _short(each.get("value")))
        for each in _maps(alerts)
        if each.get("state") == FIRING
    )


def of_alertmanager(found: Any) -> tuple[Alert, ...]:
    """It knows of silences, and no numbers but those in the annotations."""
    return tuple(
        _alert(each, _texts(each, "labels"), "startsAt", _texts(each, "annotations").get("value", ""))
        for each in _maps(found)
    )


def _alert(told: Mapping[str, Any], labels: Mapping[str, str], began: str, value: str) -> Alert:
    annotations = _texts(told, "annotations")
    return Alert(
        name=labels.get(NAME, ""),
        labels=tuple(sorted(labels.items())),
        since=_moment(told.get(began)),
        value=value,
        summary=next((annotations[each] for each in SUMMARIES if annotations.get(each)), ""),
        silenced=_is_silenced(told.get("status")),
    )


def _is_silenced(status: object) -> bool:
    return isinstance(status, dict) and status.get("state") == SUPPRESSED


def _maps(found: object) -> list[Mapping[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise NoAnswer("its alerts cannot be read")
    return found


def _texts(told: Mapping[str, Any], name: str) -> dict[str, str]:
    found = told.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise NoAnswer("its alerts cannot be read")
    return found


def _moment(told: object) -> datetime:
    try:
        at = datetime.fromisoformat(told) if isinstance(told, str) else None
        if at is not None and at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise NoAnswer("its alerts cannot be read")


def _short(told: object) -> str:
    """`6.9444444444444448e-02` is 0.0694 to a person."""
    try:
        value = Decimal(told) if isinstance(told, str) else Decimal("NaN")
    except InvalidOperation:
        return ""
    if not value.is_finite():
        return "" if value.is_nan() else str(told)
    if value and not SMALLEST <= value.adjusted() < LARGEST:  # arithmetic has a limit of its own, and raises
        return f"{value:.3g}"
    return f"{value.quantize(_PLACES).normalize():f}"
