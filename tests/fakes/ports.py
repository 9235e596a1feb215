"""Ports for servers that tests start by number: below those that the system hands out by itself."""

from __future__ import annotations

import os
import socket
from itertools import count

FIRST, EACH = 20_000, 600
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# Processes that were started one after the other, as the jobs of a proof are, begin far apart.
_next = count(os.getpid() * 251 % EACH)


def free_port() -> int:
    """One that nobody listens on, and that no other worker of this session is given."""
    start = FIRST + EACH * (_worker % 16)
    for number in _next:
        port = start + number % EACH
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("count never ends")
