"""`every:` of a verification: what it may be, what it is built into, and what it leaves as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.policy_version import policy_version
from bot.core.rules import HttpVerification, MetricVerification, Routine
from tests.unit.config.catalogs import environment, good, read, said, with_environment

TOP = 'prometheus: {main: {url: "https://prometheus.example"}}'
HEALTH = 'http: "https://a.example/health"'
ERRORS = "prometheus: main, query: errors, below: 0.05, for: 5m"


def text(*rules: str) -> str:
    return with_environment(
        f"{{who: [sre], verify: [{', '.join(f'{{{each}}}' for each in rules)}]}}", top=TOP
    )


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (f"{HEALTH}, every: 4m", "nothing is measured every 4m; from 5m to 7d is possible"),
        (f"{HEALTH}, every: 8d", "nothing is measured every 8d; from 5m to 7d is possible"),
        (f"{HEALTH}, every: often", "often"),
        (f"{HEALTH}, within: 10m, every: 15m", "measured again after 15m, and one time may take 20m"),
        (f"{ERRORS}, every: 9m", "measured again after 9m, and one time may take 10m; 10m or more"),
        ("workflow: smoke.yml, every: 4h", "a workflow is not measured on a schedule; it runs on the tag of"),
    ],
)
def test_a_schedule_that_cannot_be(rule: str, message: str) -> None:
    found = said(text(rule))
    assert any(message in each for each in found), found


def test_the_mistake_stands_where_it_was_made() -> None:
    written = text(f"{HEALTH}, every: 4m")
    [mistake] = read(written).errors
    line = written.splitlines()[mistake.line - 1]
    assert line[mistake.column - 1 :].startswith("4m")


def test_what_is_measured_on_a_schedule_is_built() -> None:
    found = environment(text(f"{HEALTH}, every: 4h", ERRORS, f"{ERRORS[:-2]}2m, every: 7d"))
    first, second = found.routines
    assert first == Routine(HttpVerification("https://a.example/health"), timedelta(hours=4))
    assert isinstance(second.rule, MetricVerification)
    assert second.every == timedelta(days=7)
    assert (first.rule, second.rule) == (found.policy.verify[0], found.policy.verify[2])


def version(more: str) -> str:
    known = good(text(HEALTH + more))
    service, place = known.service("api"), known.environment("api", "production")
    assert service is not None
    assert place is not None
    return policy_version(service, place)


def test_a_schedule_changes_no_policy_version() -> None:
    assert version("") == version(", every: 4h") == version(", every: 5m")
    assert version("") != version(", within: 1m")
