"""What readings make of a verification: each way in which it can end; never a success that was not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.core.metrics import MetricReading
from bot.core.rules import HttpVerification, JsonPart, MetricSource, MetricVerification, WorkflowVerification
from bot.core.runs import Run, RunRef, RunStatus
from bot.core.verifications import Measured, Outcome
from bot.core.verify_answers import Release
from bot.core.verify_ports import Answered, Forbidden, HttpReading, Silent
from bot.core.verifying import (
    LOOK,
    SHOWN_AFTER,
    before,
    begin,
    conclusion,
    due_at,
    judge_http,
    judge_metric,
    judge_run,
    named,
    not_found,
    once_more,
    pace,
    unread,
    why_failed,
)
from tests.fakes.samples import NOON, SHA_A, run

URL = "https://api.example.com/health"
RELEASE = Release(SHA_A, "v1.4.2")
FINE, BROKEN = Answered(200, b"ok"), Answered(503)
THREE = HttpVerification(URL, passes=3, within=timedelta(minutes=2))
SOURCE = MetricSource("main", "https://prometheus.example.com")
ERRORS = MetricVerification(SOURCE, "errors", timedelta(minutes=5), below=Decimal("0.05"))
SMOKE = WorkflowVerification("smoke.yml", timeout=timedelta(minutes=10))


def http(readings: Sequence[HttpReading], rule: HttpVerification = THREE, wrong_before: str = "") -> Measured:
    """As the engine reads: whenever it is due."""
    measured = begin(rule, Measured("health", before=wrong_before), NOON)
    for reading in readings:
        due = due_at(rule, measured)
        assert due is not None, f"it ended too early: {measured}"
        measured = judge_http(rule, measured, reading, RELEASE, due)
    return measured


def value(number: str) -> MetricReading:
    return MetricReading(Decimal(number))


def metric(readings: Sequence[MetricReading], wrong_before: str = "") -> Measured:
    measured = begin(ERRORS, Measured("errors", before=wrong_before), NOON)
    for reading in readings:
        due = due_at(ERRORS, measured)
        assert due is not None, f"it ended too early: {measured}"
        measured = judge_metric(ERRORS, measured, reading, due)
    return measured


SLOW = Silent("did not answer within 10s")
AWAY = Silent("can't be reached")
TURNS = 20  # readings until two minutes are over


@pytest.mark.parametrize(
    ("readings", "outcome", "said"),
    [
        ([FINE] * 3, Outcome.PASSED, "3 of 3 in a row"),
        ([BROKEN] * 5 + [FINE] * 3, Outcome.PASSED, "3 of 3 in a row"),
        ([FINE, FINE], Outcome.MEASURING, "2 of 3 in a row"),
        ([FINE, FINE, BROKEN, FINE, FINE], Outcome.MEASURING, "2 of 3 in a row"),
        ([FINE, FINE, SLOW, FINE], Outcome.MEASURING, "1 of 3 in a row"),
        ([Answered(301, headers=(("location", "http://10.0.0.7/admin?x=1"),))], Outcome.FAILED, "10.0.0.7"),
        ([Forbidden("10.0.0.7, in a closed network")], Outcome.INCONCLUSIVE, "closed network"),
    ],
    ids=["right", "5xx then fine", "too few", "flapping", "slow", "redirect", "private address"],
)
def test_answers_and_what_they_make_of_it(
    readings: Sequence[HttpReading], outcome: Outcome, said: str
) -> None:
    measured = http(readings)
    assert measured.outcome is outcome
    assert said in measured.said
    assert "?x=1" not in measured.said, "nothing but the host is told of an address"


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (BROKEN, "answered 503, 200 was wanted"),
        (SLOW, "did not answer within 10s"),
        (AWAY, "can't be reached"),
    ],
)
def test_what_is_wrong_to_the_end_has_failed(reading: HttpReading, said: str) -> None:
    measured = begin(THREE, Measured("health"), NOON)
    at = NOON
    while (due := due_at(THREE, measured)) is not None:
        at = due
        measured = judge_http(THREE, measured, reading, RELEASE, at)
    assert at == NOON + timedelta(minutes=2)
    assert (measured.outcome, measured.said) == (
        Outcome.FAILED,
        f"{said}; never 3 times in a row right within 2m",
    )
    assert why_failed([measured]) == f"health: {measured.said}."


def test_flapping_to_the_end_has_failed() -> None:
    measured, at, turn = begin(THREE, Measured("health"), NOON), NOON, 0
    while (due := due_at(THREE, measured)) is not None:
        at, turn = due, turn + 1
        measured = judge_http(THREE, measured, BROKEN if turn % 3 == 0 else FINE, RELEASE, at)
    assert measured.outcome is Outcome.FAILED
    assert at >= NOON + timedelta(minutes=2)


def test_a_row_that_began_in_time_is_let_finish_and_no_later_one() -> None:
    first_at = NOON + THREE.within + LOOK
    nearly = replace(begin(THREE, Measured("health"), NOON), read_at=first_at - LOOK)
    first = judge_http(THREE, nearly, FINE, RELEASE, first_at)
    assert first.outcome is Outcome.MEASURING
    second = judge_http(THREE, first, FINE, RELEASE, first_at + LOOK)
    assert judge_http(THREE, second, FINE, RELEASE, first_at + 2 * LOOK).outcome is Outcome.PASSED
    assert judge_http(THREE, second, BROKEN, RELEASE, first_at + 2 * LOOK).outcome is Outcome.FAILED


def test_right_only_when_its_time_was_over_is_no_success() -> None:
    bad = begin(THREE, Measured("health"), NOON)
    for seconds in (0, 60, 119):
        bad = judge_http(THREE, bad, BROKEN, RELEASE, NOON + timedelta(seconds=seconds))
    good = judge_http(THREE, bad, FINE, RELEASE, NOON + THREE.within + LOOK + timedelta(seconds=1))
    assert (good.outcome, good.said) == (Outcome.FAILED, "it was right only after more than 2m")


def test_time_in_which_nobody_looked_counts_for_nothing() -> None:
    """We were away: neither is its time over, nor is what was right before and after one row."""
    measured = http([FINE, FINE])
    assert measured.read_at is not None
    later = measured.read_at + timedelta(hours=1)
    again = judge_http(THREE, measured, FINE, RELEASE, later)
    assert (again.outcome, again.passes) == (Outcome.MEASURING, 1)
    assert again.until is not None
    assert again.until > later
    bad = judge_http(THREE, measured, BROKEN, RELEASE, later)
    assert bad.outcome is Outcome.MEASURING


VERSION = HttpVerification(URL, version_header="X-Version")


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("v1.4.2", True),
        ("1.4.2", True),
        (SHA_A, True),
        (SHA_A[:7].upper(), True),
        (SHA_A[:12], True),
        (SHA_A[:6], False),
        ("", False),
        ("v1.4.1", False),
        ("1.4.20", False),
        (SHA_A + "a", False),
    ],
)
def test_the_release_that_answers_is_known_by_its_names(said: str, right: bool) -> None:
    measured = http([Answered(200, headers=(("x-version", said),))], VERSION)
    assert measured.outcome is (Outcome.PASSED if right else Outcome.MEASURING)


def test_the_wrong_version_is_named_with_the_one_that_was_wanted() -> None:
    old = Answered(200, headers=(("x-version", "v1.4.1"),))
    assert http([old], VERSION).said == "X-Version says v1.4.1, v1.4.2 was wanted"
    assert http([FINE], VERSION).said == "has no X-Version, v1.4.2 was wanted there"
    measured = judge_http(VERSION, begin(VERSION, Measured("h"), NOON), old, RELEASE, NOON + VERSION.within)
    assert measured.outcome is Outcome.MEASURING, "nobody had looked for so long"
    for _ in range(TURNS * 2):
        due = due_at(VERSION, measured)
        if due is None:
            break
        measured = judge_http(VERSION, measured, old, RELEASE, due)
    assert measured.outcome is Outcome.FAILED
    assert "v1.4.1" in measured.said
    assert "v1.4.2" in measured.said


@pytest.mark.parametrize(
    ("body", "wanted", "said"),
    [
        (b'{"db": {"ok": true}}', True, ""),
        (b'{"db": {"ok": 1}}', True, "db.ok is 1, true was wanted"),
        (b'{"db": {"ok": "true"}}', True, 'db.ok is "true", true was wanted'),
        (b'{"db": {"ok": null}}', True, "db.ok is null, true was wanted"),
        (b'{"db": {"ok": {}}}', True, "db.ok is no single value, true was wanted"),
        (b'{"db": {}}', True, "has no db.ok"),
        (b'{"db": 3}', True, "has no db.ok"),
        (b"[]", True, "has no db.ok"),
        (b"ok", True, "is no JSON"),
        (b"\xff", True, "is no JSON"),
        (b"[" * 100_000, True, "is no JSON"),
        (b'{"db": {"ok": 3}}', 3, ""),
        (b'{"db": {"ok": 3.0}}', 3, "db.ok is 3.0, 3 was wanted"),
    ],
)
def test_a_part_of_an_answer_must_be_exactly_that(body: bytes, wanted: Any, said: str) -> None:
    rule = HttpVerification(URL, json=JsonPart("db.ok", wanted))
    measured = http([Answered(200, body)], rule)
    assert measured.outcome is (Outcome.MEASURING if said else Outcome.PASSED)
    assert not said or measured.said == said


def test_a_part_may_be_in_a_list_and_what_is_too_long_is_not_read() -> None:
    rule = HttpVerification(URL, json=JsonPart("checks.1", "up"))
    assert http([Answered(200, b'{"checks": ["down", "up"]}')], rule).outcome is Outcome.PASSED
    assert http([Answered(200, b'{"checks": ["down"]}')], rule).said == "has no checks.1"
    assert http([Answered(200, b"{", whole=False)], rule).said == "is too long to be read as JSON"


def test_words_that_must_be_there() -> None:
    rule = HttpVerification(URL, contains="all good")
    assert http([Answered(200, b"it is all good")], rule).outcome is Outcome.PASSED
    assert http([Answered(200, b"it is all goo", whole=False)], rule).said == (
        "does not contain “all good” in its first 13 bytes"
    )


def test_a_redirect_that_was_asked_for_is_right() -> None:
    moved = Answered(302, headers=(("location", "/login"),))
    assert http([moved], HttpVerification(URL, status=302)).outcome is Outcome.PASSED
    assert "another page of its own" in http([moved]).said
    odd = Answered(302, headers=(("location", "http://[x/"),))
    assert "an address that can't be read" in http([odd]).said


def test_what_was_wrong_before_never_speaks_against_the_release() -> None:
    measured = http([Answered(308, headers=(("location", "//evil.test"),))], wrong_before="answered 503")
    assert measured.outcome is Outcome.INCONCLUSIVE
    assert "already right before the start: answered 503" in measured.said
    assert metric([value("0.2")], "0.3, below 0.05 was wanted").outcome is Outcome.INCONCLUSIVE
    assert http([FINE] * 3, wrong_before="answered 503").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("rule", "reading", "said"),
    [
        (THREE, BROKEN, "answered 503, 200 was wanted"),
        (THREE, FINE, ""),
        (THREE, AWAY, "can't be reached"),
        (THREE, Forbidden("never asked"), ""),
        (VERSION, Answered(200, headers=(("x-version", "v1.4.1"),)), ""),  # the old one runs, of course
        (ERRORS, value("0.2"), "0.2, below 0.05 was wanted"),
        (ERRORS, value("0.01"), ""),
        (ERRORS, MetricReading(None, "no series"), ""),
        (SMOKE, None, ""),
    ],
)
def test_what_is_wrong_right_before_the_start(rule: Any, reading: Any, said: str) -> None:
    assert before(rule, reading, Measured("it")).before == said


def test_a_value_must_stay_right_all_the_time() -> None:
    assert metric([value("0.01")] * 10).outcome is Outcome.MEASURING
    assert metric([value("0.01")] * 11).outcome is Outcome.PASSED
    spike = metric([value("0.01")] * 5 + [value("0.12")])
    assert (spike.outcome, spike.said) == (Outcome.FAILED, "0.12, below 0.05 was wanted")
    assert metric([value("0.05")]).outcome is Outcome.FAILED, "the bound itself is not below it"


def test_two_values_are_not_enough_to_say_that_it_stayed_so() -> None:
    short = replace(ERRORS, lasting=timedelta(seconds=10))
    measured = judge_metric(short, begin(short, Measured("errors"), NOON), value("0"), NOON)
    for number in (1, 2):
        assert measured.outcome is Outcome.MEASURING
        measured = judge_metric(short, measured, value("0"), NOON + timedelta(seconds=30 * number))
    assert measured.outcome is Outcome.PASSED


@pytest.mark.parametrize("why", ["no series", "NaN", "several series", "it can't be reached"])
def test_no_value_is_never_a_success(why: str) -> None:
    lost = metric([MetricReading(None, why)] * 11)
    assert (lost.outcome, lost.said) == (Outcome.INCONCLUSIVE, why)
    once = metric([value("0.01")] * 10 + [MetricReading(None, why)])
    assert once.outcome is Outcome.INCONCLUSIVE
    early = metric([MetricReading(None, why)] * 3 + [value("0.01")] * 10)
    assert early.outcome is Outcome.MEASURING, "it was right for 4m30s so far"
    assert metric([MetricReading(None, why)] * 3 + [value("0.01")] * 11).outcome is Outcome.PASSED


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_is_never_right(odd: str) -> None:
    assert metric([MetricReading(Decimal(odd))] * 11).outcome is Outcome.INCONCLUSIVE
    assert before(ERRORS, MetricReading(Decimal(odd)), Measured("errors")).before == ""


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (RunStatus.SUCCESS, Outcome.PASSED),
        (RunStatus.FAILURE, Outcome.FAILED),
        (RunStatus.UNSTABLE, Outcome.FAILED),
        (RunStatus.CANCELLED, Outcome.INCONCLUSIVE),
        (RunStatus.SKIPPED, Outcome.INCONCLUSIVE),
        (RunStatus.QUEUED, Outcome.MEASURING),
        (RunStatus.RUNNING, Outcome.MEASURING),
        (RunStatus.WAITING, Outcome.MEASURING),
        (RunStatus.NEEDS_PERSON, Outcome.MEASURING),
        (RunStatus.UNKNOWN, Outcome.MEASURING),
    ],
)
def test_what_becomes_of_a_run(status: RunStatus, outcome: Outcome) -> None:
    started = begin(SMOKE, Measured("smoke.yml"), NOON)
    assert judge_run(SMOKE, started, run(status), NOON).outcome is outcome
    late = judge_run(SMOKE, started, run(status), NOON + SMOKE.timeout).outcome
    assert late is (Outcome.INCONCLUSIVE if outcome is Outcome.MEASURING else outcome)


def test_a_run_that_vanishes_says_nothing() -> None:
    started = begin(SMOKE, Measured("smoke.yml"), NOON)
    at = NOON
    missing = started
    for _ in range(int(SHOWN_AFTER / pace(SMOKE))):
        missing = judge_run(SMOKE, missing, None, at)
        assert missing.outcome is Outcome.MEASURING
        at += pace(SMOKE)
    assert judge_run(SMOKE, missing, run(RunStatus.SUCCESS), at).outcome is Outcome.PASSED
    assert judge_run(SMOKE, missing, None, at).outcome is Outcome.INCONCLUSIVE


def test_a_start_that_nobody_answered_and_a_provider_that_is_away() -> None:
    sent = Measured("smoke.yml", sent_at=NOON, begun_at=NOON, until=NOON + SMOKE.timeout)
    assert not_found(sent, NOON + timedelta(minutes=1)).outcome is Outcome.MEASURING
    assert not_found(sent, NOON + SHOWN_AFTER).outcome is Outcome.INCONCLUSIVE
    assert unread(sent, "GitHub is away.", NOON + timedelta(minutes=9)).outcome is Outcome.MEASURING
    assert unread(sent, "GitHub is away.", NOON + SMOKE.timeout).outcome is Outcome.INCONCLUSIVE


def test_all_of_them_together() -> None:
    def of(*outcomes: Outcome) -> Outcome:
        return conclusion([Measured("it", each) for each in outcomes])

    passed, failed = Outcome.PASSED, Outcome.FAILED
    assert of(passed, passed) is passed
    assert of(passed, failed, Outcome.MEASURING) is failed
    assert of(passed, Outcome.MEASURING, Outcome.INCONCLUSIVE) is Outcome.MEASURING
    assert of(passed, Outcome.INCONCLUSIVE) is Outcome.INCONCLUSIVE


def test_measured_again_from_the_start_with_what_was_known_before() -> None:
    ref = RunRef("github", "acme/api", "7")
    stuck = Measured(
        "it", Outcome.INCONCLUSIVE, "odd", "wrong", NOON, NOON, NOON, NOON, 2, NOON, 0, NOON, ref
    )
    again = once_more(stuck)
    assert again == Measured("it", before="wrong", before_at=NOON, turn=1, earlier=("7",))
    assert once_more(Measured("it", Outcome.PASSED)) == Measured("it", Outcome.PASSED)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (HttpVerification("https://api.example.com:8443/health/?token=x"), "api.example.com:8443/health"),
        (HttpVerification("https://api.example.com"), "api.example.com"),
        (ERRORS, "errors below 0.05 for 5m"),
        (SMOKE, "smoke.yml"),
    ],
)
def test_how_people_call_it(rule: Any, name: str) -> None:
    assert named(rule) == name


def test_it_is_read_at_the_end_of_its_time_and_not_after_its_end() -> None:
    read = Measured("it", begun_at=NOON, read_at=NOON + timedelta(seconds=115), until=NOON + THREE.within)
    assert due_at(THREE, read) == NOON + timedelta(seconds=120)
    assert due_at(THREE, Measured("it")) is None
    assert due_at(THREE, Measured("it", Outcome.PASSED, begun_at=NOON)) is None


def test_the_pace_fits_what_is_counted() -> None:
    assert pace(HttpVerification(URL, passes=100, within=timedelta(minutes=2))) == timedelta(seconds=1)
    for rule in (THREE, ERRORS, SMOKE):
        assert timedelta(seconds=1) <= pace(rule) <= timedelta(seconds=30)


def test_of_a_run_only_its_own_words_are_kept() -> None:
    ended: Run = run(RunStatus.FAILURE)
    assert judge_run(SMOKE, begin(SMOKE, Measured("smoke.yml"), NOON), ended, NOON).url == ended.url
