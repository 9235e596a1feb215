"""A page open on a workspace, and what a test does with the two."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from playwright.async_api import Browser, Locator, Page, expect

from bot.playground.slack.seed import ADA
from tests.contract.playground_slack import Heard, Json, Workspace
from tests.e2e.browser import open_playground

DEPLOYS = "C0DEPLOYS1"


@dataclass(frozen=True)
class Stage:
    """One workspace and one browser."""

    acme: Workspace
    browser: Browser


@dataclass(frozen=True)
class Scene:
    """One page in front of the workspace."""

    acme: Workspace
    page: Page

    async def open(self, person: str = ADA, channel: str = DEPLOYS, **query: str) -> None:
        """Look at a channel as a person."""
        await open_playground(self.page, self.acme.slack.url, person, channel, **query)

    async def post(self, *blocks: Json, text: str = "a message", thread_ts: str | None = None) -> str:
        """Post a message of the app; its ts."""
        answer = await self.acme.client.chat_postMessage(
            channel=DEPLOYS, text=text, blocks=list(blocks), thread_ts=thread_ts
        )
        return str(answer["ts"])

    def message(self, ts: str) -> Locator:
        """What a message in the channel says."""
        return self.page.locator(f'#main li.message[data-ts="{ts}"] .message-content')

    def answer(self, body: Json) -> None:
        """What the app answers from now on."""

        async def answering(_heard: Heard) -> web.Response:
            return web.json_response(body) if body else web.Response()

        self.acme.app.answer = answering

    async def heard(self, kind: str) -> Json:
        """The next delivery of that kind, from now or before."""
        for count in range(1, 20):
            body = (await self.acme.app.wait_for(count))[count - 1].body
            if body.get("type") == kind or kind in body:
                return body
        raise AssertionError(f"the app never heard of {kind}")

    async def open_modal(self, view: Json) -> Locator:
        """Run a command and let the app open a form."""
        await self.acme.slack.command("ada", "#deploys", "/deploy")
        commands = [one.body for one in self.acme.app.heard if "command" in one.body]
        await self.acme.client.views_open(trigger_id=commands[-1]["trigger_id"], view=view)
        dialog = self.page.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        return dialog
