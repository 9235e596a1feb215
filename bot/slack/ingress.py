"""The door for everything from Slack: guard, then commit, then 200. The acknowledgement is a receipt.

Nothing here works on what came in: a worker does, from the inbox. Only forms and option lists are answered
on the spot, because Slack takes their answer from this response and from nowhere else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.core.errors import Transient
from bot.core.ingress import (
    JSON,
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
from bot.core.records import Receipt, Source
from bot.slack.deliveries import Incoming, Kind, classify, is_stored
from bot.slack.guard import SIGNATURE, Guard
from bot.slack.replays import Replays

logger = logging.getLogger(__name__)

Inline = Callable[[Incoming], Awaitable[Mapping[str, Any] | None]]
"""Answers a submitted form or the search in a list: the JSON that Slack wants back, or nothing."""

_INLINE = frozenset({Kind.VIEW_SUBMISSION, Kind.BLOCK_SUGGESTION})
_KEPT = ("Content-Type", "X-Slack-Retry-Num", "X-Slack-Retry-Reason")


class SlackDoor:
    """Answers each request that claims to come from Slack."""

    def __init__(self, guard: Guard, intake: Intake, inline: Inline, tally: Tally) -> None:
        self._guard = guard
        self._intake = intake
        self._inline = inline
        self._tally = tally
        self._replays = Replays()

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Verify, commit, acknowledge."""
        refusal = self._guard.refusal(headers, body)
        if refusal is not None:
            self._tally.add(Source.SLACK, refusal)
            return REFUSED
        try:
            incoming = classify(body)
            outcome = await self._commit(incoming, headers, body)
        except Malformed as error:
            self._tally.add(Source.SLACK, Outcome.MALFORMED)
            logger.warning("Slack sent something that we cannot read: %s", error)
            return Answer(400, str(error).encode())
        except Transient:
            self._tally.add(Source.SLACK, Outcome.UNAVAILABLE)
            return UNAVAILABLE
        self._tally.add(Source.SLACK, outcome)
        return REFUSED if outcome is Outcome.REPLAYED else await self._answer(incoming, outcome)

    async def _commit(self, incoming: Incoming, headers: Mapping[str, str], body: bytes) -> Outcome:
        signature = headers[SIGNATURE]
        if not is_stored(incoming.kind):
            return Outcome.REPLAYED if self._replays.seen(signature) else Outcome.ANSWERED
        receipt = receipt_of(incoming, signature, body, kept_headers(headers))
        return outcome_of(await self._intake.store(receipt))

    async def _answer(self, incoming: Incoming, outcome: Outcome) -> Answer:
        if incoming.kind is Kind.URL_VERIFICATION:
            return Answer(200, str(incoming.payload.get("challenge", "")).encode())
        if incoming.kind is Kind.APP_RATE_LIMITED:
            logger.warning("Slack holds events back: more came than it delivers to one app in an hour.")
        if incoming.kind not in _INLINE or outcome is Outcome.SEEN:
            return TAKEN
        answer = await self._inline(incoming)
        return TAKEN if answer is None else Answer(200, json.dumps(answer).encode(), JSON)


def receipt_of(
    incoming: Incoming, signature: str, body: bytes, headers: tuple[tuple[str, str], ...] = ()
) -> Receipt:
    """What is kept of a delivery."""
    return Receipt(
        workspace=incoming.workspace,
        source=Source.SLACK,
        lane=incoming.lane,
        kind=incoming.kind.value,
        delivery_key=incoming.key,
        signature=signature,
        body=body,
        headers=headers,
    )


def kept_headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The few headers that say more than the body does."""
    return tuple((name, value) for name in _KEPT if (value := headers.get(name)) is not None)
