"""The Events API: which events the app gets, their envelope, and Slack's three retries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.playground.clock import Clock
from bot.playground.slack.delivery import Courier, Delivery, DeliveryKind, Receipt
from bot.playground.slack.ids import Ids
from bot.playground.slack.manifest import Manifest
from bot.playground.slack.mrkdwn import links_in
from bot.playground.slack.shown import person_to_api
from bot.playground.slack.tasks import Tasks
from bot.playground.slack.world import Channel, Message, Person, Privacy, World

Json = dict[str, Any]
OLD_TOKEN = "play-verification-token"  # the verification token Slack still sends, and nobody should use
RETRY_AFTER = (0, 60, 300)
MESSAGE_EVENTS = {
    Privacy.PUBLIC: ("message.channels", "channels:history", "channel"),
    Privacy.PRIVATE: ("message.groups", "groups:history", "group"),
    Privacy.IM: ("message.im", "im:history", "im"),
    Privacy.MPIM: ("message.mpim", "mpim:history", "mpim"),
}
EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "link_shared": "links:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "channel_archive": "channels:read",
    "reaction_added": "reactions:read",
    "team_join": "users:read",
    "user_change": "users:read",
    "subteam_updated": "usergroups:read",
    "subteam_members_changed": "usergroups:read",
}


@dataclass
class Events:
    """Turns what happens in the workspace into deliveries."""

    world: World
    clock: Clock
    ids: Ids
    courier: Courier
    tasks: Tasks
    manifest: Callable[[], Manifest]
    hosts: dict[str, str] = field(default_factory=dict)  # of stand-ins, and the domain each stands for

    def on_message(self, message: Message) -> None:
        """A message was posted, by a person or by the app itself."""
        channel = self.world.channels[message.channel]
        bot = self.world.identity.bot_user
        if bot not in channel.members:
            return
        name, scope, kind = MESSAGE_EVENTS[channel.privacy]
        self.emit(
            name, self._message_event(message, channel, "message") | {"channel_type": kind}, channel, scope
        )
        if not message.by_app and f"<@{bot}>" in message.text and channel.privacy is not Privacy.IM:
            self.emit("app_mention", self._message_event(message, channel, "app_mention"), channel)
        if not message.by_app:
            self._links(message, channel)

    def home_opened(self, person: str, view: Json | None) -> None:
        """A person looked at the home tab."""
        event: Json = {"type": "app_home_opened", "user": person, "tab": "home", "event_ts": self.ids.ts()}
        event["channel"] = self.world.app_channel(person).id
        self.emit("app_home_opened", event | ({"view": view} if view else {}), None)

    def about(self, name: str, **fields: Any) -> None:
        """Any other event."""
        channel = self.world.channels.get(str(fields.get("channel")))
        self.emit(name, {"type": name, **fields, "event_ts": self.ids.ts()}, channel)

    def user_changed(self, person: Person) -> None:
        """Somebody's profile or state changed."""
        user = person_to_api(
            person, self.clock.now(), with_email="users:read.email" in self.manifest().scopes
        )
        self.about("user_change", user=user, cache_ts=int(self.ids.now()))

    async def verify_url(self, challenge: str) -> Receipt:
        """The handshake when a URL is configured."""
        body = {"token": OLD_TOKEN, "challenge": challenge, "type": "url_verification"}
        return await self.courier.deliver(Delivery(DeliveryKind.EVENT, body))

    def emit(self, name: str, event: Json, channel: Channel | None, scope: str | None = None) -> None:
        """Deliver it when the manifest asks for this event and has the scope for it."""
        manifest = self.manifest()
        needed = scope or EVENT_SCOPES.get(name)
        if name in manifest.bot_events and (needed is None or needed in manifest.scopes):
            self.tasks.spawn(self.deliver(self._envelope(event, channel)))

    async def deliver(self, envelope: Json) -> Receipt:
        """Send, and send again at once, after one minute and after five."""
        receipt = await self.courier.deliver(Delivery(DeliveryKind.EVENT, envelope))
        for number, pause in enumerate(RETRY_AFTER, start=1):
            if receipt.taken or receipt.no_retry:
                break
            if pause:
                await self.clock.sleep(pause)
            again = Delivery(DeliveryKind.EVENT, envelope, retry=number, reason=receipt.reason)
            receipt = await self.courier.deliver(again)
        return receipt

    def _message_event(self, message: Message, channel: Channel, kind: str) -> Json:
        event: Json = {
            "type": kind,
            "channel": channel.id,
            "user": message.user,
            "text": message.text,
            "ts": message.ts,
            "event_ts": message.ts,
            "team": self.world.people[message.user].team_id,
        }
        if message.thread_ts:
            event["thread_ts"] = message.thread_ts
        if message.by_app:
            event |= {"bot_id": self.world.identity.bot_id, "app_id": self.world.identity.app_id}
        return event

    def _links(self, message: Message, channel: Channel) -> None:
        domains = self.manifest().unfurl_domains
        links = [
            {"domain": domain, "url": url}
            for url in links_in(message.text)
            for domain in domains
            if (host := self._host(url)) == domain or host.endswith("." + domain)
        ]
        if links:
            event = self._message_event(message, channel, "link_shared")
            del event["text"]
            event |= {"message_ts": message.ts, "links": links, "is_bot_user_member": True}
            event |= {"unfurl_id": f"{channel.id}-{message.ts}", "source": "conversations_history"}
            self.emit("link_shared", event, channel)

    def _host(self, url: str) -> str:
        parts = urlsplit(url)
        return self.hosts.get(parts.netloc) or parts.hostname or ""

    def _envelope(self, event: Json, channel: Channel | None) -> Json:
        identity = self.world.identity
        by = {"team_id": identity.team_id, "user_id": identity.bot_user, "is_bot": True}
        return {
            "token": OLD_TOKEN,
            "team_id": identity.team_id,
            "context_team_id": identity.team_id,
            "context_enterprise_id": None,
            "api_app_id": identity.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self.ids.new("Ev"),
            "event_time": int(self.ids.now()),
            "authorizations": [{"enterprise_id": None, "is_enterprise_install": False, **by}],
            "is_ext_shared_channel": bool(channel and channel.is_shared),
            "event_context": self.ids.secret(),
        }
