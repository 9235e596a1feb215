"""What `slipway doctor` finds, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad it is; only `fail` makes the doctor exit with 1."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `fix` says what to do, and is empty where all is well."""

    grade: Grade
    what: str
    fix: str = ""


def ok(what: str) -> Finding:
    return Finding(Grade.OK, what)


def warn(what: str, fix: str) -> Finding:
    return Finding(Grade.WARN, what, fix)


def fail(what: str, fix: str) -> Finding:
    return Finding(Grade.FAIL, what, fix)
