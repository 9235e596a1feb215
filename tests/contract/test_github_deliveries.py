"""The stand-in's webhooks against our own verification and reading of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web

from bot.core.ingress import Outcome
from bot.playground.clock import WallClock
from bot.playground.github import GitHubStandIn
from bot.playground.github.names import ActName
from integrations.github.webhooks import EVENT, Event, hints, hook
from tests.contract.github_harness import REPOSITORY, SECRET, TOKEN

Received = asyncio.Queue[tuple[Mapping[str, str], bytes]]


@pytest.fixture
async def received() -> AsyncIterator[tuple[str, Received]]:
    """An address that takes deliveries, and what came there."""
    queue: Received = asyncio.Queue()

    async def take(request: web.Request) -> web.StreamResponse:
        queue.put_nowait((dict(request.headers), await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhooks/github", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/github", queue
    await runner.cleanup()


async def test_every_delivery_is_genuine_and_those_of_runs_name_the_run(
    received: tuple[str, Received],
) -> None:
    address, queue = received
    stand_in = GitHubStandIn(
        clock=WallClock(), token=TOKEN, webhook_secret=SECRET, deliver_to=address, speed=50
    )
    await stand_in.start()
    try:
        done = await stand_in.acts.perform(ActName.START_RUN, repository="api")
        named: set[str] = set()
        async with asyncio.timeout(10):
            while named < {Event.WORKFLOW_RUN, Event.WORKFLOW_JOB}:
                headers, raw = await queue.get()
                assert hook([SECRET]).refusal(headers, raw) is None
                assert hook(["another secret"]).refusal(headers, raw) is Outcome.FORGED
                event = headers[EVENT]
                for hint in hints(event, json.loads(raw)):
                    assert (hint.repository, hint.run) in ((REPOSITORY, str(done["run"])), (REPOSITORY, None))
                    named.add(event)
    finally:
        await stand_in.stop()
