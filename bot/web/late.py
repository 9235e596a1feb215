"""A door that can only be opened once something is known; until then it asks to come back."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.ingress import UNAVAILABLE, Answer, Door


class LateDoor:
    """Answers 503 until it is hung; nothing is lost, because the sender tries again or is resynchronised."""

    def __init__(self) -> None:
        self._door: Door | None = None

    def hang(self, door: Door) -> None:
        """From now on the real door answers."""
        self._door = door

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Ask the real door."""
        return UNAVAILABLE if self._door is None else await self._door(headers, body)
