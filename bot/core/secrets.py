"""Values that look like a secret never get into a request, the audit trail, a card or a pipeline."""

from __future__ import annotations

import re

from bot.core.errors import UserError

# Every repetition that can start anywhere is bounded, so that a long line costs no more than its length.
_SHAPES = (
    r"gh[pousr]_[A-Za-z0-9]{30,}",
    r"github_pat_[A-Za-z0-9_]{30,}",
    r"glpat-[A-Za-z0-9_-]{18,}",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}",
    r"xapp-[A-Za-z0-9-]{10,}",
    r"A(?:KIA|SIA)[A-Z0-9]{16}",
    r"eyJ[A-Za-z0-9_-]{10,1000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|[\s\S]*)",
    r"[a-z][a-z0-9+.-]{0,30}://[^\s/:@]+:[^\s/@]+@",
    r"\b[A-Za-z0-9_-]{43}=(?![A-Za-z0-9_=-])",  # a Fernet key
    r"\b11[0-9a-f]{32}\b",  # a Jenkins API token
)
_SECRET = re.compile("|".join(f"(?:{shape})" for shape in _SHAPES))


def looks_secret(text: str) -> bool:
    """Whether any part of the text has the shape of a secret."""
    return _SECRET.search(text) is not None


def refuse_secrets(text: str) -> None:
    """UserError when the text holds something that looks like a secret; the secret is never repeated."""
    if looks_secret(text):
        raise UserError(
            "That holds something that looks like a secret.",
            "It was not used and not kept.",
            "Please rotate it, and leave it out: secrets belong into the pipeline's own settings.",
        )


def redact(text: str) -> str:
    """The text with every such part blacked out."""
    return _SECRET.sub("[redacted]", text)
