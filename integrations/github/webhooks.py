"""Deliveries from GitHub: whether they are genuine, and which run they hint at. Pure; PyGithub is not needed.

A delivery comes in any order, sometimes twice and sometimes never, so nothing in it is believed: it names
what to read again.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Any

from bot.core.hints import Hint
from bot.core.ingress import Hook, Outcome
from bot.core.records import Source
from bot.core.values import Sha, sha

PUBLIC_API = "https://api.github.com"
LONGEST_NAME = 255  # of an environment
SIGNATURE, EVENT, DELIVERY = "X-Hub-Signature-256", "X-GitHub-Event", "X-GitHub-Delivery"
COMPLETED, QUEUED, SUCCESS = "completed", "queued", "success"
_REPOSITORY = re.compile(r"[A-Za-z0-9_-]+/(?!\.{1,2}$)[A-Za-z0-9._-]+")
_SIGNED = re.compile(r"sha256=[0-9a-f]{64}")


class Event(StrEnum):
    """The deliveries that may change a run or a check, or tell of a release.

    Others are answered with 200 and not kept.
    """

    WORKFLOW_RUN = "workflow_run"
    WORKFLOW_JOB = "workflow_job"
    DEPLOYMENT_STATUS = "deployment_status"
    DEPLOYMENT_PROTECTION_RULE = "deployment_protection_rule"
    DEPLOYMENT_REVIEW = "deployment_review"
    CHECK_RUN = "check_run"
    CHECK_SUITE = "check_suite"
    STATUS = "status"
    RELEASE = "release"


EVENTS = frozenset(Event)
RUN_EVENTS = (Event.WORKFLOW_RUN, Event.WORKFLOW_JOB, Event.DEPLOYMENT_STATUS, Event.RELEASE)
GATE_EVENTS = (Event.DEPLOYMENT_PROTECTION_RULE, Event.DEPLOYMENT_REVIEW)
CHECKS = frozenset({Event.CHECK_RUN, Event.CHECK_SUITE})
CHATTY = CHECKS | {Event.WORKFLOW_JOB, Event.RELEASE}
PUBLISHES = ("published", "released")  # of a release; it may be made, changed and deleted besides


def hook(secrets: Sequence[str]) -> Hook:
    """GitHub's webhooks, signed over the raw body with one of these secrets."""
    if not secrets or not all(secrets):
        raise ValueError("webhooks without a secret could come from anybody")
    keys = [hmac.new(secret.encode(), digestmod=sha256) for secret in secrets]

    def refusal(headers: Mapping[str, str], body: bytes) -> Outcome | None:
        given = headers.get(SIGNATURE)
        if given is None:
            return Outcome.UNSIGNED
        if not _SIGNED.fullmatch(given):
            return Outcome.BAD_SIGNATURE
        matches = [hmac.compare_digest(_hex(key, body), given[7:]) for key in keys]
        return None if any(matches) else Outcome.FORGED

    return Hook(Source.GITHUB, EVENT, DELIVERY, refusal, heeded)


def heeded(event: str, body: bytes) -> bool:
    """Whether a look could find anything new; what cannot be read is kept, for whoever looks why."""
    if event not in CHATTY:
        return event in EVENTS
    try:
        return not _idle(Event(event), json.loads(body))
    except (ValueError, RecursionError):
        return True


def is_heeded(event: str, action: object) -> bool:
    """The same by the little that GitHub remembers of a delivery."""
    return event in EVENTS and not _idle(Event(event), {"action": action})


def _hex(key: hmac.HMAC, body: bytes) -> str:
    started = key.copy()  # the key was hashed once, at the start
    started.update(body)
    return started.hexdigest()


def hints(event: str, payload: object, api_url: str = PUBLIC_API) -> tuple[Hint, ...]:
    """Where to look again. Null, absent and odd fields give fewer hints, never an error.

    `api_url` is where our GitHub is: a call to answer a gate elsewhere is not followed.
    """
    if event not in EVENTS:
        return ()
    repository = _text(_at(payload, "repository", "full_name"))
    if not repository:
        return ()
    if event == Event.DEPLOYMENT_PROTECTION_RULE:
        return _gate_call(repository, payload, api_url)
    if _idle(Event(event), payload):
        return ()
    if event == Event.RELEASE:
        release = _number(_at(payload, "release", "id"))
        return (Hint(repository, release=release),) if release else ()
    run, head = _run_and_head(Event(event), payload)
    landing, environment = _landing(payload) if event == Event.DEPLOYMENT_STATUS else ("", "")
    in_passing = event == Event.WORKFLOW_JOB
    hint = Hint(repository, run, head, landing=landing, environment=environment, in_passing=in_passing)
    return (hint,) if run or head or landing else ()


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
        case Event.DEPLOYMENT_PROTECTION_RULE | Event.DEPLOYMENT_REVIEW:
            told = _at(payload, "workflow_run")
            return _number(_at(told, "id")), _commit(_at(told, "head_sha"))
        case Event.CHECK_RUN | Event.CHECK_SUITE:
            return None, _commit(_at(payload, event, "head_sha"))
        case Event.STATUS:
            return None, _commit(_at(payload, "sha"))
        case Event.RELEASE:
            return None, None


def _landing(payload: object) -> tuple[str, str]:
    """The number of a deployment that succeeded, and where; nothing of any other."""
    number, name = _number(_at(payload, "deployment", "id")), _text(_at(payload, "deployment", "environment"))
    succeeded = _at(payload, "deployment_status", "state") == SUCCESS
    return (number, name) if number and succeeded and 0 < len(name) <= LONGEST_NAME else ("", "")


def _gate_call(repository: str, payload: object, api_url: str) -> tuple[Hint, ...]:
    """A run waits for our answer. Its number stands nowhere but in the address to which to send that.

    The address is never followed: the number is taken out of it, where all the rest is as it must be.
    """
    if _at(payload, "action") != "requested":
        return ()
    head = _commit(_at(payload, "deployment", "sha")) or _commit(_at(payload, "sha"))
    gate, given = _text(_at(payload, "environment")), _text(_at(payload, "deployment_callback_url"))
    run = _run_in(given, repository, api_url)
    if run is None:
        return (Hint(repository, doubt="the address to answer is none of a run in this repository"),)
    if not 0 < len(gate) <= LONGEST_NAME:
        return (Hint(repository, run, doubt="it names no environment"),)
    return (Hint(repository, run, head, gate=gate),)


def _run_in(callback: str, repository: str, api_url: str) -> str | None:
    """The number of the run, if this is the address that GitHub documents, at our GitHub and repository."""
    if not _REPOSITORY.fullmatch(repository):
        return None
    start = re.escape(f"{api_url.rstrip('/')}/repos/{repository}/actions/runs/")
    found = re.fullmatch(start + r"([1-9][0-9]{0,18})/deployment_protection_rule", callback, re.ASCII)
    return found[1] if found else None


def _idle(event: Event, payload: object) -> bool:
    """A check opens nothing before it is over; a job that queues begins in a moment, and says so then."""
    action = _at(payload, "action")
    if event == Event.RELEASE:
        return action not in PUBLISHES
    return (event in CHECKS and action != COMPLETED) or (event == Event.WORKFLOW_JOB and action == QUEUED)


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
