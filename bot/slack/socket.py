"""Socket Mode: the same deliveries over a connection that we open, for those without a public address.

An acknowledgement is a receipt here too: it leaves after the commit. What could not be stored is not
acknowledged, and Slack tells the person, or sends the event again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from enum import StrEnum
from time import monotonic
from typing import Any

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import Transient
from bot.core.ingress import Malformed, Outcome, Tally
from bot.core.ports import Clock
from bot.core.records import Source
from bot.slack.deliveries import Incoming, body_of, of_command, of_event, of_interaction
from bot.slack.ingress import Reception

logger = logging.getLogger(__name__)

SILENCE_SECONDS = 30.0  # the client asks for a sign of life every five


class EnvelopeType(StrEnum):
    """What an envelope holds."""

    SLASH_COMMANDS = "slash_commands"
    INTERACTIVE = "interactive"
    EVENTS_API = "events_api"


_READERS: Mapping[EnvelopeType, Callable[[Mapping[str, Any]], Incoming]] = {
    EnvelopeType.SLASH_COMMANDS: of_command,
    EnvelopeType.INTERACTIVE: of_interaction,
    EnvelopeType.EVENTS_API: of_event,
}


class SlackSocket:
    """Keeps one connection to Slack, and replaces a client that has fallen silent."""

    def __init__(
        self,
        app_token: str,
        web_client: AsyncWebClient,
        reception: Reception,
        tally: Tally,
        clock: Clock,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        self._app_token = app_token
        self._web_client = web_client
        self._reception = reception
        self._tally = tally
        self._clock = clock
        self._silence = silence
        self._client: SocketModeClient | None = None
        self._handling: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled. The old connection is closed before the next one is opened."""
        while True:
            self._client = client = self._new_client()
            try:
                await client.connect()  # type: ignore[no-untyped-call]
                await self._until_silent(client)
                logger.warning("Nothing was heard from Slack for %g seconds: connecting anew.", self._silence)
            finally:
                self._client = None
                await asyncio.gather(*self._handling, return_exceptions=True)
                await client.close()  # type: ignore[no-untyped-call]

    async def check(self) -> str | None:
        """For readiness: why no delivery can reach us."""
        connected = self._client is not None and await self._client.is_connected()
        return None if connected else "The Socket Mode connection to Slack is not open."

    def _new_client(self) -> SocketModeClient:
        # The client's own logger would write whole deliveries at level DEBUG.
        quiet = logging.getLogger(f"{__name__}.client")
        quiet.setLevel(max(logging.INFO, logging.getLogger().level))
        client = SocketModeClient(self._app_token, quiet, self._web_client)
        client.socket_mode_request_listeners.append(self._received)
        return client

    async def _until_silent(self, client: SocketModeClient) -> None:
        """Watch for answers to the client's pings; whatever it believes of itself."""
        heard, last = client.last_ping_pong_time, monotonic()
        while monotonic() - last < self._silence:
            await self._clock.sleep(self._silence / 6)
            if client.last_ping_pong_time != heard:
                heard, last = client.last_ping_pong_time, monotonic()

    async def _received(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        task = asyncio.create_task(self._handle(client, request))
        self._handling.add(task)
        task.add_done_callback(self._handling.discard)
        await task

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        try:
            incoming = _read(request)
            signature = f"socket:{request.envelope_id}"
            outcome, payload = await self._reception.take(incoming, signature, body_of(incoming))
        except Malformed as error:
            self._tally.add(Source.SLACK, Outcome.MALFORMED)
            logger.warning("Slack sent something that we cannot read: %s", error)
            return
        except Transient:
            self._tally.add(Source.SLACK, Outcome.UNAVAILABLE)
            return
        # Nobody else can send over this connection: an envelope that comes again is Slack's retry.
        again = outcome in (Outcome.SEEN, Outcome.REPLAYED)
        self._tally.add(Source.SLACK, Outcome.SEEN if again else outcome)
        await client.send_socket_mode_response(
            SocketModeResponse(request.envelope_id, None if payload is None else dict(payload))
        )


def _read(request: SocketModeRequest) -> Incoming:
    try:
        kind = EnvelopeType(request.type)
    except ValueError:
        raise Malformed("This type of envelope is unknown.") from None
    return _READERS[kind](request.payload)
