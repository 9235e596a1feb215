"""Prometheus as a source of numbers: the value of a query at this moment."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import aiohttp

from bot.core.metrics import MetricReading
from bot.core.rules import MetricSource
from integrations.prometheus.calls import PATIENCE, NoAnswer, ask, own_words

LONGEST_NUMBER = 64  # Prometheus counts in floats: 25 characters at most
LARGEST_EXPONENT = 400


class PrometheusMetrics:
    """The port Metrics, over a session that keeps no cookies."""

    def __init__(self, session: aiohttp.ClientSession, patience: float = PATIENCE) -> None:
        self._session = session
        self._patience = patience

    async def instant(self, source: MetricSource, query: str) -> MetricReading:
        """By POST: a query may be longer than an address."""
        form = {"query": query, "timeout": f"{self._patience:g}"}
        url = f"{source.url.rstrip('/')}/api/v1/query"
        try:
            return reading(await ask(self._session, url, form=form, patience=self._patience))
        except NoAnswer as error:
            return _none(f"{source.name}: {error}")


def reading(found: object) -> MetricReading:
    """The one number of an answer. More than one, none at all, and what is no number cannot be compared."""
    if not isinstance(found, dict) or found.get("status") != "success":
        raise NoAnswer(f"it could not answer the query{own_words(found)}")
    if found.get("warnings"):  # of parts that it could not read, so the number may lack them
        raise NoAnswer("it answered with a warning: the number may not be whole")
    data = found.get("data")
    kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, dict) else (None, None)
    if kind == "scalar":
        return _sample(result)
    if kind != "vector" or not isinstance(result, list):
        raise NoAnswer("the query gives no single number")
    if len(result) != 1:
        said = f"it matches {len(result)} series, and one is wanted" if result else "it matches no series"
        raise NoAnswer(said)
    return _sample(result[0].get("value") if isinstance(result[0], dict) else None)


def _sample(pair: Any) -> MetricReading:
    """A moment and a number: `[1435781451.781, "0.05"]`."""
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], str):
        raise NoAnswer("its number cannot be read")
    value = _number(pair[1])
    return MetricReading(value, at=_moment(pair[0]))


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text) if len(text) <= LONGEST_NUMBER and text.isascii() else None
    except InvalidOperation:
        value = None
    if value is None:
        raise NoAnswer("its number cannot be read")
    if not value.is_finite():
        raise NoAnswer(f"its value is {text}, which is no number to compare")
    if abs(value.adjusted()) > LARGEST_EXPONENT:
        raise NoAnswer("its number cannot be read")
    return value


def _moment(told: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(told, UTC) if isinstance(told, int | float) else None
    except (OverflowError, ValueError, OSError):
        return None


def _none(why: str) -> MetricReading:
    return MetricReading(None, why)
