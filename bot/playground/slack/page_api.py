"""The page: its files and its API, for browsers on this machine only. Shapes: page_shapes.py."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.playground.slack.backend import Backend
from bot.playground.slack.errors import SlackError
from bot.playground.slack.interactions import Interactions, NotPossible
from bot.playground.slack.page_shapes import Bootstrap, PageApp
from bot.playground.slack.shown import channel_to_page, message_to_page, person_to_page
from bot.playground.slack.views import View
from bot.playground.slack.world import Message, Person

Json = dict[str, Any]
PAGE = Path(__file__).parent / "page"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
KEEP_ALIVE_SECONDS = 15
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'self'; img-src * data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'",
}
Get = Callable[[web.Request], Awaitable[Any]]
Post = Callable[[Json], Awaitable[Mapping[str, Any]]]


def from_this_machine(request: web.Request) -> bool:
    """No other site may reach the page through the browser, by address tricks or by form."""
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        return False
    origin = request.headers.get("Origin")
    same = origin is None or urlsplit(origin).netloc == request.host
    return same and (request.method == "GET" or request.content_type == "application/json")


@dataclass
class PageApi:
    """Routes under `/_page/`, and the static files."""

    backend: Backend
    hands: Interactions

    def install(self, app: web.Application) -> None:
        """Add the routes."""
        router = app.router
        router.add_get("/", self.index)
        router.add_get("/static/{file:[A-Za-z0-9_./-]+}", self.static)
        router.add_get("/_page/stream", self.stream)
        router.add_get("/_page/files/{file}", self.file)
        gets = {
            "bootstrap": self.bootstrap,
            "messages": self.messages,
            "home": self.home,
            "views": self.views,
        }
        posts = {
            "send": self.send,
            "click": self.click,
            "submit": self.submit,
            "close": self.close,
            "options": self.options,
            "shortcut": self.shortcut,
            "director": self.director,
        }
        for name, get in gets.items():
            router.add_get(f"/_page/{name}", _getting(get))
        for name, post in posts.items():
            router.add_post(f"/_page/{name}", _posting(post))

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """The page."""
        return _file("index.html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        """One of its files."""
        return _file(request.match_info["file"])

    async def file(self, request: web.Request) -> web.StreamResponse:
        """An uploaded file, never run by the browser."""
        file = self.backend.world.files.get(request.match_info["file"])
        if file is None or not from_this_machine(request):
            return web.Response(status=404, text="not found")
        headers = HEADERS | {"Content-Security-Policy": "sandbox"}
        return web.Response(body=file.content, content_type=file.mimetype, headers=headers)

    async def bootstrap(self, request: web.Request) -> Bootstrap:
        """All a page needs to begin."""
        world, manifest, director = self.backend.world, self.backend.manifest, self.backend.director
        first = next(p.id for p in world.people.values() if p.selectable)
        me = self.hands.person(request.query.get("person", first))
        team = world.identity
        return {
            "team": {"id": team.team_id, "name": team.team_name, "domain": team.team_domain},
            "me": person_to_page(me),
            "app": self._app(me),
            "people": [person_to_page(person) for person in world.people.values()],
            "channels": [channel_to_page(world, channel, me.id) for channel in world.visible_to(me.id)],
            "usergroups": [
                {"id": g.id, "handle": g.handle, "name": g.name, "users": list(g.users)}
                for g in world.usergroups.values()
            ],
            "commands": [
                {"command": c.command, "description": c.description, "usage_hint": c.usage_hint}
                for c in manifest.commands.values()
            ],
            "shortcuts": [
                {"name": s.name, "type": s.type, "callback_id": s.callback_id, "description": s.description}
                for s in manifest.shortcuts.values()
            ],
            "director": director.acts() if director else [],
        }

    def _app(self, me: Person) -> PageApp:
        world, manifest = self.backend.world, self.backend.manifest
        return {
            "id": world.identity.app_id,
            "name": manifest.name,
            "bot_id": world.identity.bot_id,
            "bot_user_id": world.identity.bot_user,
            "channel": world.app_channel(me.id).id,
            "home_tab": manifest.home_tab,
            "messages_tab": manifest.messages_tab,
            "read_only": manifest.messages_read_only,
        }

    async def messages(self, request: web.Request) -> Json:
        """One conversation as one person sees it, threads included."""
        me = self.hands.person(request.query.get("person", ""))
        channel = self.hands.channel(me, request.query.get("channel", ""))
        seen = [m for m in channel.ephemerals.values() if m.ephemeral_for == me.id]
        rows = sorted([*channel.messages.values(), *seen], key=lambda m: float(m.ts))
        channel.read[me.id] = rows[-1].ts if rows else ""
        return {"messages": [message_to_page(self.backend.world, message) for message in rows]}

    async def home(self, request: web.Request) -> Json:
        """The home tab; the app hears that it was opened."""
        me = self.hands.person(request.query.get("person", ""))
        return {"view": self.hands.open_home(me.id)}

    async def views(self, request: web.Request) -> Json:
        """The modals that are open, for a page that was loaded again."""
        me = self.hands.person(request.query.get("person", ""))
        return {"views": [self.backend.views.to_json(view) for view in self.backend.views.open_of(me.id)]}

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-Sent Events until the browser or the stand-in goes."""
        if not from_this_machine(request):
            return web.Response(status=403, text="this page is for browsers on this machine")
        try:
            me = self.hands.person(request.query.get("person", ""))
        except NotPossible as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        response = web.StreamResponse(headers=HEADERS | {"Content-Type": "text/event-stream"})
        queue = self.backend.hub.listen(me.id)
        try:
            await response.prepare(request)
            await response.write(b": connected\n\n")
            await self._pump(queue, response)
        except ConnectionError:
            pass  # the browser went away; nobody is left to tell
        finally:
            self.backend.hub.leave(queue)
        return response

    async def _pump(self, queue: asyncio.Queue[Any], response: web.StreamResponse) -> None:
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                    event = await queue.get()
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if event is None:
                return
            await response.write(b"data: " + json.dumps(event).encode() + b"\n\n")

    async def send(self, body: Json) -> Mapping[str, Any]:
        """A message or a command."""
        return await self.hands.send(
            body["person"], body["channel"], str(body["text"]), body.get("thread_ts")
        )

    async def click(self, body: Json) -> Mapping[str, Any]:
        """A click or a choice."""
        return await self.hands.click(body["person"], body["action"], self._place(body), body.get("state"))

    async def submit(self, body: Json) -> Mapping[str, Any]:
        """A form."""
        values = body.get("state", {}).get("values", {})
        return await self.hands.submit(body["person"], self._view(body), values)

    async def close(self, body: Json) -> Mapping[str, Any]:
        """A closed modal."""
        return await self.hands.close(body["person"], self._view(body), bool(body.get("is_cleared")))

    async def options(self, body: Json) -> Mapping[str, Any]:
        """The choices of an external select."""
        action = {"block_id": body["block_id"], "action_id": body["action_id"]}
        return await self.hands.options(body["person"], action, self._place(body), str(body["value"]))

    async def shortcut(self, body: Json) -> Mapping[str, Any]:
        """A shortcut, global or on a message."""
        message = self._message(body) if body.get("message_ts") else None
        return await self.hands.shortcut(body["person"], body["callback_id"], message)

    async def director(self, body: Json) -> Mapping[str, Any]:
        """An act of the side panel."""
        if self.backend.director is None:
            raise NotPossible("nobody directs here")
        return await self.backend.director.perform(str(body["name"]), dict(body.get("args") or {}))

    def _place(self, body: Json) -> Message | View:
        return self._view(body) if body.get("view_id") else self._message(body)

    def _view(self, body: Json) -> View:
        view = self.backend.views.find(str(body["view_id"]))
        if view.person != self.hands.person(body["person"]).id:
            raise NotPossible("this view is on somebody else's screen")
        return view

    def _message(self, body: Json) -> Message:
        return self.hands.message(body["person"], body["channel"], body["message_ts"])


def _file(name: str) -> web.StreamResponse:
    path = (PAGE / name).resolve()
    if not path.is_relative_to(PAGE) or not path.is_file():
        return web.Response(status=404, text=f"there is no {name}")
    return web.FileResponse(path, headers=HEADERS)


def _getting(handler: Get) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await _answered(request, lambda: handler(request))

    return handle


def _posting(handler: Post) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        async def parsed() -> Mapping[str, Any]:
            body = json.loads(await request.read())
            if not isinstance(body, dict):
                raise NotPossible("send a JSON object")
            return await handler(body)

        return await _answered(request, parsed)

    return handle


async def _answered(request: web.Request, work: Callable[[], Awaitable[Any]]) -> web.StreamResponse:
    if not from_this_machine(request):
        return web.json_response({"ok": False, "error": "only for this page"}, status=403)
    try:
        return web.json_response(await work(), headers=HEADERS)
    except KeyError as error:
        told = f"send {error.args[0]}"
    except (NotPossible, SlackError, ValueError) as error:
        told = str(error)
    return web.json_response({"ok": False, "error": told}, status=400)
