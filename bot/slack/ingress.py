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
from bot.slack.deliveries import Incoming, Kind, classify, is_foreign, is_stored
from bot.slack.guard import SIGNATURE, Guard
from bot.slack.replays import Replays

logger = logging.getLogger(__name__)

Inline = Callable[[Incoming], Awaitable[Mapping[str, Any] | None]]
"""Answers a submitted form or the search in a list: the JSON that Slack wants back, or nothing."""

Headers = tuple[tuple[str, str], ...]

_INLINE = frozenset({Kind.VIEW_SUBMISSION, Kind.BLOCK_SUGGESTION})
# The few headers that say more than the body does.
_KEPT = ("Content-Type", "X-Slack-Retry-Num", "X-Slack-Retry-Reason")


class Reception:
    """Commits a delivery and finds what Slack gets back; the same for both ways in."""

    def __init__(self, intake: Intake, inline: Inline, home: Callable[[], str | None] = lambda: None) -> None:
        self._intake = intake
        self._inline = inline
        self._home = home  # our workspace, once Slack has said which it is; until then the worker looks
        self._replays = Replays()

    async def take(self, incoming: Incoming, signature: str, body: bytes, headers: Headers = ()) -> Outcome:
        """Commit it; Transient when that cannot be done now."""
        if is_foreign(incoming.workspace, self._home()):
            logger.warning("A delivery for %s is left alone: it is not our workspace.", incoming.workspace)
            return Outcome.FOREIGN
        if not is_stored(incoming.kind):
            return Outcome.REPLAYED if self._replays.seen(signature) else Outcome.ANSWERED
        receipt = Receipt(
            workspace=incoming.workspace,
            source=Source.SLACK,
            lane=incoming.lane,
            kind=incoming.kind.value,
            delivery_key=incoming.key,
            signature=signature,
            body=body,
            headers=headers,
        )
        return outcome_of(await self._intake.store(receipt))

    async def answer(self, incoming: Incoming) -> Mapping[str, Any] | None:
        """What goes back with the acknowledgement of this new delivery."""
        if incoming.kind is Kind.APP_RATE_LIMITED:
            logger.warning("Slack holds events back: more came than it delivers to one app in an hour.")
        return await self._inline(incoming) if incoming.kind in _INLINE else None


class SlackDoor:
    """Answers each request that claims to come from Slack."""

    def __init__(self, guard: Guard, reception: Reception, tally: Tally) -> None:
        self._guard = guard
        self._reception = reception
        self._tally = tally

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Verify, commit, acknowledge."""
        outcome = self._guard.refusal(headers, body)
        answer = REFUSED
        if outcome is None:
            outcome, answer = await self._take(headers, body)
        self._tally.add(Source.SLACK, outcome)
        return answer

    async def _take(self, headers: Mapping[str, str], body: bytes) -> tuple[Outcome, Answer]:
        try:
            incoming = classify(body)
            outcome = await self._reception.take(incoming, headers[SIGNATURE], body, _kept(headers))
        except Malformed as error:
            logger.warning("Slack sent something that we cannot read: %s", error)
            return Outcome.MALFORMED, Answer(400, str(error).encode())
        except Transient:
            return Outcome.UNAVAILABLE, UNAVAILABLE
        return outcome, await self._answer(incoming, outcome)

    async def _answer(self, incoming: Incoming, outcome: Outcome) -> Answer:
        if outcome is Outcome.REPLAYED:
            return REFUSED
        if outcome in (Outcome.SEEN, Outcome.FOREIGN):
            return TAKEN
        if incoming.kind is Kind.URL_VERIFICATION:
            return Answer(200, str(incoming.payload.get("challenge", "")).encode())
        answer = await self._reception.answer(incoming)
        return TAKEN if answer is None else Answer(200, json.dumps(answer).encode(), JSON)


def _kept(headers: Mapping[str, str]) -> Headers:
    return tuple((name, value) for name in _KEPT if (value := headers.get(name)) is not None)
