"""What is said of a failed run in the thread of its card: the end of a log, and how its tests went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.core.junit import TestCounts, read_results
from bot.core.log_ends import Span, end_of_log, words_of_others
from bot.core.redaction import Redactor
from bot.core.runs import RunRef

KEYS = "tail/"  # begin those under which the end of a log is looked for: of deployments, ...
RUN_KEYS = "run-tail/"  # ... and of other runs
LONGEST_NAME = 100  # characters of a job or step
# Until when it is tried again that it can't be read, by the age of the failure, and after how long.
PAUSES = (
    (timedelta(seconds=30), timedelta(seconds=15)),
    (timedelta(minutes=2), timedelta(seconds=45)),
    (timedelta(minutes=10), timedelta(minutes=4)),
)


@dataclass(frozen=True, slots=True)
class FailedJob:
    """The job of a run that failed, with the end of its log as the provider keeps it."""

    name: str
    url: str
    step: str  # that failed; empty: the provider names none
    span: Span
    log: bytes
    cut: bool = False  # whether the beginning of the log is missing


@dataclass(frozen=True, slots=True)
class Tail:
    """What people get to see; nothing in it is a secret, as far as that can be told."""

    job: str = ""
    step: str = ""
    url: str = ""
    lines: tuple[str, ...] = ()
    tests: TestCounts | None = None


class RunLogs(Protocol):
    """What a run wrote while it failed. Nothing of it is kept here longer than until it is said."""

    async def failed_job(self, run: RunRef, attempt: int, job: str = "") -> FailedJob | None:
        """The job that failed first, or the failed one of this name.

        None where none has failed; UserError where its log is no longer there.
        """
        ...

    async def results(self, run: RunRef, since: datetime | None) -> tuple[bytes, ...]:
        """The files that read like results of tests, left since then; UserError where they can't be used."""
        ...


def tail_of(job: FailedJob | None, results: Sequence[bytes], redactor: Redactor) -> Tail | None:
    """None where there is nothing to say."""
    clean = partial(_clean, redactor)
    tests = read_results(results, clean)
    if job is None:
        return Tail(tests=tests) if tests else None
    said = end_of_log(job.log, redactor, job.span, cut=job.cut)
    if not said and tests is None:
        return None
    return Tail(clean(job.name, LONGEST_NAME), clean(job.step, LONGEST_NAME), job.url, said, tests)


def again_after(age: timedelta) -> timedelta | None:
    """How long to wait when it could not be read; None: let it go."""
    return next((pause for until, pause in PAUSES if age < until), None)


def _clean(redactor: Redactor, text: str, longest: int) -> str:
    return words_of_others(text, redactor, longest)
