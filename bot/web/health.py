"""Whether the process lives, whether it can work, and what it has counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.core.ingress import Tally

CHECK_SECONDS = 2.0

Check = Callable[[], Awaitable[str | None]]
"""Why we are not ready, in a plain sentence; None when all is well."""


async def healthz(_request: web.Request) -> web.Response:
    """The process answers. It asks nobody, least of all the database."""
    return web.Response(text="alive\n")


def readyz(checks: Mapping[str, Check]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Asks every check at once; 503 with the reasons of those that fail."""

    async def handle(_request: web.Request) -> web.Response:
        answers = await asyncio.gather(*(_ask(check) for check in checks.values()))
        reasons = {name: why for name, why in zip(checks, answers, strict=True) if why is not None}
        return web.json_response({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)

    return handle


async def _ask(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return f"It did not answer within {CHECK_SECONDS:g} seconds."
    except Exception as error:  # noqa: BLE001  # a check that fails is an answer, and its text may hold secrets
        return f"It failed with {type(error).__name__}."


def metrics(tally: Tally) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The counts of what came in, in the text form that Prometheus reads."""

    async def handle(_request: web.Request) -> web.Response:
        lines = [
            "# HELP slipway_requests_total Requests from outside systems, by what became of them.",
            "# TYPE slipway_requests_total counter",
            *(
                f'slipway_requests_total{{source="{source}",outcome="{outcome}"}} {count}'
                for source, outcome, count in tally.items()
            ),
        ]
        return web.Response(
            text="\n".join(lines) + "\n", headers={"Content-Type": "text/plain; version=0.0.4"}
        )

    return handle
