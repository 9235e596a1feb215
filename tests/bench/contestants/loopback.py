"""The least a server can do: an empty 200 for whatever comes. Shows the machine's own round trip."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from tests.bench.contestants.stage import perform


class Yes(asyncio.Protocol):
    """Takes each piece for a whole request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data:
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def start(around: AsyncExitStack) -> int:
    """On any free port."""
    server = await asyncio.get_running_loop().create_server(Yes, "127.0.0.1", 0)
    around.callback(server.close)
    return int(server.sockets[0].getsockname()[1])


if __name__ == "__main__":
    perform(start)
