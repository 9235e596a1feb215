"""The HTTP side of the Web API: tokens, scopes, rate limits; uploads, downloads and `response_url`."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from aiohttp import web

from bot.playground.slack.backend import Backend
from bot.playground.slack.errors import ErrorCode, SlackError
from bot.playground.slack.socket_mode import SocketCourier
from bot.playground.slack.web_api import METHODS
from bot.playground.slack.web_api.method import Args, Method, TokenKind, need_scope

Json = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One field of a multipart form."""

    name: str
    content: bytes
    is_file: bool


def multipart(content_type: str, body: bytes) -> list[Part]:
    """The fields of a form whose bytes were read already, for the journal."""
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    found = []
    for part in message.iter_parts():
        name = part.get_param("name", "", header="content-disposition")
        content = part.get_payload(decode=True)
        found.append(
            Part(str(name), content if isinstance(content, bytes) else b"", part.get_filename() is not None)
        )
    return found


def name_of(request: web.Request) -> str:
    """Under which name a call stands in the journal; the page's own calls have none."""
    first, _, rest = request.path.lstrip("/").partition("/")
    names = {"api": rest, "response": "response_url", "upload": "files.upload", "link": "socket_mode"}
    return names.get(first, "")


async def arguments(request: web.Request) -> Json:
    """The arguments of a call, from address, form or JSON."""
    found: Json = dict(request.query)
    if request.method != "POST":
        return found
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError as error:
            raise SlackError(ErrorCode.INVALID_JSON) from error
        if not isinstance(body, dict):
            raise SlackError(ErrorCode.JSON_NOT_OBJECT)
        return found | body
    if request.content_type == "multipart/form-data":
        parts = multipart(request.headers["Content-Type"], await request.read())
        return found | {part.name: part.content.decode() for part in parts if not part.is_file}
    if request.content_type == "application/x-www-form-urlencoded":
        return found | {key: str(value) for key, value in (await request.post()).items()}
    if await request.read():
        raise SlackError(ErrorCode.INVALID_POST_TYPE)
    return found


@dataclass
class ApiServer:
    """Routes for what the app calls."""

    backend: Backend

    def install(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_route("*", "/api/{method}", self.call)
        app.router.add_post("/response/{key}", self.respond)
        app.router.add_post("/upload/v1/{key}", self.upload)
        app.router.add_get("/files-pri/{file}/{name}", self.download)
        if isinstance(self.backend.courier, SocketCourier):
            app.router.add_get("/link/", self.backend.courier.connect)

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One method."""
        name = request.match_info["method"]
        if self.backend.latency:
            await self.backend.clock.sleep(self.backend.latency)
        try:
            args = Args(await arguments(request))
            method = METHODS.get(name)
            if method is None:
                raise SlackError(ErrorCode.UNKNOWN_METHOD, req_method=name)
            self._authorise(method, request, args)
            wait = self.backend.rate_limits.wait_for(name, method.tier, self._channel_of(args))
            if wait:
                refusal = SlackError(ErrorCode.RATELIMITED).answer()
                return web.json_response(refusal, status=429, headers={"Retry-After": str(wait)})
            answer = {"ok": True, **method.handler(self.backend, args)}
        except SlackError as error:
            answer = error.answer()
        return web.json_response(answer, headers=self._headers(name))

    def _channel_of(self, args: Args) -> str | None:
        key = args.text("channel")
        channel = self.backend.world.channel(key) if key else None
        return channel.id if channel else key

    def _headers(self, name: str) -> dict[str, str]:
        method = METHODS.get(name)
        accepted = ",".join(method.scopes) if method else ""
        return {"x-oauth-scopes": self.backend.manifest.scope_list(), "x-accepted-oauth-scopes": accepted}

    def _authorise(self, method: Method, request: web.Request, args: Args) -> None:
        if method.token is TokenKind.NONE:
            return
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ").strip() or str(args.raw.get("token", ""))
        if not token:
            raise SlackError(ErrorCode.NOT_AUTHED)
        kind = self._kind_of(token)
        if kind is None:
            raise SlackError(ErrorCode.INVALID_AUTH)
        if not self.backend.installed:
            raise SlackError(ErrorCode.ACCOUNT_INACTIVE)
        if method.token is not TokenKind.ANY and kind is not method.token:
            raise SlackError(ErrorCode.NOT_ALLOWED_TOKEN_TYPE)
        args.raw.pop("token", None)
        need_scope(self.backend, *method.scopes)

    def _kind_of(self, token: str) -> TokenKind | None:
        known = {TokenKind.BOT: self.backend.bot_token, TokenKind.APP: self.backend.app_token}
        for kind, secret in known.items():
            if secret and hmac.compare_digest(token.encode(), secret.encode()):
                return kind
        return None

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """`response_url`: no token, the address is the secret."""
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        status, answer = self.backend.response_urls.answer(request.match_info["key"], body)
        if status == 200:
            return web.Response(text="ok", content_type="text/plain")
        return web.json_response(answer, status=status)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The raw bytes of a file, or one part of a form."""
        key = request.match_info["key"]
        file = next((f for f in self.backend.world.files.values() if f.upload_key == key), None)
        if file is None or file.shared:
            return web.Response(status=404, text="not found")
        if request.content_type == "multipart/form-data":
            parts = multipart(request.headers["Content-Type"], await request.read())
            file.content = b"".join(part.content for part in parts if part.is_file)
        else:
            file.content = await request.read()
        file.uploaded = True
        return web.Response(text=f"OK - {len(file.content)}", content_type="text/plain")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """`url_private`, for who holds the app's token."""
        file = self.backend.world.files.get(request.match_info["file"])
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if file is None or self._kind_of(token) is not TokenKind.BOT:
            return web.Response(status=404, text="not found")
        return web.Response(body=file.content, content_type=file.mimetype)
