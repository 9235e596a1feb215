"""What readings make of a verification: pure, and never a success that was not seen.

Time in which nobody looked counts for nothing: neither towards the end of its time nor as one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from bot.core.durations import format_duration
from bot.core.metrics import MetricReading
from bot.core.policy_version import asked_under
from bot.core.records import Deployment
from bot.core.rules import HttpVerification, MetricVerification, Verification, WorkflowVerification
from bot.core.runs import Run, RunStatus
from bot.core.verifications import Measured, Outcome, undecided
from bot.core.verify_answers import Release, pointed_to, wrong_answer
from bot.core.verify_ports import Answered, Forbidden, HttpReading, Silent
from bot.core.visible import clip

LOOK = timedelta(seconds=10)  # a reading that was due may be so late
ABSENCE = timedelta(minutes=1)  # after that nobody can say what was in between
SHOWN_AFTER = timedelta(minutes=2)  # how long a run may be missing from what the provider shows
RUN_PACE = timedelta(seconds=10)
VALUES = 3  # of a query at least, however seldom somebody came to read it
FAILED_NEXT = "It is there and does not do what it should: roll back, or mend it."
QUERY, ADDRESS = 60, 100  # characters of each that people see


def rules_of(deployment: Deployment) -> tuple[Verification, ...]:
    """Of the policy that it was asked under; today's may have others, and is for what comes later."""
    policy = asked_under(deployment)
    return policy.verify if policy else ()


def named(rule: Verification) -> str:
    """As people call it; what stands behind a question mark in an address may be secret."""
    match rule:
        case HttpVerification():
            parts = urlsplit(rule.url)
            port = f":{parts.port}" if parts.port else ""
            return clip(f"{parts.hostname}{port}{parts.path.rstrip('/')}", ADDRESS)
        case MetricVerification():
            return f"{clip(rule.query, QUERY)} {bound(rule)} for {format_duration(rule.lasting)}"
        case WorkflowVerification():
            return rule.workflow


def bound(rule: MetricVerification) -> str:
    """On which side of what."""
    return f"below {rule.below:f}" if rule.below is not None else f"above {rule.above:f}"


def lasts(rule: Verification) -> timedelta:
    """How long it may take."""
    match rule:
        case HttpVerification():
            return rule.within
        case MetricVerification():
            return rule.lasting
        case WorkflowVerification():
            return rule.timeout


def pace(rule: Verification) -> timedelta:
    """Between two readings: often enough for what is counted, seldom enough to be no burden."""
    match rule:
        case HttpVerification():
            return _between(timedelta(seconds=1), rule.within / (4 * rule.passes), timedelta(seconds=10))
        case MetricVerification():
            return _between(timedelta(seconds=1), rule.lasting / 10, timedelta(seconds=30))
        case WorkflowVerification():
            return RUN_PACE


def _between(least: timedelta, wanted: timedelta, most: timedelta) -> timedelta:
    return max(least, min(wanted, most))


def due_at(rule: Verification, measured: Measured) -> datetime | None:
    """When it is read next; None when that is over. The last reading is at the end of its time."""
    if measured.outcome is not Outcome.MEASURING or measured.begun_at is None:
        return None
    if measured.read_at is None:
        return measured.begun_at
    after = measured.read_at + pace(rule)
    ends = measured.until
    return ends if ends is not None and measured.read_at < ends < after else after


def begin(rule: Verification, measured: Measured, now: datetime) -> Measured:
    """From now on it is measured."""
    return replace(measured, begun_at=now, until=now + lasts(rule))


def once_more(measured: Measured) -> Measured:
    """From the start, because somebody wants it; what was wrong before the dispatch stays known."""
    if measured.outcome is not Outcome.INCONCLUSIVE:
        return measured
    seen = (*measured.earlier, *([measured.run.external_id] if measured.run else []))
    kept = Measured(measured.what, before=measured.before, before_at=measured.before_at)
    return replace(kept, turn=measured.turn + 1, earlier=seen)


