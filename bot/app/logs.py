"""What the log looks like, and that no secret we hold ever stands in it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable

from bot.config.settings import LogFormat, Settings
from bot.core.redaction import Known
from bot.core.secrets import redact


class _Mask:
    """Masks every secret that is configured, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._known = Known(secrets)

    def clean(self, text: str) -> str:
        return redact(self._known.mask(text))


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
    mask = _Mask(secrets_of(settings))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(mask) if settings.log_format is LogFormat.JSON else _Text(mask))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    for noisy in ("apscheduler", "slack_bolt", "slack_sdk", "urllib3", "github"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def secrets_of(settings: Settings) -> list[str]:
    """Every secret that is configured, in the clear."""
    plain = (getattr(value, "get_secret_value", None) for value in dict(settings).values())
    keys = [key.get_secret_value() for key in settings.encryption_keys]
    return [str(reveal()) for reveal in plain if reveal is not None] + keys
