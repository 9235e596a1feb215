"""What the steps of a job write into its log, in the form in which GitHub keeps it.

Each line has its time; a step begins with a heading that folds, its command in colour; what went wrong has
a mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.playground.github.model import Run, Step
from bot.playground.github.names import Conclusion

COLOUR, RED, PLAIN = "\x1b[36;1m", "\x1b[31m", "\x1b[0m"
PARTS = 30  # of what a step does


def log_line(at: datetime, text: str) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}0Z {text}"


def log_lines(at: datetime, step: Step, run: Run) -> list[str]:
    """What a finished step left in the log, spread over the time that it took."""
    texts = [*_heading(step, run), *_work(step, run)]
    if step.conclusion is Conclusion.FAILURE:
        texts += _trouble(step, run)
    began = min(step.started_at or at, at)
    pace = (at - began) / max(len(texts), 1)
    return [log_line(min(at, began + pace * number), text) for number, text in enumerate(texts, start=1)]


def _heading(step: Step, run: Run) -> Iterator[str]:
    if not step.command:
        yield f"##[group]{step.name}"
        yield f"Commit: {run.head_sha}"
        yield "##[endgroup]"
        return
    yield f"##[group]Run {step.command}"
    yield f"{COLOUR}{step.command}{PLAIN}"
    yield "shell: /usr/bin/bash -e {0}"
    yield "env:"
    for name, value in run.inputs.items():
        yield f"  INPUT_{name.upper()}: {value}"
    yield "##[endgroup]"


def _work(step: Step, run: Run) -> Iterator[str]:
    if not step.command.startswith("make "):
        return
    yield f"Using {run.head_sha[:12]}"
    for number in range(1, PARTS + 1):
        yield f"[{number:>2}/{PARTS}] {step.name}: part {number} is done"


def _trouble(step: Step, run: Run) -> Iterator[str]:
    """A little of what such a log is made of, with a token that somebody has printed."""
    where = run.inputs.get("environment", "staging")
    token = "ghs_" + "x" * 36
    yield "##[warning]The first answer took 4.8 seconds."
    yield f"waiting in {where}: 2 of 3 replicas are ready"
    yield f"curl --header 'Authorization: Bearer {token}' https://{where}.example.com/health"
    yield f"{RED}{step.name}: GET /health answered 503, wanted 200{PLAIN}"
    yield f"  at check_health (deploy/{where}.sh:42)"
    yield "make: *** [Makefile:17: deploy] Error 1"
    yield "##[error]Process completed with exit code 1."
