"""No sequence of readings is a success unless the rule's own words hold, told from its whole history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.metrics import MetricReading
from bot.core.rules import HttpVerification, MetricSource, MetricVerification, WorkflowVerification
from bot.core.runs import RunStatus
from bot.core.verifications import Measured, Outcome
from bot.core.verify_answers import Release
from bot.core.verify_ports import Answered, Forbidden, HttpReading, Silent
from bot.core.verifying import begin, conclusion, judge_http, judge_metric, judge_run
from tests.fakes.samples import NOON, SHA_A, run

RELEASE = Release(SHA_A, "v1.4.2")
LATE, AWAY = 10, 60  # seconds: what is due may be so late; whoever did not look for so much longer was away

ANSWERS: tuple[tuple[HttpReading, str], ...] = (
    (Answered(200, b"ok", (("x-version", "1.4.2"),)), "right"),
    (Answered(200, b"ok", (("x-version", SHA_A[:9]),)), "right"),
    (Answered(200, b"ok", (("x-version", "1.4.1"),)), "wrong"),
    (Answered(200, b"ok"), "wrong"),
    (Answered(503, b"ok", (("x-version", "1.4.2"),)), "wrong"),
    (Silent("did not answer within 10s"), "wrong"),
    (Answered(302, b"ok", (("x-version", "1.4.2"), ("location", "http://127.0.0.1/"))), "redirect"),
    (Forbidden("127.0.0.1, in a closed network"), "forbidden"),
)
VALUES: tuple[tuple[MetricReading, str], ...] = (
    (MetricReading(Decimal("0.01")), "right"),
    (MetricReading(Decimal("-1")), "right"),
    (MetricReading(Decimal("0.05")), "wrong"),
    (MetricReading(Decimal("3")), "wrong"),
    (MetricReading(Decimal("NaN")), "none"),
    (MetricReading(Decimal("-Infinity")), "none"),
    (MetricReading(None, "no series"), "none"),
)
SECONDS = (0, 1, 1, 2, 3, 5, 5, 10, 10, 20, 30, 59, 61, 89, 91, 300)
OFTEN = {"right": 6, "wrong": 3, "none": 3, "redirect": 1, "forbidden": 1}


def picked(kinds: Sequence[tuple[object, str]]) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Seconds since the one before, and which reading: mostly so that it goes on for a while."""
    drawn = [which for which, (_, kind) in enumerate(kinds) for _ in range(OFTEN[kind])]
    return st.lists(st.tuples(st.sampled_from(SECONDS), st.sampled_from(drawn)), min_size=3, max_size=40)


def rows(kinds: Sequence[str], steps: Sequence[int], most: int) -> list[tuple[int, int]]:
    """For each reading: how many up to it were right with nobody away in between, and since which of them."""
    told = []
    for last in range(len(kinds)):
        first = last + 1
        while first > 0 and kinds[first - 1] == "right" and (first > last or steps[first] <= most):
            first -= 1
        told.append((last - first + 1, first))
    return told


def looked(steps: Sequence[int], upto: int, most: int) -> int:
    """Seconds in which somebody looked."""
    return sum(each for each in steps[: upto + 1] if each <= most)


@settings(max_examples=500)
@given(picked(ANSWERS), st.integers(1, 5), st.sampled_from([10, 30, 120]))
def test_an_address(drawn: list[tuple[int, int]], passes: int, within: int) -> None:
    rule = HttpVerification(
        "https://a.example/", passes=passes, within=timedelta(seconds=within), version_header="X-Version"
    )
    most = AWAY + max(1.0, min(10.0, within / (4 * passes)))
    steps = [step for step, _ in drawn]
    kinds = [ANSWERS[which][1] for _, which in drawn]
    told = rows(kinds, steps, int(most))
    measured, now = begin(rule, Measured("it"), NOON), NOON
    for place, (step, which) in enumerate(drawn):
        now += timedelta(seconds=step)
        measured = judge_http(rule, measured, ANSWERS[which][0], RELEASE, now)
        length, first = told[place]
        in_time = length > 0 and looked(steps, first, int(most)) <= within + LATE
        match measured.outcome:
            case Outcome.PASSED:
                assert length >= passes
                assert in_time
                return
            case Outcome.FAILED:
                over = looked(steps, place, int(most)) >= within
                assert kinds[place] == "redirect" or (over and (kinds[place] == "wrong" or not in_time))
                return
            case Outcome.INCONCLUSIVE:
                assert kinds[place] == "forbidden"
                return
            case Outcome.MEASURING:
                assert not (length >= passes and in_time)
                assert kinds[place] in ("right", "wrong")


@settings(max_examples=500)
@given(picked(VALUES), st.sampled_from([10, 20, 60]))
def test_a_query(drawn: list[tuple[int, int]], lasting: int) -> None:
    source = MetricSource("main", "https://prometheus.example")
    rule = MetricVerification(source, "errors", timedelta(seconds=lasting), below=Decimal("0.05"))
    most = int(AWAY + max(1.0, min(30.0, lasting / 10)))
    steps = [step for step, _ in drawn]
    kinds = [VALUES[which][1] for _, which in drawn]
    told = rows(kinds, steps, most)
    measured, now = begin(rule, Measured("it"), NOON), NOON
    for place, (step, which) in enumerate(drawn):
        now += timedelta(seconds=step)
        measured = judge_metric(rule, measured, VALUES[which][0], now)
        length, first = told[place]
        held = sum(steps[first + 1 : place + 1]) if length else -1
        in_time = length > 0 and looked(steps, first, most) <= lasting + LATE
        match measured.outcome:
            case Outcome.PASSED:
                assert held >= lasting
                assert length >= 3
                assert in_time
                return
            case Outcome.FAILED:
                assert kinds[place] == "wrong"
                return
            case Outcome.INCONCLUSIVE:
                assert kinds[place] == "none" or not in_time
                return
            case Outcome.MEASURING:
                assert not (held >= lasting and length >= 3 and in_time)
                assert kinds[place] in ("right", "none")


@given(st.lists(st.sampled_from([None, *RunStatus]), max_size=30))
def test_a_run(statuses: list[RunStatus | None]) -> None:
    rule = WorkflowVerification("smoke.yml")
    measured, now = begin(rule, Measured("it"), NOON), NOON
    for status in statuses:
        now += timedelta(seconds=10)
        measured = judge_run(rule, measured, run(status) if status else None, now)
        if measured.outcome is not Outcome.MEASURING:
            assert (measured.outcome is Outcome.PASSED) == (status is RunStatus.SUCCESS)
            assert (measured.outcome is Outcome.FAILED) == (status in (RunStatus.FAILURE, RunStatus.UNSTABLE))
            return
    assert RunStatus.SUCCESS not in statuses


@given(st.lists(st.sampled_from(Outcome)))
def test_together_they_are_a_success_only_if_each_is(outcomes: list[Outcome]) -> None:
    found = conclusion([Measured("it", each) for each in outcomes])
    assert (found is Outcome.PASSED) == all(each is Outcome.PASSED for each in outcomes)
