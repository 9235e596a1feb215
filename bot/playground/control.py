"""`/_play/`: faults on demand and the journal of every call; the same for each stand-in.

The journal is the only judge of "nothing ran twice": it is written by the stand-in, never by the product.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from time import perf_counter
from typing import Any

from aiohttp import web

from bot.playground.clock import Clock

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Act = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
TOKEN_HEADER = "X-Play-Token"
BODY_KEPT = 20_000
ANYWHERE = "*"  # as `where` of a fault: the next call of any name


class FaultKind(StrEnum):
    """What can go wrong with one call. The effect of the call happens only where the comment says so."""

    DROP = "drop"  # the connection closes, nothing happened
    LOSE_ANSWER = "lose_answer"  # it happened, the connection closes before the answer
    ERROR_500 = "error_500"
    ERROR_502 = "error_502"
    ERROR_503 = "error_503"
    RATE_LIMIT = "rate_limit"  # 429 with Retry-After: 1
    SLOW = "slow"  # it happens, 5 seconds late
    HOLD_BEFORE = (
        "hold_before"  # waits for the act `release`; nothing happens when the caller is gone by then
    )
    HOLD_AFTER = "hold_after"  # it happened, then waits for `release` before it answers


STATUS = {
    FaultKind.ERROR_500: 500,
    FaultKind.ERROR_502: 502,
    FaultKind.ERROR_503: 503,
    FaultKind.RATE_LIMIT: 429,
}


@dataclass
class Fault:
    where: str
    kind: FaultKind
    times: int


@dataclass
class JournalEntry:
    """One call received; `status` is 0 until it was answered, `happened` says if its effect took place."""

    seq: int
    at: str
    where: str
    method: str
    path: str
    body: str
    fault: str | None = None
    happened: bool = False
    status: int = 0
    began: float = 0.0  # seconds by this machine's own clock, however fast time goes here
    took: float = 0.0  # seconds until it was answered


@dataclass
class Control:
    """The faults to come and the calls that came, for one stand-in."""

    clock: Clock
    name_of: Callable[[web.Request], str]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    faults: list[Fault] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)
    acts: dict[str, Act] = field(default_factory=dict)
    fault_body: dict[str, Any] = field(default_factory=lambda: {"message": "fault on demand"})
    rate_limit_body: dict[str, Any] = field(default_factory=lambda: {"message": "fault on demand"})
    holding: int = 0
    _release: asyncio.Event = field(default_factory=asyncio.Event)

    def install(self, app: web.Application) -> None:
        """Add the control routes and put the journal in front of every other route."""
        self.acts.setdefault("release", self._act_release)

        @web.middleware
        async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._around(request, handler)

        app.middlewares.append(around)
        app.router.add_post("/_play/faults", self._guarded(self._post_fault))
        app.router.add_post("/_play/act", self._guarded(self._post_act))
        app.router.add_get("/_play/journal", self._guarded(self._get_journal))

    def calls(self, where: str) -> list[JournalEntry]:
        """The calls received under one name, oldest first."""
        return [entry for entry in self.journal if entry.where == where]

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            given = request.headers.get(TOKEN_HEADER, "")
            if not hmac.compare_digest(given.encode(), self.token.encode()):
                return web.json_response({"error": f"send the right {TOKEN_HEADER}"}, status=403)
            return await handler(request)

        return guarded

    async def _post_fault(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        try:
            fault = Fault(str(body["where"]), FaultKind(body["kind"]), int(body.get("times", 1)))
        except (KeyError, ValueError) as error:
            kinds = ", ".join(FaultKind)
            return web.json_response({"error": f"{error}: send where, kind ({kinds}), times"}, status=400)
        self.faults.append(fault)
        return web.json_response({"ok": True})

    async def _post_act(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        act = self.acts.get(str(body.get("act")))
        if act is None:
            return web.json_response({"error": f"act is one of {', '.join(sorted(self.acts))}"}, status=400)
        return web.json_response(await act(body))

    async def _get_journal(self, request: web.Request) -> web.StreamResponse:
        where, since = request.query.get("where"), int(request.query.get("since", "0"))
        rows = [asdict(e) for e in self.journal if e.seq > since and where in (None, e.where)]
        return web.json_response({"journal": rows, "holding": self.holding})

    async def _act_release(self, _body: dict[str, Any]) -> dict[str, Any]:
        self._release.set()
        self._release = asyncio.Event()
        return {"ok": True}

    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        where = "" if request.path.startswith("/_") else self.name_of(request)
        if not where:
            return await handler(request)
        body = await request.read()
        entry = JournalEntry(
            seq=len(self.journal) + 1,
            at=self.clock.now().isoformat(),
            where=where,
            method=request.method,
            path=request.path_qs,
            body=body[:BODY_KEPT].decode("utf-8", "replace"),
        )
        self.journal.append(entry)
        entry.began = perf_counter()
        response = await self._with_fault(self._take(where), entry, request, handler)
        entry.status, entry.took = response.status, perf_counter() - entry.began
        return response

    def _take(self, where: str) -> FaultKind | None:
        for fault in self.faults:
            if fault.where in (where, ANYWHERE) and fault.times > 0:
                fault.times -= 1
                self.faults = [f for f in self.faults if f.times > 0]
                return fault.kind
        return None

    async def _with_fault(
        self, kind: FaultKind | None, entry: JournalEntry, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        entry.fault = kind
        if kind in STATUS:
            limited = kind is FaultKind.RATE_LIMIT
            body, headers = (self.rate_limit_body, {"Retry-After": "1"}) if limited else (self.fault_body, {})
            return web.json_response(body, status=STATUS[kind], headers=headers)
        if kind is FaultKind.SLOW:
            await self.clock.sleep(5)
        if kind is FaultKind.HOLD_BEFORE:
            await self._hold()
        if kind is FaultKind.DROP or (kind is FaultKind.HOLD_BEFORE and _gone(request)):
            return _hang_up(request)
        response = await handler(request)
        entry.happened = response.status < 300
        if kind is FaultKind.HOLD_AFTER:
            await self._hold()
        return _hang_up(request) if kind is FaultKind.LOSE_ANSWER else response

    async def _hold(self) -> None:
        self.holding += 1
        try:
            await self._release.wait()
        finally:
            self.holding -= 1


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)
