"""A Bolt app in its default mode that acknowledges and answers with a few words."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult

from tests.bench.contestants.stage import perform, serve
from tests.bench.requests import SLACK_PATH


async def start(around: AsyncExitStack) -> int:
    """Its secret is another than the stand-in's, so it does not look at signatures."""
    app = AsyncApp(signing_secret="none", authorize=_authorize, request_verification_enabled=False)

    @app.command(re.compile(".*"))
    async def answer(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond("Slipway launches releases and hauls them back.")

    async def handle(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return await serve({SLACK_PATH: handle}, around)


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T0ACME0001", bot_token="xoxb-0", bot_user_id="U0")


if __name__ == "__main__":
    perform(start)
