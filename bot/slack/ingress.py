"""The door for everything from Slack: guard, then commit, then 200. The acknowledgement is a receipt.

Nothing here works on what came in: a worker does, from the inbox. Only forms and option lists are answered
on the spot, because Slack takes their answer from this response and from nowhere else.

A form is looked through first and kept together with the verdict. So a form that came back with errors never
runs, and one that closed is carried out or answered in the channel, after a kill and on another replica too.
A process that dies in between has kept nothing, and Slack says that it failed. If only the answer is lost,
then either nothing runs and Slack says that it failed, or it runs and the channel shows it.
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
from bot.core.queue_ports import Intake
from bot.core.records import Lane, Receipt, Source
from bot.slack.deliveries import (
    FORM_SHOWS_ERRORS,
    TRIED,
    Incoming,
    Kind,
    classify,
    form_key,
    is_foreign,
    is_stored,
)
from bot.slack.guard import SIGNATURE, Guard
from bot.slack.replays import Replays

logger = logging.getLogger(__name__)

Payload = Mapping[str, Any]
Inline = Callable[[Incoming], Awaitable[Payload | None]]
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

    async def take(
        self, incoming: Incoming, signature: str, body: bytes, headers: Headers = ()
    ) -> tuple[Outcome, Payload | None]:
        """Commit it, and what goes back with the acknowledgement; Transient when that cannot be done now."""
        home = self._home()
        if home is not None and is_foreign(incoming.workspace, home):
            return await self._foreign(incoming, home, signature, body)
        if not is_stored(incoming.kind):
            if self._replays.seen(signature):
                return Outcome.REPLAYED, None
            return Outcome.ANSWERED, await self._answer(incoming)
        answer = await self._answer(incoming)
        closes = incoming.kind is Kind.VIEW_SUBMISSION and answer is None
        receipt = Receipt(
            workspace=incoming.workspace,
            source=Source.SLACK,
            lane=incoming.lane,
            kind=incoming.kind.value,
            delivery_key=form_key(incoming) if closes else incoming.key,
            signature=signature,
            body=body,
            headers=(*headers, FORM_SHOWS_ERRORS) if _shows_errors(answer) else headers,
        )
        outcome = outcome_of(await self._intake.store(receipt))
        return outcome, answer if outcome is Outcome.STORED else None

    async def _foreign(
        self, incoming: Incoming, home: str, signature: str, body: bytes
    ) -> tuple[Outcome, Payload | None]:
        """Never carried out; what a person tried is kept, so that the worker writes it into our trail."""
        logger.warning("A delivery for %s is left alone: it is not our workspace.", incoming.workspace)
        if incoming.kind in TRIED:
            kind, key = incoming.kind.value, f"{incoming.workspace}:{incoming.key}"
            receipt = Receipt(home, Source.SLACK, Lane.EVENTS, kind, key, signature, body)
            await self._intake.store(receipt)
        return Outcome.FOREIGN, None

    async def _answer(self, incoming: Incoming) -> Payload | None:
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
            kept = _kept(headers)
            outcome, payload = await self._reception.take(incoming, headers[SIGNATURE], body, kept)
        except Malformed as error:
            logger.warning("Slack sent something that we cannot read: %s", error)
            return Outcome.MALFORMED, Answer(400, str(error).encode())
        except Transient:
            return Outcome.UNAVAILABLE, UNAVAILABLE
        if outcome is Outcome.REPLAYED:
            return outcome, REFUSED
        if incoming.kind is Kind.URL_VERIFICATION:
            return outcome, Answer(200, str(incoming.payload.get("challenge", "")).encode())
        return outcome, TAKEN if payload is None else Answer(200, json.dumps(payload).encode(), JSON)


def _shows_errors(answer: Payload | None) -> bool:
    return answer is not None and answer.get("response_action") == "errors"


def _kept(headers: Mapping[str, str]) -> Headers:
    return tuple((name, value) for name in _KEPT if (value := headers.get(name)) is not None)
