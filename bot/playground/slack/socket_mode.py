"""Socket Mode: tickets, connections, envelopes and their acknowledgements."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.playground.clock import Clock
from bot.playground.slack.delivery import Delivery, DeliveryKind, Outcome, Receipt, Sent
from bot.playground.slack.http_courier import within_three_seconds
from bot.playground.slack.ids import Ids

MOST_CONNECTIONS = 10
Json = dict[str, Any]


@dataclass
class SocketCourier:
    """Sends each delivery to one of the open connections, in turn."""

    clock: Clock
    ids: Ids
    app_id: str
    on_presence: Callable[[bool], None]
    latency: float = 0.0
    sent: list[Sent] = field(default_factory=list)
    connections: list[web.WebSocketResponse] = field(default_factory=list)
    _tickets: set[str] = field(default_factory=set)
    _waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    _turn: int = 0

    def ticket(self) -> str:
        """A ticket for one connection."""
        key = self.ids.secret()
        self._tickets.add(key)
        return key

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket itself; a ticket works once."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or len(self.connections) >= MOST_CONNECTIONS:
            return web.Response(status=408 if ticket in self._tickets else 403)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections.append(socket)
        self.on_presence(True)
        try:
            await socket.send_json(self._hello())
            await self._listen(socket)
        finally:
            self.connections.remove(socket)
            self.on_presence(bool(self.connections))
        return socket

    async def deliver(self, delivery: Delivery) -> Receipt:
        """One envelope to the next connection; three seconds for its acknowledgement."""
        record = Sent(delivery, self.clock.now().timestamp())
        self.sent.append(record)
        if self.latency:
            await self.clock.sleep(self.latency)
        record.receipt = await within_three_seconds(self.clock, self._send(delivery))
        return record.receipt

    async def disconnect(self, reason: str) -> None:
        """Tell every connection to come again, then close it, as Slack does every few hours."""
        for socket in list(self.connections):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "play"}})
            if reason != "warning":
                await socket.close()

    async def close(self) -> None:
        """Hang up."""
        for socket in list(self.connections):
            await socket.close()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {"host": "play", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self.app_id},
        }

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._acknowledged(message.data)

    def _acknowledged(self, text: str) -> None:
        try:
            envelope = json.loads(text)
        except ValueError:
            return
        waiting = self._waiting.get(str(envelope.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(envelope.get("payload"))

    async def _send(self, delivery: Delivery) -> Receipt:
        if not self.connections:
            return Receipt(Outcome.UNREACHABLE)
        self._turn += 1
        socket = self.connections[self._turn % len(self.connections)]
        envelope_id = str(uuid.UUID(self.ids.secret()))
        self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await socket.send_json(self._envelope(envelope_id, delivery))
            return Receipt(Outcome.ANSWERED, 200, await self._waiting[envelope_id])
        except ConnectionError:
            return Receipt(Outcome.UNREACHABLE)
        finally:
            del self._waiting[envelope_id]

    def _envelope(self, envelope_id: str, delivery: Delivery) -> Json:
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": delivery.kind,
            "accepts_response_payload": delivery.wants_answer,
            "payload": delivery.payload,
        }
        if delivery.kind is DeliveryKind.EVENT:
            envelope |= {"retry_attempt": delivery.retry, "retry_reason": delivery.reason or ""}
        return envelope
