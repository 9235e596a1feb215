"""`slipway audit`: is the trail whole, and what does it say."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from bot.app.schema import check_schema, database_url
from bot.engine.clock import SystemClock
from bot.store.store import Store


async def verify(environ: Mapping[str, str]) -> int:
    """0 when every chain holds; else 1, with the first place that does not."""
    broken = 0
    async with Store(database_url(environ), SystemClock(), owner="command line") as store:
        await check_schema(store)
        workspaces = await store.audit.workspaces()
        if not workspaces:
            sys.stdout.write("There are no records yet.\n")
        for workspace in workspaces:
            report = await store.audit.verify(workspace)
            if report.broken_at is None:
                sys.stdout.write(f"{workspace}: {report.records} records, the chain holds\n")
            else:
                broken += 1
                sys.stdout.write(f"{workspace}: broken at record {report.broken_at}: {report.why}\n")
    return 1 if broken else 0


async def export(environ: Mapping[str, str]) -> int:
    """The records as they were hashed, one a line."""
    async with Store(database_url(environ), SystemClock(), owner="command line") as store:
        await check_schema(store)
        for workspace in await store.audit.workspaces():
            async for line in store.audit.export(workspace):
                sys.stdout.buffer.write(line)
    return 0
