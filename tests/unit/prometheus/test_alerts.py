"""What a Prometheus or an Alertmanager says of its alerts; what is odd spoils the whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.alerts import Alert
from integrations.prometheus.alerts import of_alertmanager, of_prometheus
from integrations.prometheus.calls import NoAnswer

AT = "2026-03-02T12:00:00.123456789Z"
SINCE = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
LABELS = {"alertname": "HighErrorRate", "service": "backend"}


def fires(**changes: Any) -> dict[str, Any]:
    plain = {
        "labels": LABELS,
        "annotations": {"summary": "7 % fail"},
        "state": "firing",
        "activeAt": AT,
        "value": "6.9444444444444448e-02",
    }
    return plain | changes


def told(*alerts: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"alerts": list(alerts)}}


def test_prometheus_tells_labels_since_when_and_the_value() -> None:
    [found] = of_prometheus(told(fires(), fires(state="pending")), {})
    labels = (("alertname", "HighErrorRate"), ("service", "backend"))
    assert found == Alert("HighErrorRate", labels, SINCE, "0.0694", "7 % fail")


def test_the_labels_that_it_adds_when_it_sends_are_added_and_replace_none() -> None:
    [found] = of_prometheus(told(fires()), {"environment": "production", "service": "other"})
    assert dict(found.labels) == LABELS | {"environment": "production"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("7e+00", "7"),
        ("1.25e+01", "12.5"),
        ("0", "0"),
        ("-1.5e+00", "-1.5"),
        ("1e-07", "1e-7"),
        ("1e+15", "1e+15"),
        ("1e+12", "1e+12"),
        ("999999999999", "999999999999"),
        ("0.0001", "0.0001"),
        ("0.00009", "0.00009"),
        ("1e309", "1e+309"),
        ("-1e1000000", "-1e+1000000"),
        ("1e-1000000", "1e-1000000"),
        ("123456", "123456"),
        ("+Inf", "+Inf"),
        ("NaN", ""),
        ("many", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_value_is_short(value: Any, shown: str) -> None:
    [found] = of_prometheus(told(fires(value=value)), {})
    assert found.value == shown


def test_alertmanager_knows_of_silences_and_has_values_in_annotations_alone() -> None:
    annotations = {"description": "long", "value": "7 %"}
    silent = {"status": {"state": "suppressed", "silencedBy": ["x"]}}
    plain = {"labels": LABELS, "annotations": annotations, "startsAt": AT, "endsAt": AT}
    active, silenced = of_alertmanager([plain | {"status": {"state": "active"}}, plain | silent])
    assert (active.summary, active.value, active.since, active.silenced) == ("long", "7 %", SINCE, False)
    assert silenced.silenced


def test_none_is_an_answer() -> None:
    assert of_prometheus(told(), {}) == ()
    assert of_alertmanager([]) == ()
    assert of_alertmanager([{"labels": {}, "startsAt": AT}])[0].name == ""


ODD = [
    {"labels": {"alertname": 5}},
    {"labels": []},
    {"annotations": {"summary": None}},
    {"activeAt": None},
    {"activeAt": "soon"},
    {"activeAt": "2026-03-02T12:00:00"},
    {"activeAt": "0001-01-01T00:00:00+14:00"},
]


@pytest.mark.parametrize("changes", ODD)
def test_an_odd_one_spoils_the_whole(changes: dict[str, Any]) -> None:
    with pytest.raises(NoAnswer, match="cannot be read"):
        of_prometheus(told(fires(), fires(**changes)), {})
    plain = {"labels": LABELS, "annotations": {}, "startsAt": AT}
    odd = {"startsAt" if name == "activeAt" else name: value for name, value in changes.items()}
    with pytest.raises(NoAnswer, match="cannot be read"):
        of_alertmanager([plain, plain | odd])


@pytest.mark.parametrize(
    "answer", [None, [], {"status": "error", "error": "no"}, {"status": "success"}, told(5)]
)
def test_what_is_no_list_of_alerts_is_no_answer(answer: Any) -> None:
    with pytest.raises(NoAnswer):
        of_prometheus(answer, {})


@pytest.mark.parametrize("answer", [None, {}, "x", [5]])
def test_nor_is_it_from_alertmanager(answer: Any) -> None:
    with pytest.raises(NoAnswer):
        of_alertmanager(answer)
