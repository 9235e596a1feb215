"""A Bolt app in its default mode whose one command only acknowledges."""

from __future__ import annotations

from contextlib import AsyncExitStack

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from tests.bench.contestants.stage import perform, serve
from tests.bench.requests import SECRET, SLACK_PATH


async def start(around: AsyncExitStack) -> int:
    """It knows its token already, so it calls nobody."""
    app = AsyncApp(signing_secret=SECRET, authorize=_authorize)

    @app.command("/deploy")
    async def deploy(ack: AsyncAck) -> None:
        await ack()

    async def handle(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return await serve({SLACK_PATH: handle}, around)


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T0001", bot_token="xoxb-0", bot_user_id="U0")


if __name__ == "__main__":
    perform(start)