def judge_http(
    rule: HttpVerification, known: Measured, reading: HttpReading, release: Release | None, now: datetime
) -> Measured:
    """So many right answers in a row, the first of them within its time."""
    measured = _seen(rule, known, now)
    if isinstance(reading, Forbidden):
        return _ended(measured, Outcome.INCONCLUSIVE, reading.why)
    points = pointed_to(rule, reading)
    if points:
        return _failed(measured, f"{points}. Redirects are not followed.")
    wrong = wrong_answer(rule, reading, release)
    if wrong:
        broken = replace(measured, passes=0, since=None, said=wrong)
        return _failed(broken, f"{wrong}; {_in_vain(rule)}") if _is_over(measured, now) else broken
    if not measured.passes and _too_late(measured, now):
        return _failed(measured, f"it was right only after more than {format_duration(rule.within)}")
    return _one_more(rule, measured, now)


def _one_more(rule: HttpVerification, measured: Measured, now: datetime) -> Measured:
    passes = measured.passes + 1
    said = f"{passes} of {rule.passes} in a row" if rule.passes > 1 else "right"
    counted = replace(measured, passes=passes, since=measured.since or now, said=said)
    return _ended(counted, Outcome.PASSED, said) if passes >= rule.passes else counted


def _in_vain(rule: HttpVerification) -> str:
    row = f"never {rule.passes} times in a row right" if rule.passes > 1 else "never right"
    return f"{row} within {format_duration(rule.within)}"


def judge_metric(
    rule: MetricVerification, known: Measured, reading: MetricReading, now: datetime
) -> Measured:
    """On the right side all the time; one value on the wrong side is enough, none at all says nothing."""
    measured = _seen(rule, known, now)
    number = _number(reading)
    if number is None:
        why = reading.why or f"{reading.value} is no number that could be compared"
        lost = replace(measured, since=None, passes=0, said=why)
        return _ended(lost, Outcome.INCONCLUSIVE, why) if _is_over(measured, now) else lost
    wrong = wrong_value(rule, reading)
    if wrong:
        return _failed(measured, wrong)
    if measured.since is None and _too_late(measured, now):
        why = f"it could be measured only after more than {format_duration(rule.lasting)}"
        return _ended(measured, Outcome.INCONCLUSIVE, why)
    since, said = measured.since or now, f"{number:.6g} is right"
    counted = replace(measured, since=since, passes=measured.passes + 1, said=said)
    held = now - since >= rule.lasting and counted.passes >= VALUES
    return _ended(counted, Outcome.PASSED, said) if held else counted


def wrong_value(rule: MetricVerification, reading: MetricReading) -> str:
    """What is wrong with a value; empty where it is right, and where there is none."""
    number = _number(reading)
    if number is None:
        return ""
    below = rule.below is None or number < rule.below
    above = rule.above is None or number > rule.above
    return "" if below and above else f"{number:.6g}, {bound(rule)} was wanted"


def _number(reading: MetricReading) -> Decimal | None:
    """What has no end, or is none at all, can't be compared."""
    return reading.value if reading.value is not None and reading.value.is_finite() else None


def judge_run(rule: WorkflowVerification, known: Measured, run: Run | None, now: datetime) -> Measured:
    """By the end of its run; one that shows nothing of the release says nothing of it."""
    measured = replace(known, read_at=now)
    if run is None:
        return _missing(measured, now)
    seen = replace(measured, since=None, url=run.url, said=run.status.value.replace("_", " "))
    match run.status:
        case RunStatus.SUCCESS:
            return _ended(seen, Outcome.PASSED, "succeeded")
        case RunStatus.FAILURE | RunStatus.UNSTABLE:
            why = f"its run {'failed' if run.status is RunStatus.FAILURE else 'is unstable'}"
            return _failed(seen, why, "It can't be said whether that is new")
        case RunStatus.CANCELLED:
            return _ended(seen, Outcome.INCONCLUSIVE, "its run was cancelled")
        case RunStatus.SKIPPED:
            return _ended(seen, Outcome.INCONCLUSIVE, "its run ended without running anything")
        case (
            RunStatus.QUEUED
            | RunStatus.RUNNING
            | RunStatus.WAITING
            | RunStatus.NEEDS_PERSON
            | RunStatus.UNKNOWN
        ):
            if not _is_over(seen, now):
                return seen
            why = f"its run has not ended after {format_duration(rule.timeout)} ({run.raw_status})"
            return _ended(seen, Outcome.INCONCLUSIVE, why)


