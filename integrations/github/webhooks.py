"""Deliveries from GitHub: whether they are genuine, and which run they hint at. Pure; PyGithub is not needed.

A delivery comes in any order, sometimes twice and sometimes never, so nothing in it is believed: it names
what to read again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.core.hints import Hint
from bot.core.values import Sha, sha

SIGNATURE, EVENT, DELIVERY = "X-Hub-Signature-256", "X-GitHub-Event", "X-GitHub-Delivery"
MAX_BODY = 25 * 1024 * 1024  # GitHub sends nothing larger
MAX_HEADER = 200
_PREFIX = "sha256="


class Event(StrEnum):
    """The deliveries that say something about a run; others are answered with 200 and left alone."""

    WORKFLOW_RUN = "workflow_run"
    WORKFLOW_JOB = "workflow_job"
    DEPLOYMENT_STATUS = "deployment_status"
    DEPLOYMENT_PROTECTION_RULE = "deployment_protection_rule"


@dataclass(frozen=True, slots=True)
class Signed:
    """A delivery that carries the right signature: what the inbox keeps it under."""

    event: str
    delivery: str
    signature: str


def verify(secret: str, headers: Mapping[str, str], raw: bytes) -> Signed | None:
    """Who it is, if GitHub signed exactly these bytes with our secret; None for anything else.

    An empty secret verifies nothing. `headers` may be in any case.
    """
    given = {name.lower(): value for name, value in headers.items() if len(value) <= MAX_HEADER}
    signature, event, delivery = (given.get(name.lower(), "") for name in (SIGNATURE, EVENT, DELIVERY))
    if not secret or not event or not delivery or len(raw) > MAX_BODY:
        return None
    expected = _PREFIX + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    genuine = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
    return Signed(event, delivery, signature) if genuine else None


def hints(event: str, payload: object) -> tuple[Hint, ...]:
    """Where to look again. Null, absent and odd fields give fewer hints, never an error."""
    if event not in set(Event):
        return ()
    repository = _text(_at(payload, "repository", "full_name"))
    if not repository:
        return ()
    run, head = _run_and_head(Event(event), payload)
    return (Hint(repository, run, head),) if run or head else ()


def _run_and_head(event: Event, payload: object) -> tuple[str | None, Sha | None]:
    match event:
        case Event.WORKFLOW_RUN:
            told = _at(payload, "workflow_run")
            return _number(_at(told, "id")), _commit(_at(told, "head_sha"))
        case Event.WORKFLOW_JOB:
            told = _at(payload, "workflow_job")
            return _number(_at(told, "run_id")), _commit(_at(told, "head_sha"))
        case Event.DEPLOYMENT_STATUS:
            run = _number(_at(payload, "workflow_run", "id"))
            return run, _commit(_at(payload, "deployment", "sha"))
        case Event.DEPLOYMENT_PROTECTION_RULE:
            return None, _commit(_at(payload, "deployment", "sha"))


def _at(told: object, *path: str) -> Any:
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told


def _text(told: object) -> str:
    return told if isinstance(told, str) else ""


def _number(told: object) -> str | None:
    """Ids are positive numbers; `True` is one to Python, not to us."""
    return str(told) if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None


def _commit(told: object) -> Sha | None:
    try:
        return sha(_text(told))
    except ValueError:
        return None
