"""The door for webhooks: signature over the raw body, then commit, then 200. What they say is only a hint."""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from bot.core.errors import Transient
from bot.core.ingress import (
    REFUSED,
    TAKEN,
    UNAVAILABLE,
    Answer,
    Malformed,
    Outcome,
    Tally,
    outcome_of,
)
from bot.core.ports import Intake
from bot.core.records import Lane, Receipt, Source

logger = logging.getLogger(__name__)

_NAME = re.compile(r"[!-~]{1,255}")
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Hook:
    """What one system's webhooks look like."""

    source: Source
    kind: str  # the header that names the event
    delivery: str  # the header that stays the same when it is sent again
    refusal: Callable[[Mapping[str, str], bytes], Outcome | None]


class WebhookDoor:
    """Answers each request that claims to come from one outside system."""

    def __init__(self, hook: Hook, workspace: str, intake: Intake, tally: Tally) -> None:
        self._hook = hook
        self._workspace = workspace
        self._intake = intake
        self._tally = tally

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Verify, commit, acknowledge."""
        outcome = self._hook.refusal(headers, body)
        answer = REFUSED
        if outcome is None:
            outcome, answer = await self._take(headers, body)
        self._tally.add(self._hook.source, outcome)
        return answer

    async def _take(self, headers: Mapping[str, str], body: bytes) -> tuple[Outcome, Answer]:
        try:
            outcome = outcome_of(await self._intake.store(self._receipt(headers, body)))
        except Malformed as error:
            logger.warning("%s sent something that we cannot read: %s", self._hook.source, error)
            return Outcome.MALFORMED, Answer(400, str(error).encode())
        except Transient:
            return Outcome.UNAVAILABLE, UNAVAILABLE
        return outcome, REFUSED if outcome is Outcome.REPLAYED else TAKEN

    def _receipt(self, headers: Mapping[str, str], body: bytes) -> Receipt:
        return Receipt(
            workspace=self._workspace,
            source=self._hook.source,
            lane=Lane.EVENTS,
            kind=_name(headers, self._hook.kind),
            delivery_key=_name(headers, self._hook.delivery),
            signature="",  # it covers the body alone, so two deliveries may well have the same
            body=body,
        )


def github_hook(secrets: Sequence[str]) -> Hook:
    """GitHub's webhooks, signed with one of these secrets."""
    if not secrets or not all(secrets):
        raise ValueError("webhooks without a secret could come from anybody")
    keys = [hmac.new(secret.encode(), digestmod=sha256) for secret in secrets]

    def refusal(headers: Mapping[str, str], body: bytes) -> Outcome | None:
        given = headers.get("X-Hub-Signature-256")
        if given is None:
            return Outcome.UNSIGNED
        if not _SIGNATURE.fullmatch(given):
            return Outcome.BAD_SIGNATURE
        matches = [hmac.compare_digest(_hex(key, body), given[7:]) for key in keys]
        return None if any(matches) else Outcome.FORGED

    return Hook(Source.GITHUB, "X-GitHub-Event", "X-GitHub-Delivery", refusal)


def _hex(key: hmac.HMAC, body: bytes) -> str:
    started = key.copy()  # the key was hashed once, at the start
    started.update(body)
    return started.hexdigest()


def _name(headers: Mapping[str, str], header: str) -> str:
    value = headers.get(header, "")
    if not _NAME.fullmatch(value):
        raise Malformed(f"It has no usable {header}.")
    return value
