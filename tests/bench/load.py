"""Sends prepared requests over connections that stay open, each as soon as the one before was answered.

Runs as a process of its own: `python -m tests.bench.load slack 64 4000`. It prints a line when everything is
prepared, reads from standard input which port to shoot at, and prints what it measured. Plain sockets: a
client library would cost more than the server that is measured.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
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


def shoot(port: int, connections: int, requests: list[bytes]) -> Measured:
    """Send everything and wait for the last answer."""
    selector = selectors.DefaultSelector()
    waiting = iter(requests)
    begun: dict[socket.socket, int] = {}
    open_now = [_connect(port) for _ in range(connections)]
    start = time.perf_counter_ns()
    for link in open_now:
        selector.register(link, selectors.EVENT_READ, link)
        _next(link, waiting, begun)
    took: list[int] = []
    refused = 0
    while begun:
        for key, _ in selector.select():
            link = key.data
            answer = _answer(link)
            took.append(time.perf_counter_ns() - begun.pop(link))
            refused += not answer.startswith(b"HTTP/1.1 200 ")
            _next(link, waiting, begun)
    seconds = (time.perf_counter_ns() - start) / 1e9
    for link in open_now:
        link.close()
    took.sort()
    return Measured(
        per_second=len(took) / seconds,
        p50_ms=took[len(took) // 2] / 1e6,
        p99_ms=took[len(took) * 99 // 100] / 1e6,
        refused=refused,
    )


def _connect(port: int) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port), timeout=30)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def _next(link: socket.socket, waiting: Iterator[bytes], begun: dict[socket.socket, int]) -> None:
    request = next(waiting, None)
    if request is not None:
        begun[link] = time.perf_counter_ns()
        link.sendall(request)


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
    traffic, connections, count = Traffic(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    warming, requests = prepare(traffic, min(WARMING, count)), prepare(traffic, count)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    port = int(sys.stdin.readline())
    shoot(port, min(connections, len(warming)), warming)
    sys.stdout.write(json.dumps(asdict(shoot(port, connections, requests))) + "\n")


if __name__ == "__main__":
    main()
