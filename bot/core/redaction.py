"""Takes secrets out of what others wrote: logs of runs and results of tests, before anything is cut or shown.

Looser than what refuses a person's words: here it costs nothing to take out too much, and whoever wrote it
is not there to be asked.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from bot.core.secrets import redact

MASK = "[redacted]"
SHORTEST = 4  # characters of a part that is masked wherever it stands
SHORTEST_LINE = 16  # characters of a line that alone gives a part of a secret away

_KEY = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
# Every repetition that can start anywhere is bounded, so that a long line costs no more than its length.
_OVER_LINES = re.compile(
    rf"\A(?:(?!-----BEGIN {_KEY})[\s\S])*?-----END {_KEY}"  # whose beginning was cut off
    rf"|-----BEGIN {_KEY}(?:[\s\S]*?-----END {_KEY}|[\s\S]*)"
)
_SHAPES = (
    r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]*",  # the same in base64
    r"gh[pousr]_[A-Za-z0-9_.-]{6,}",
    r"github_pat_[A-Za-z0-9_]{6,}",
    r"gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|oas)-[A-Za-z0-9_.=-]{8,}",
    r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{6,}",
    r"xapp-[A-Za-z0-9-]{6,}",
    r"hooks\.slack\.com/[A-Za-z0-9/_-]+",
    r"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{12,}",
    r"(?<![A-Za-z0-9/+=])(?=[^\sA-Z]{0,39}[A-Z])(?=[^\sa-z]{0,39}[a-z])(?=[^\s0-9]{0,39}[0-9])"
    r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",  # the secret half of a key of AWS
    r"eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,4}",
    r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s/:@\"']{0,200}:[^\s]{1,500}@",
    r"(?<=://)[^\s/@:]{16,200}@",
    r"(?i:authorization|set-cookie|cookie)[\"'\\]{0,3}[ \t]{0,3}[:=][^\n]*",
    r"(?i:bearer)[ \t]{1,3}[A-Za-z0-9._~+/=-]{8,}",
    r"(?<!\S)(?:-u|--user)[ =]{1,2}[^\s:]{0,200}:\S+",
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{8,}",
    r"sk-[A-Za-z0-9_-]{20,}",
    r"npm_[A-Za-z0-9]{20,}",
    r"pypi-[A-Za-z0-9_-]{16,}",
    r"AIza[A-Za-z0-9_-]{20,}",
    r"SG\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    r"(?:dckr_pat_|hvs\.|dop_v1_|shp[a-z]{2}_|ya29\.)[A-Za-z0-9._-]{16,}",
)
_SHAPE = re.compile("|".join(f"(?:{each})" for each in _SHAPES))

_NAME = (
    r"(?:password|passwd|passphrase|passcode|pwd|(?<=[_-])pass|secret|token|credential"
    r"|(?:api|access|private|signing|encryption|account|auth|deploy|ssh)[_-]?key)"
)
_REST = r"(?:s\b|[_.-][\w.-]{0,40}|\d{1,4}|(?-i:[A-Z]\w{0,40}))?"
_VALUE = r"(?:\\+[\"'][^\n]*|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|\S+)"
_NAMED = re.compile(
    rf"(?i)(?P<name>{_NAME}{_REST}[\]\"'\\]{{0,3}}[ \t]{{0,4}}(?:=>|:=|==|[=:])[ \t]{{0,4}}"
    # After a dash. Looked at from the beginning of the word alone, or each dash would cost what the last did.
    rf"|(?<![\w-])\w{{0,60}}-[\w-]{{0,60}}{_NAME}(?:-[\w-]{{0,20}})?[ \t]{{1,4}}(?!-)){_VALUE}"
)


class Known:
    """Masks values that are known to be secret, in every form in which they may be written."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)  # the whole before any part of it

    def mask(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, _masked(form))
        return text


class Redactor:
    """Masks what is known, what has the shape of a secret, and what is called one. Lines stay lines."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = Known([each for secret in secrets for each in (secret, *_parts(secret))])

    def clean(self, text: str) -> str:
        """What goes over several lines first; then line by line, so that others get a turn between."""
        text = _OVER_LINES.sub(lambda found: _masked(found.group()), self._known.mask(text))
        return "\n".join(_clean(each) for each in text.split("\n"))


def _clean(line: str) -> str:
    return redact(_NAMED.sub(lambda found: found["name"] + MASK, _SHAPE.sub(MASK, line)))


def _masked(secret: str) -> str:
    return MASK + "\n" * secret.count("\n")


def _forms(secret: str) -> set[str]:
    """As it is, and as it looks in JSON or in the text of an error."""
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    }


def _parts(secret: str) -> list[str]:
    """What gives it away as well: in an address, in base64, its password, or a long line of it."""
    found = [quote(secret, safe=""), b64encode(secret.encode()).decode().rstrip("=")]
    try:
        password = urlsplit(secret).password
    except ValueError:
        password = None
    found += [password] if password else []
    found += [each for each in secret.splitlines() if len(each) >= SHORTEST_LINE]
    return [each for each in found if each != secret and len(each) >= SHORTEST]
