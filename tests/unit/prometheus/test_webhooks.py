"""Deliveries of an Alertmanager: which are the same, and what they tell of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ingress import Malformed
from integrations.prometheus.webhooks import labels, letter


def alert(**changes: Any) -> dict[str, Any]:
    plain = {
        "status": "firing",
        "labels": {"alertname": "HighErrorRate", "service": "backend"},
        "annotations": {"summary": "7 % fail"},
        "startsAt": "2026-03-02T12:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.test/graph",
        "fingerprint": "03b2f6ae3c2c9d5d",
    }
    return plain | changes


def payload(*alerts: Any, **changes: Any) -> dict[str, Any]:
    plain = {
        "version": "4",
        "groupKey": '{}:{alertname="HighErrorRate"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "slipway",
        "alerts": list(alerts) or [alert()],
    }
    return plain | changes


def key(**parts: Any) -> str:
    return letter(json.dumps(payload(**parts)).encode()).key


def test_a_repeat_is_the_same_and_a_change_is_not() -> None:
    same = json.dumps(payload()).encode()
    assert letter(same) == letter(same)
    assert letter(same).kind == "alerts"
    assert key() == letter(same).key == key(receiver="another", externalURL="http://elsewhere.test")
    different = [
        key(status="resolved"),
        key(groupKey="{}"),
        key(alerts=[alert(status="resolved")]),
        key(alerts=[alert(endsAt="2026-03-02T12:09:00Z")]),
        key(alerts=[alert(startsAt="2026-03-02T12:09:00Z")]),
        key(alerts=[alert(fingerprint="a")]),
        key(alerts=[alert(), alert(fingerprint="a")]),
        key(),
    ]
    assert len(set(different)) == len(different)


def test_the_order_of_a_group_does_not_matter() -> None:
    two = [alert(), alert(fingerprint="a")]
    assert key(alerts=two) == key(alerts=two[::-1])


@pytest.mark.parametrize("body", [b"", b"<xml>", b"[]", b"{}", b'{"alerts": {}}', b"\xff", b"[" * 100_000])
def test_what_is_no_delivery_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        letter(body)


def test_labels_are_told_for_each_alert_in_one_order() -> None:
    turned = alert(labels={"service": "backend", "alertname": "SlowResponses", "odd": 5})
    assert labels(payload(alert(), turned)) == (
        (("alertname", "HighErrorRate"), ("service", "backend")),
        (("alertname", "SlowResponses"), ("service", "backend")),
    )
    assert labels(payload(alert(labels=None), 5, None)) == ((),)
    assert labels(None) == labels([]) == labels({"alerts": None}) == ()


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["alerts", "labels", "a"]), inner),
)


@given(ANY_JSON)
def test_nothing_that_is_json_breaks_it(found: Any) -> None:
    told = labels(found)
    assert all(isinstance(value, str) for each in told for _, value in each)
    try:
        assert len(letter(json.dumps(found).encode()).key) == 64
    except Malformed:
        assert not isinstance(found, dict) or not isinstance(found.get("alerts"), list)
