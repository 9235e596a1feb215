"""Bolt, fed by the inbox worker: it routes a stored delivery to its listener.

It is never between Slack and the acknowledgement: the signature was checked and the receipt committed before,
so its own check is off, and nothing waits for its answer.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult

from bot.core.errors import Bug
from bot.core.records import Delivery
from bot.slack.dispatch import handle
from bot.slack.understanding import Surroundings

quiet = logging.getLogger(f"{__name__}.library")
quiet.setLevel(logging.ERROR)  # it warns of the token in the environment, which is the chat's and not Bolt's

DELIVERY, FAILURE = "slipway_delivery", "slipway_failure"
ANYTHING = re.compile(".*", re.DOTALL)
EVENTS = ("app_home_opened", "app_mention", "app_uninstalled", "link_shared", "message", "tokens_revoked")


class BoltFeed:
    """An inbox handler: the worker's way into Bolt."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._app = AsyncApp(
            name="slipway",
            signing_secret="",
            authorize=_authorize,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            ignoring_self_events_enabled=True,
            process_before_response=True,
            logger=quiet,
        )
        self._listen()

    async def __call__(self, delivery: Delivery) -> None:
        """Carry it out; raises what makes the worker try again."""
        headers: dict[str, str | Sequence[str]] = {name: [value] for name, value in delivery.receipt.headers}
        body = delivery.receipt.body.decode()
        if "Content-Type" not in headers:
            kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
            headers["Content-Type"] = [kind]
        request = AsyncBoltRequest(body=body, headers=headers, context={DELIVERY: delivery})
        response = await self._app.async_dispatch(request)
        failure = request.context.get(FAILURE)
        if isinstance(failure, Exception):
            raise failure
        if response.status == 404:
            await handle(self._around, delivery)  # nobody listens for it: it is marked handled

    def _listen(self) -> None:
        self._app.command(ANYTHING)(self._on)
        self._app.action(ANYTHING)(self._on)
        self._app.view(ANYTHING)(self._on)
        self._app.view_closed(ANYTHING)(self._on)
        self._app.shortcut(ANYTHING)(self._on)
        for event in EVENTS:
            self._app.event(event)(self._on)
        self._app.error(self._failed)

    async def _on(self, ack: Any, context: Any) -> None:
        """The one listener: understanding is the dispatch's work, the same for every surface."""
        await ack()
        delivery = context.get(DELIVERY)
        if not isinstance(delivery, Delivery):
            raise Bug("Bolt was fed something that is no delivery")
        await handle(self._around, delivery)

    async def _failed(self, error: Exception, context: Any) -> None:
        context[FAILURE] = error


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Who we are is known already; asking Slack for each delivery would be one call too many."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="")
