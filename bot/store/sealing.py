"""Encryption of what lies in the database and holds tokens or what people wrote."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.core.errors import NeedsHuman


class Seal:
    """Closes with the first key, opens with any; without keys nothing is closed."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None

    @property
    def closes(self) -> bool:
        """Whether there are keys."""
        return self._fernet is not None

    def close(self, body: bytes) -> bytes:
        """The body as it is stored."""
        return body if self._fernet is None else self._fernet.encrypt(body)

    def open(self, stored: bytes, *, sealed: bool) -> bytes:
        """The body as it came."""
        if not sealed:
            return stored
        try:
            if self._fernet is None:
                raise InvalidToken
            return self._fernet.decrypt(stored)
        except InvalidToken:
            raise NeedsHuman(
                "A stored delivery cannot be opened.",
                "It was encrypted with a key that is not configured.",
                "Add that key to SLIPWAY_ENCRYPTION_KEYS, behind the first one.",
            ) from None
