"""Decides whether Slack signed a request: over raw bytes, in constant time, and whatever it is handed.

The library's own check fails with an error on odd input, before anybody is authenticated, and Bolt logs the
body of what it refuses. This one does neither.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from bot.core.ingress import Outcome

WINDOW_SECONDS = 300
SIGNATURE = "X-Slack-Signature"
TIMESTAMP = "X-Slack-Request-Timestamp"
_TIMESTAMP = re.compile(r"[0-9]{10}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class Guard:
    """Holds the signing secrets: two while one of them is being replaced."""

    def __init__(self, secrets: Sequence[str], now: Callable[[], float]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("a guard without a secret would let everybody in")
        self._keys = [hmac.new(secret.encode(), digestmod=sha256) for secret in secrets]
        self._now = now

    def refusal(self, headers: Mapping[str, str], body: bytes) -> Outcome | None:
        """Why this request is not from Slack, or None when it is."""
        signature, timestamp = headers.get(SIGNATURE), headers.get(TIMESTAMP)
        if signature is None or timestamp is None:
            return Outcome.UNSIGNED
        if not _TIMESTAMP.fullmatch(timestamp):
            return Outcome.BAD_TIMESTAMP
        if abs(self._now() - int(timestamp)) > WINDOW_SECONDS:
            return Outcome.STALE
        if not _SIGNATURE.fullmatch(signature):
            return Outcome.BAD_SIGNATURE
        return None if self._signed(timestamp, body, signature) else Outcome.FORGED

    def _signed(self, timestamp: str, body: bytes, signature: str) -> bool:
        message = b"v0:%b:%b" % (timestamp.encode(), body)
        given = signature[3:]
        matches = [hmac.compare_digest(_hex(key, message), given) for key in self._keys]
        return any(matches)


def _hex(key: hmac.HMAC, message: bytes) -> str:
    started = key.copy()  # the key was hashed once, at the start
    started.update(message)
    return started.hexdigest()
