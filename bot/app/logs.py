"""What the log looks like, and that no secret we hold ever stands in it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable

from bot.config.settings import LogFormat, Settings
from bot.core.secrets import redact

MASK = "[redacted]"


class _Mask:
    """Masks every secret that is configured, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        self._secrets = sorted(forms, key=len, reverse=True)  # the whole before any part of it

    def clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return redact(text)


def _forms(secret: str) -> set[str]:
    """As it is, and as it looks in JSON or in the text of an error."""
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    }


class _Text(logging.Formatter):
    def __init__(self, mask: _Mask) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        return self._mask.clean(super().format(record))


class _Json(logging.Formatter):
    def __init__(self, mask: _Mask) -> None:
        super().__init__()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        row = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._mask.clean(record.getMessage()),  # masked before JSON changes its looks
        }
        if record.exc_info:
            row["exception"] = self._mask.clean(self.formatException(record.exc_info))
        return json.dumps(row, ensure_ascii=False)


def set_up(settings: Settings) -> None:
    """Log to stderr, as the settings say."""
    mask = _Mask(_secrets(settings))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(mask) if settings.log_format is LogFormat.JSON else _Text(mask))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    for noisy in ("apscheduler", "slack_bolt", "slack_sdk", "urllib3", "github"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _secrets(settings: Settings) -> list[str]:
    plain = (getattr(value, "get_secret_value", None) for value in dict(settings).values())
    keys = [key.get_secret_value() for key in settings.encryption_keys]
    return [str(reveal()) for reveal in plain if reveal is not None] + keys
