"""`slipway outbox`: what was to be said and could not be, and once more."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict

from bot.app.schema import check_schema, database_url
from bot.core.dead_letters import DeadLetter
from bot.core.errors import UserError
from bot.core.visible import clip, visible
from bot.engine.clock import SystemClock
from bot.store.store import Store

MOST = 200


async def list_given_up(environ: Mapping[str, str], *, as_json: bool) -> int:
    """0 where nothing was given up, else 1, so that a script can tell."""
    async with Store(database_url(environ), SystemClock(), owner="command line") as store:
        await check_schema(store)
        found = await store.dead_letters.all(MOST)
    for each in found:
        sys.stdout.write(_as_json(each) if as_json else _as_line(each))
    if not found and not as_json:
        sys.stdout.write("Nothing was given up.\n")
    return 1 if found else 0


async def retry(environ: Mapping[str, str], id: str | None) -> int:
    """`serve` tries it within some seconds; what it may have posted already it looks for first."""
    async with Store(database_url(environ), SystemClock(), owner="command line") as store:
        await check_schema(store)
        count = await store.dead_letters.revive(id)
    if id is not None and not count:
        raise UserError(
            f"Nothing that was given up is called {visible(clip(id, 60))}.",
            "It may have been delivered, or tried again already.",
            "`slipway outbox list` shows what there is.",
        )
    sys.stdout.write(f"{count} {'message is' if count == 1 else 'messages are'} tried again.\n")
    return 0


def _as_line(letter: DeadLetter) -> str:
    where = f" to {letter.where}" if letter.where else ""
    given_up = f"{letter.given_up_at:%Y-%m-%d %H:%M} UTC"
    return f"{letter.id}  {given_up}  {letter.what}{where}: {visible(clip(letter.why, 200))}\n"


def _as_json(letter: DeadLetter) -> str:
    return json.dumps(asdict(letter), default=str) + "\n"
