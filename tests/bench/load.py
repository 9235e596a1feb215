"""Sends prepared requests over connections that stay open.

Either each connection sends as soon as it was answered, which shows how many requests a server can take; or
all together keep a steady pace that nobody is overrun by, which shows how long one takes to answer. There the
time counts from when a request was due, so that a late one is not forgiven.

Runs as a process of its own: `python -m tests.bench.load slack 64 4000 0`. It prints a line when everything
is prepared, reads from standard input which port to shoot at, and prints what it measured. Plain sockets: a
client library would cost more than the server that is measured.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass

from tests.bench.requests import Traffic, prepare

WARMING = 100


@dataclass(frozen=True)
class Measured:
    """One round against one server."""

    per_second: float
    p50_ms: float
    p99_ms: float
    refused: int  # answers other than 200


class Gallery:
    """The connections to one server, and what is sent over them."""

    def __init__(self, port: int, connections: int, requests: list[bytes], pace: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._requests = requests
        self._apart = 1e9 / pace if pace else 0.0  # nanoseconds between two requests
        self._begun: dict[socket.socket, int] = {}
        self._free = deque(_connect(port) for _ in range(connections))
        self._took: list[int] = []
        self._refused = 0
        for link in self._free:
            self._selector.register(link, selectors.EVENT_READ, link)

    def shoot(self) -> Measured:
        """Send everything and wait for the last answer."""
        links = list(self._free)
        start, sent = time.perf_counter_ns(), 0
        while sent < len(self._requests) or self._begun:
            due = start + int(sent * self._apart)
            while self._free and sent < len(self._requests) and due <= (now := time.perf_counter_ns()):
                link = self._free.popleft()
                self._begun[link] = due if self._apart else now
                link.sendall(self._requests[sent])
                sent += 1
                due = start + int(sent * self._apart)
            waits = self._apart and self._free and sent < len(self._requests)
            for key, _ in self._selector.select(
                max(due - time.perf_counter_ns(), 0) / 1e9 if waits else None
            ):
                self._receive(key.data)
        seconds = (time.perf_counter_ns() - start) / 1e9
        for link in links:
            link.close()
        took = sorted(self._took)
        p50, p99 = took[len(took) // 2] / 1e6, took[len(took) * 99 // 100] / 1e6
        return Measured(len(took) / seconds, p50, p99, self._refused)

    def _receive(self, link: socket.socket) -> None:
        answer = _answer(link)
        self._took.append(time.perf_counter_ns() - self._begun.pop(link))
        self._refused += not answer.startswith(b"HTTP/1.1 200 ")
        self._free.append(link)


def _connect(port: int) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port), timeout=30)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def _answer(link: socket.socket) -> bytes:
    """One whole answer, which nearly always comes in one piece."""
    answer = link.recv(65536)
    while not _is_whole(answer):
        more = link.recv(65536)
        if not more:
            raise ConnectionError(f"the server hung up after {answer!r}")
        answer += more
    return answer


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    _, found, rest = head.lower().partition(b"content-length:")
    return len(body) >= int(rest.split(b"\r\n")[0]) if found else True


def main() -> None:
    """Prepare, say so, wait for the port, shoot, tell."""
    traffic, connections, count, pace = Traffic(sys.argv[1]), *map(int, sys.argv[2:5])
    warming, requests = prepare(traffic, min(WARMING, count)), prepare(traffic, count)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    port = int(sys.stdin.readline())
    Gallery(port, connections, warming, 0).shoot()
    sys.stdout.write(json.dumps(asdict(Gallery(port, connections, requests, pace).shoot())) + "\n")


if __name__ == "__main__":
    main()