def _missing(measured: Measured, now: datetime) -> Measured:
    """A run may be missing from an answer for a while."""
    since = measured.since or now
    if now - since < SHOWN_AFTER:
        return replace(measured, since=since, said="its run is not shown at the moment")
    return _ended(measured, Outcome.INCONCLUSIVE, "the provider no longer knows its run")


def not_found(measured: Measured, now: datetime) -> Measured:
    """Nobody answered whether it was started, and no run of ours shows up so far."""
    waited = now - (measured.sent_at or now)
    looking = replace(measured, read_at=now, said="its run does not show up yet")
    if waited < SHOWN_AFTER:
        return looking
    why = "it was asked to start, the answer was lost, and no run of ours shows up"
    return _ended(looking, Outcome.INCONCLUSIVE, why)


def unread(known: Measured, why: str, now: datetime) -> Measured:
    """The provider could not be asked, which says nothing of the release; not for ever, either."""
    measured = replace(known, read_at=now, said=why.rstrip("."))
    return _ended(measured, Outcome.INCONCLUSIVE, measured.said) if _is_over(measured, now) else measured


def refused(measured: Measured, why: str) -> Measured:
    """The provider does not start it, which says nothing of the release."""
    return _ended(measured, Outcome.INCONCLUSIVE, why.rstrip("."))


def shown(measured: Measured) -> tuple[object, ...]:
    """What a card tells of it."""
    return measured.outcome, measured.said, measured.url, measured.until


def before(rule: Verification, reading: HttpReading | MetricReading | None, measured: Measured) -> Measured:
    """What was wrong right before the dispatch. Another release runs then, so its name is not asked for.

    Nothing reads a workflow then: what our record says of it is known already.
    """
    wrong = measured.before
    if isinstance(rule, MetricVerification) and isinstance(reading, MetricReading):
        wrong = wrong_value(rule, reading)
    elif isinstance(rule, HttpVerification) and isinstance(reading, Answered | Silent):
        wrong = pointed_to(rule, reading) or wrong_answer(rule, reading, None)
    return replace(measured, before=wrong)


def conclusion(measured: Sequence[Measured]) -> Outcome:
    """Of all of them together: one that failed is enough, and only all that passed are a success."""
    found = {each.outcome for each in measured}
    for outcome in (Outcome.FAILED, Outcome.MEASURING, Outcome.INCONCLUSIVE):
        if outcome in found:
            return outcome
    return Outcome.PASSED


def why_failed(measured: Sequence[Measured]) -> str:
    """With its numbers."""
    return " ".join(_sentence(each) for each in measured if each.outcome is Outcome.FAILED)


def question(measured: tuple[Measured, ...]) -> str:
    """What nobody can tell, and why."""
    return f"It can't be said whether it works. {undecided_words(measured)}"


def undecided_words(measured: tuple[Measured, ...]) -> str:
    """What could not be measured, each with its reason."""
    return " ".join(map(_sentence, undecided(measured)))


def _sentence(measured: Measured) -> str:
    said = measured.said if measured.said.endswith(".") else f"{measured.said}."
    return f"{measured.what}: {said}"


def _seen(rule: Verification, measured: Measured, now: datetime) -> Measured:
    """Read at this moment; after an absence its time is longer by that, and what was in a row is not."""
    last = measured.read_at or measured.begun_at or now
    gone = now - last
    read = replace(measured, read_at=now)
    if gone <= pace(rule) + ABSENCE:
        return read
    until = measured.until + gone if measured.until else None
    return replace(read, until=until, passes=0, since=None)


def _is_over(measured: Measured, now: datetime) -> bool:
    return measured.until is not None and now >= measured.until


def _too_late(measured: Measured, now: datetime) -> bool:
    return measured.until is not None and now > measured.until + LOOK


def _failed(
    measured: Measured, why: str, but: str = "It was wrong already right before the start"
) -> Measured:
    """Never against the release where it was wrong before that came."""
    if not measured.before:
        return _ended(measured, Outcome.FAILED, why)
    already = f"{why.rstrip('.')}. {but}: {measured.before}"
    return _ended(measured, Outcome.INCONCLUSIVE, already)


def _ended(measured: Measured, outcome: Outcome, said: str) -> Measured:
    return replace(measured, outcome=outcome, said=said)
