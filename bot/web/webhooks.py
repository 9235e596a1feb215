"""The door for webhooks: signature over the raw body, then commit, then 200. What they say is only a hint.

One that nobody would look at is taken and not kept: a busy organisation sends thousands of those an hour.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from bot.core.errors import Transient
from bot.core.ingress import (
    REFUSED,
    TAKEN,
    UNAVAILABLE,
    Answer,
    Hook,
    Malformed,
    Outcome,
    Tally,
    outcome_of,
)
from bot.core.queue_ports import Intake
from bot.core.records import Lane, Receipt

logger = logging.getLogger(__name__)

_NAME = re.compile(r"[!-~]{1,255}")


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
            receipt = self._receipt(headers, body)
            if not self._hook.heeded(receipt.kind, body):
                return Outcome.ANSWERED, TAKEN
            outcome = outcome_of(await self._intake.store(receipt))
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


def _name(headers: Mapping[str, str], header: str) -> str:
    value = headers.get(header, "")
    if not _NAME.fullmatch(value):
        raise Malformed(f"It has no usable {header}.")
    return value
