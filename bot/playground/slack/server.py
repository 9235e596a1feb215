"""The stand-in itself: started on a free port, driven by tests, by `/_play/` and by the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.playground.clock import Clock
from bot.playground.control import Control
from bot.playground.slack.acts import Acts
from bot.playground.slack.api_server import ApiServer, name_of
from bot.playground.slack.backend import Backend
from bot.playground.slack.delivery import Courier, Receipt, Sent
from bot.playground.slack.director_port import Director
from bot.playground.slack.events import Events
from bot.playground.slack.form_state import filled
from bot.playground.slack.http_courier import HttpCourier
from bot.playground.slack.hub import Hub
from bot.playground.slack.ids import Ids
from bot.playground.slack.interactions import Interactions, NotPossible
from bot.playground.slack.manifest import ManifestFile
from bot.playground.slack.page_api import PageApi
from bot.playground.slack.page_shapes import Done, StreamType, Submitted
from bot.playground.slack.posting import Posting
from bot.playground.slack.ratelimits import RateLimits
from bot.playground.slack.response_urls import ResponseUrls
from bot.playground.slack.seed import acme
from bot.playground.slack.socket_mode import SocketCourier
from bot.playground.slack.tasks import Tasks
from bot.playground.slack.views import Triggers, View, Views
from bot.playground.slack.world import Message, World

Json = dict[str, Any]
MOST_BYTES = 64 * 1024 * 1024
STOP_SECONDS = 2.0


@dataclass(frozen=True)
class Secrets:
    """What the app must know to be believed, and to believe."""

    signing_secret: str
    bot_token: str
    app_token: str


def _backend(
    clock: Clock,
    manifest: ManifestFile,
    secrets: Secrets,
    deliver_to: str | None,
    latency: float,
    director: Director | None,
) -> Backend:
    ids, hub, tasks, refused = Ids(clock), Hub(), Tasks(), set[str]()
    world = acme(manifest.current().bot_name)
    posting = Posting(world, hub, ids)

    def presence(there: bool) -> None:
        kind, word = StreamType.PRESENCE, "active" if there else "away"
        hub.publish({"type": kind, "user": world.identity.bot_user, "presence": word}, None)

    courier: Courier
    if deliver_to is None:
        courier = SocketCourier(clock, ids, world.identity.app_id, presence, latency)
    else:
        courier = HttpCourier(deliver_to, secrets.signing_secret, clock, latency)
    events = Events(world, clock, ids, courier, tasks, manifest.current)
    posting.listeners.append(events.on_message)
    return Backend(
        clock=clock,
        ids=ids,
        world=world,
        hub=hub,
        posting=posting,
        views=Views(hub, ids, world.identity),
        triggers=Triggers(ids),
        response_urls=ResponseUrls(posting, ids, refused),
        rate_limits=RateLimits(clock),
        events=events,
        courier=courier,
        tasks=tasks,
        manifest_file=manifest,
        bot_token=secrets.bot_token,
        app_token=secrets.app_token,
        director=director,
        latency=latency,
        refused_blocks=refused,
    )


class SlackStandIn:
    """One workspace with one installed app; `deliver_to=None` means Socket Mode."""

    def __init__(
        self,
        *,
        clock: Clock,
        manifest_path: Path | str,
        signing_secret: str,
        bot_token: str,
        app_token: str,
        deliver_to: str | None,
        latency: float = 0.0,
        director: Director | None = None,
    ) -> None:
        secrets = Secrets(signing_secret, bot_token, app_token)
        manifest = ManifestFile(Path(manifest_path))
        self.backend = _backend(clock, manifest, secrets, deliver_to, latency, director)
        self.hands = Interactions(self.backend)
        self.control = Control(
            clock,
            name_of,
            fault_body={"ok": False, "error": "internal_error"},
            rate_limit_body={"ok": False, "error": "ratelimited"},
        )
        self.control.acts.update(Acts(self.backend, self.hands).all())
        self._runner: web.AppRunner | None = None

    @property
    def world(self) -> World:
        """People, channels and messages."""
        return self.backend.world

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end; the Web API is at `url + "/api/"`."""
        return self.backend.base

    @property
    def deliveries(self) -> list[Sent]:
        """Everything the app was sent, oldest first."""
        return self.backend.courier.sent

    @property
    def connected(self) -> bool:
        """Whether the app has a socket open; with an URL it is never known."""
        courier = self.backend.courier
        return isinstance(courier, SocketCourier) and bool(courier.connections)

    def deliver_to(self, url: str) -> None:
        """Another URL for what is sent from now on, for an app that starts after its Slack."""
        if not isinstance(self.backend.courier, HttpCourier):
            raise NotPossible("this workspace delivers over Socket Mode")
        self.backend.courier.url = url

    def direct(self, director: Director) -> None:
        """Who moves the scenery; for a director that needs the stand-in first."""
        self.backend.director = director

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; 0 takes a free port."""
        app = web.Application(client_max_size=MOST_BYTES)
        self.control.install(app)
        ApiServer(self.backend).install(app)
        PageApi(self.backend, self.hands).install(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.backend.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.backend.response_urls.base = self.backend.base

    async def stop(self) -> None:
        """Hang up on everybody."""
        self.backend.hub.close()
        await self.backend.courier.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.backend.tasks.stop()

    async def send(self, person: str, channel: str, text: str, thread_ts: str | None = None) -> Done:
        """Type a line as a person (id or handle) in a channel (id or #name)."""
        return await self.hands.send(person, channel, text, thread_ts)

    async def command(self, person: str, channel: str, text: str) -> Done:
        """Run a slash command; returns when the app acknowledged it or Slack gave up."""
        return await self.hands.send(person, channel, text)

    async def click(
        self, person: str, place: Message | View, action_id: str, state: Json | None = None, **chosen: Any
    ) -> Done:
        """Click an element; `chosen` is what a menu would send, such as `selected_option={...}`."""
        return await self.hands.click(person, {"action_id": action_id, **chosen}, place, state)

    async def submit(self, person: str, view: View, values: Json | None = None) -> Submitted:
        """Fill in by block_id or action_id with plain values, and press the main button."""
        return await self.hands.submit(person, view, filled(view.blocks, view.values, values or {}))

    async def close_view(self, person: str, view: View) -> Done:
        """Press the form's other button."""
        return await self.hands.close(person, view)

    async def open_home(self, person: str) -> Json | None:
        """Look at the home tab."""
        return self.hands.open_home(self._id(person))

    async def verify_url(self, challenge: str = "3eZbrw1aB") -> Receipt:
        """Ask the app to prove its URL, as Slack does when it is typed in."""
        return await self.backend.events.verify_url(challenge)

    def messages(self, channel: str) -> list[Message]:
        """What everybody sees in a channel or direct message, threads included, oldest first."""
        found = self.world.channel(channel)
        if found is None:
            raise NotPossible(f"there is no channel {channel}")
        return list(found.messages.values())

    def direct_messages(self, person: str) -> list[Message]:
        """What stands between a person and the app."""
        return list(self.world.app_channel(self._id(person)).messages.values())

    def ephemerals(self, person: str) -> list[Message]:
        """What only this person sees, oldest first."""
        who = self._id(person)
        rows = (m for channel in self.world.channels.values() for m in channel.ephemerals.values())
        return sorted((m for m in rows if m.ephemeral_for == who), key=lambda m: float(m.ts))

    def opened_views(self, person: str) -> list[View]:
        """The modals on a person's screen, the topmost last."""
        return list(self.backend.views.open_of(self._id(person)))

    def home(self, person: str) -> View | None:
        """The home tab the app published for a person."""
        return self.backend.views.homes.get(self._id(person))

    async def changed(self, timeout: float = 5.0) -> None:
        """Return at the next change of anything a person could see; `TimeoutError` when none comes."""
        await self.backend.hub.changed(timeout)

    async def until(self, condition: Callable[[], bool], timeout: float = 5.0) -> None:
        """Return when the condition holds, looking again at each change."""
        await self.backend.hub.until(condition, timeout)

    def _id(self, person: str) -> str:
        return self.hands.person(person).id
