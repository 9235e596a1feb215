"""One call of an HTTP API that measures; whatever goes wrong is a plain sentence, never an error.

Only the address of the catalog is asked: an answer that points elsewhere is not followed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.core.bodies import read_capped

PATIENCE = 5.0  # seconds for a whole call
MOST = 1024 * 1024
LONGEST_WORD = 200  # of what the other side says about itself
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "slipway"}


class NoAnswer(Exception):
    """It said nothing that could be read; the text says why."""


async def ask(
    session: aiohttp.ClientSession,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    patience: float = PATIENCE,
    most: int = MOST,
) -> Any:
    """The answer as JSON, of a POST where there is a form; NoAnswer where there is none."""
    try:
        async with session.request(
            "GET" if form is None else "POST",
            url,
            data=form,
            headers=HEADERS,
            timeout=aiohttp.ClientTimeout(total=patience),
            allow_redirects=False,
        ) as response:
            status, body = response.status, await read_capped(response, most)
    except TimeoutError:
        raise NoAnswer(f"it did not answer within {patience:g} seconds") from None
    except (aiohttp.ClientError, OSError) as error:
        raise NoAnswer(f"it cannot be reached ({type(error).__name__})") from None
    if body is None:
        raise NoAnswer(f"it answered with more than {most // 1024} KiB")
    return _read(status, body)


def _read(status: int, body: bytes) -> Any:
    if 300 <= status < 400:
        raise NoAnswer(f"it answered with {status}, which leads elsewhere and is not followed")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        why = "something that is no JSON" if status == 200 else f"error {status}"
        raise NoAnswer(f"it answered with {why}") from None
    if status != 200:
        raise NoAnswer(f"it answered with error {status}{own_words(found)}")
    return found


def own_words(found: object) -> str:
    """What it says of its own trouble, in one short line."""
    said = found.get("error") if isinstance(found, dict) else None
    words = " ".join(said.split()) if isinstance(said, str) else ""
    return f": {words[:LONGEST_WORD]}" if words else ""
