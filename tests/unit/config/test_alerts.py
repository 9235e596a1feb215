"""Alerts in the catalog: what is inherited, what is built, and what is wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.config.catalog import read_texts
from bot.core.alert_rules import AlertKeeper, AlertRule, AlertSource
from bot.core.policy_version import policy_of, read_policy
from tests.unit.config.catalogs import environment, good, said, with_environment

SOURCES = """
prometheus:
  main: {url: "https://prometheus.test", labels: {environment: production}}
alertmanager:
  calls: {url: "https://alertmanager.test/am"}
"""
MAIN = AlertSource(
    "main", "https://prometheus.test", AlertKeeper.PROMETHEUS, (("environment", "production"),)
)


def with_alerts(production: str, service: str = "", top: str = "") -> str:
    return with_environment(f"{{who: [sre], {production}}}", service=service, top=SOURCES + top)


def test_what_is_said_for_an_environment_is_its_rule() -> None:
    match = "match: {service: backend, environment: production}"
    told = f"alerts: {{{match}, confirm: main, fails_verification: true}}"
    rule = environment(with_alerts(told)).policy.alerts
    assert rule == AlertRule(
        (("environment", "production"), ("service", "backend")), MAIN, timedelta(minutes=30), True
    )
    assert environment(with_alerts(told), "staging").policy.alerts is None


def test_defaults_service_and_environment_each_say_a_part() -> None:
    text = with_alerts(
        "alerts: {match: {environment: production}, watch: 2h}",
        service="alerts: {match: {service: backend}, confirm: calls}",
        top="defaults: {alerts: {confirm: main, watch: 1h, fails_verification: true}}",
    ).replace(
        "staging: {who: [everyone]}", "staging: {who: [everyone], alerts: {match: {environment: staging}}}"
    )
    found = {name: environment(text, name).policy.alerts for name in ("staging", "production")}
    calls = AlertSource("calls", "https://alertmanager.test/am", AlertKeeper.ALERTMANAGER)
    service = ("service", "backend")
    assert found == {
        "staging": AlertRule((("environment", "staging"), service), calls, timedelta(hours=1), True),
        "production": AlertRule((("environment", "production"), service), calls, timedelta(hours=2), True),
    }


def test_defaults_alone_make_no_rule() -> None:
    text = with_alerts("refs: [main]", top="defaults: {alerts: {confirm: main}}")
    assert environment(text).policy.alerts is None


def test_a_policy_with_alerts_can_be_read_back() -> None:
    catalog = good(with_alerts("alerts: {match: {service: backend}, confirm: main}"))
    service = catalog.services[0]
    for each in service.environments:
        assert read_policy(policy_of(service, each)) == each.policy
    assert "alerts" not in str(policy_of(service, service.environments[0]))


@pytest.mark.parametrize(
    ("alerts", "wrong"),
    [
        ("{confirm: main}", "`match` is missing"),
        ("{match: {}, confirm: main}", "`match` is missing"),
        ("{match: {service: backend}}", "`confirm` is missing"),
        (
            "{match: {service: backend}, confirm: mian}",
            "unknown source of alerts `mian`; did you mean `main`?",
        ),
        ("{match: {a-b: backend}, confirm: main}", "`a-b` cannot be the name of a label"),
        ("{match: {service: 5}, confirm: main}", "this must be text, not a number"),
        (
            "{match: {environment: test}, confirm: main}",
            "`main` gives each of its alerts another of these labels",
        ),
        ("{match: {service: backend}, confirm: main, watches: 5m}", "unknown key `watches`"),
        ("{match: {service: backend}, confirm: main, watch: soon}", "`soon` is no duration"),
        ("{match: {service: backend}, confirm: main, fails_verification: yes}", "this must be true or false"),
    ],
)
def test_what_is_wrong_is_told_once(alerts: str, wrong: str) -> None:
    [told] = said(with_alerts(f"alerts: {alerts}"))
    assert told.startswith(wrong)


def test_an_alert_must_lead_to_one_place() -> None:
    text = with_alerts("refs: [main]", service="alerts: {match: {service: backend}, confirm: main}")
    [told] = said(text)
    assert told.startswith("an alert could be of api in staging and of api in production")
    apart = with_alerts(
        "alerts: {confirm: calls}", service="alerts: {match: {service: backend}, confirm: main}"
    )
    assert said(apart) == []  # each is confirmed by its own
    odd = with_alerts("alerts: {match: {team: a}, confirm: main}").replace(
        "staging: {who: [everyone]}",
        "staging: {who: [everyone], alerts: {match: {service: backend}, confirm: main}}",
    )
    assert "an alert could be of" in said(odd)[0]  # it may have both labels


def test_two_sources_of_one_name_are_told_apart() -> None:
    text = with_alerts("refs: [main]").replace("calls:", "main:")
    assert said(text) == ["`main` is the name of a Prometheus, too; rename one of the two"]


def test_sources_may_stand_in_a_file_of_their_own() -> None:
    other = 'version: 1\nalertmanager:\n  pages: {url: "https://pages.test"}\n'
    result = read_texts(
        {"a.yml": with_alerts("alerts: {match: {service: b}, confirm: pages}"), "b.yml": other}
    )
    assert [str(each) for each in result.errors] == []
    assert result.catalog is not None
    assert {each.name for each in result.catalog.alarms} == {"main", "calls", "pages"}
