"""What runs wrote, in memory: the port RunLogs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.core.errors import SlipwayError
from bot.core.log_ends import Span
from bot.core.runs import RunRef
from bot.core.tails import FailedJob

WROTE = b"2026-03-02T09:00:00.1Z GET /health answered 503\n2026-03-02T09:00:00.2Z ##[error]exit code 1\n"
FAILED_JOB = FailedJob("deploy", "https://github.example.com/job/7", "Roll out", Span(), WROTE)


@dataclass
class FakeLogs:
    """What a test puts there is found, or raised; `refusals` come first, each once."""

    job: FailedJob | SlipwayError | None = FAILED_JOB
    files: tuple[bytes, ...] | SlipwayError = ()
    refusals: list[SlipwayError] = field(default_factory=list)
    asked: list[tuple[RunRef, int, str]] = field(default_factory=list)

    async def failed_job(self, run: RunRef, attempt: int, job: str = "") -> FailedJob | None:
        self.asked.append((run, attempt, job))
        if self.refusals:
            raise self.refusals.pop(0)
        if isinstance(self.job, SlipwayError):
            raise self.job
        return self.job

    async def results(self, run: RunRef, since: datetime | None) -> tuple[bytes, ...]:  # noqa: ARG002
        if isinstance(self.files, SlipwayError):
            raise self.files
        return self.files
