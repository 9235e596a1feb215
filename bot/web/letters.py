"""The door for deliveries that say by themselves what they are; whether they are genuine was seen before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bot.core.errors import Transient
from bot.core.ingress import TAKEN, UNAVAILABLE, Answer, Letter, Malformed, Outcome, Tally, outcome_of
from bot.core.queue_ports import Intake
from bot.core.records import Lane, Receipt, Source

logger = logging.getLogger(__name__)


class LetterDoor:
    """Commits each one before it answers; the same one again is taken and not kept."""

    def __init__(
        self, source: Source, read: Callable[[bytes], Letter], workspace: str, intake: Intake, tally: Tally
    ) -> None:
        self._source = source
        self._read = read
        self._workspace = workspace
        self._intake = intake
        self._tally = tally

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> Answer:  # noqa: ARG002
        """Understand what it is, commit, acknowledge."""
        outcome, answer = await self._take(body)
        self._tally.add(self._source, outcome)
        return answer

    async def _take(self, body: bytes) -> tuple[Outcome, Answer]:
        try:
            letter = self._read(body)
            return outcome_of(await self._intake.store(self._receipt(letter, body))), TAKEN
        except Malformed as error:
            logger.warning("%s sent something that we cannot read: %s", self._source, error)
            return Outcome.MALFORMED, Answer(400, str(error).encode())
        except Transient:
            return Outcome.UNAVAILABLE, UNAVAILABLE

    def _receipt(self, letter: Letter, body: bytes) -> Receipt:
        return Receipt(
            workspace=self._workspace,
            source=self._source,
            lane=Lane.EVENTS,
            kind=letter.kind,
            delivery_key=letter.key,
            signature="",
            body=body,
        )
