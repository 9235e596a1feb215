"""What `/_play/act` can do with this workspace: act as a person, look, and change the scenery."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.playground.slack.backend import Backend
from bot.playground.slack.errors import SlackError
from bot.playground.slack.form_state import filled
from bot.playground.slack.http_courier import HttpCourier
from bot.playground.slack.interactions import Interactions, NotPossible
from bot.playground.slack.shown import message_to_page
from bot.playground.slack.signing import signed_headers
from bot.playground.slack.socket_mode import SocketCourier
from bot.playground.slack.views import View
from bot.playground.slack.world import Channel, Message

Json = dict[str, Any]
Act = Callable[[Json], Awaitable[Json]]


@dataclass
class Acts:
    """Each public coroutine is one act; its arguments are the body of the request."""

    backend: Backend
    hands: Interactions

    def all(self) -> dict[str, Act]:
        """By name, each answering refusals in words."""
        acts: list[Act] = [
            self.rate_limits,
            self.refuse_blocks,
            self.command,
            self.message,
            self.click,
            self.submit,
            self.open_home,
            self.messages,
            self.ephemerals,
            self.views,
            self.deliver,
            self.redeliver,
            self.disconnect,
            self.archive,
            self.deactivate,
            self.delete_message,
            self.invite,
            self.leave,
            self.uninstall,
        ]
        return {act.__name__: _in_words(act) for act in acts}

    async def rate_limits(self, body: Json) -> Json:
        """Switch Slack's rate limits: {on}."""
        self.backend.rate_limits.on = bool(body["on"])
        return {}

    async def refuse_blocks(self, body: Json) -> Json:
        """Block types this workspace does not have yet: {types}."""
        self.backend.refused_blocks.clear()
        self.backend.refused_blocks.update(body["types"])
        return {}

    async def command(self, body: Json) -> Json:
        """Type a line: {person, channel, text}."""
        return dict(
            await self.hands.send(body["person"], body["channel"], body["text"], body.get("thread_ts"))
        )

    async def message(self, body: Json) -> Json:
        """The same as `command`; a line without a slash is a message."""
        return await self.command(body)

    async def click(self, body: Json) -> Json:
        """Click: {person, action_id, block_id?, channel and message_ts, or view_id, and chosen values}."""
        place: Message | View
        if body.get("view_id"):
            place = self.backend.views.find(body["view_id"])
        else:
            place = self.hands.message(body["person"], body["channel"], body["message_ts"])
        return dict(await self.hands.click(body["person"], body, place, body.get("state")))

    async def submit(self, body: Json) -> Json:
        """Fill in and submit a form: {person, view_id, values by block_id or action_id}."""
        view = self.backend.views.find(body["view_id"])
        values = filled(view.blocks, view.values, body.get("values", {}))
        return dict(await self.hands.submit(body["person"], view, values))

    async def open_home(self, body: Json) -> Json:
        """Look at the home tab: {person}."""
        return {"view": self.hands.open_home(self.hands.person(body["person"]).id)}

    async def messages(self, body: Json) -> Json:
        """What stands in a channel: {channel}."""
        rows = self._channel(body).messages.values()
        return {"messages": [message_to_page(self.backend.world, message) for message in rows]}

    async def ephemerals(self, body: Json) -> Json:
        """What only this person sees, everywhere: {person}."""
        who = self.hands.person(body["person"]).id
        rows = [m for c in self.backend.world.channels.values() for m in c.ephemerals.values()]
        shown = [message_to_page(self.backend.world, m) for m in rows if m.ephemeral_for == who]
        return {"messages": shown}

    async def views(self, body: Json) -> Json:
        """The open modals of a person: {person}."""
        who = self.hands.person(body["person"]).id
        return {"views": [self.backend.views.to_json(view) for view in self.backend.views.open_of(who)]}

    async def deliver(self, body: Json) -> Json:
        """Any bytes to the app's URL: {body, content_type?, headers?, sign?, timestamp?}."""
        courier, raw = self._http(), str(body["body"]).encode("utf-8", "surrogateescape")
        headers = {"Content-Type": str(body.get("content_type", "application/json"))}
        if body.get("sign", True):
            stamp = str(body.get("timestamp", int(self.backend.ids.now())))
            headers |= signed_headers(courier.secret, stamp, raw)
        receipt = await courier.post(raw, headers | dict(body.get("headers", {})))
        return {"outcome": receipt.outcome, "status": receipt.status, "answer": receipt.answer}

    async def redeliver(self, body: Json) -> Json:
        """An earlier delivery again, newly signed: {index}, -1 for the last."""
        courier = self._http()
        receipt = await courier.send_again(courier.sent[int(body.get("index", -1))])
        return {"outcome": receipt.outcome, "status": receipt.status, "answer": receipt.answer}

    async def disconnect(self, body: Json) -> Json:
        """Close the sockets: {reason: refresh_requested | warning | link_disabled}."""
        if not isinstance(self.backend.courier, SocketCourier):
            raise NotPossible("this workspace does not use Socket Mode")
        await self.backend.courier.disconnect(str(body.get("reason", "refresh_requested")))
        return {}

    async def archive(self, body: Json) -> Json:
        """Archive a channel: {channel}."""
        channel = self._channel(body)
        channel.is_archived = True
        self.backend.posting.channel_changed(channel)
        self.backend.events.about("channel_archive", channel=channel.id)
        return {}

    async def deactivate(self, body: Json) -> Json:
        """A person leaves the company: {person}."""
        person = self.hands.person(body["person"])
        person.deleted = True
        for group in self.backend.world.usergroups.values():
            if person.id in group.users:
                group.users.remove(person.id)
        self.backend.hub.ring()
        self.backend.events.user_changed(person)
        return {}

    async def delete_message(self, body: Json) -> Json:
        """Somebody with the right to deletes a message: {channel, ts}."""
        found = self._channel(body).messages.get(str(body["ts"]))
        if found is None:
            raise NotPossible("there is no such message")
        self.backend.posting.remove(found)
        return {}

    async def invite(self, body: Json) -> Json:
        """Somebody joins a channel, the app unless `person` says who: {channel, person?}."""
        channel = self._channel(body)
        bot = self.backend.world.identity.bot_user
        who = self.hands.person(body["person"]).id if body.get("person") else bot
        if who not in channel.members:
            channel.members.append(who)
            self.backend.posting.channel_changed(channel)
            self.backend.events.about("member_joined_channel", user=who, channel=channel.id, channel_type="C")
        return {}

    async def uninstall(self, _body: Json) -> Json:
        """An administrator removes the app: its tokens are worth nothing from now on."""
        self.backend.installed = False
        bot = self.backend.world.identity.bot_user
        self.backend.events.about("tokens_revoked", tokens={"oauth": [], "bot": [bot]})
        self.backend.events.about("app_uninstalled")
        return {}

    async def leave(self, body: Json) -> Json:
        """The app is removed from a channel: {channel}."""
        channel = self._channel(body)
        channel.members.remove(self.backend.world.identity.bot_user)
        self.backend.hub.ring()
        return {}

    def _channel(self, body: Json) -> Channel:
        found = self.backend.world.channel(str(body["channel"]))
        if found is None:
            raise NotPossible(f"there is no channel {body['channel']}")
        return found

    def _http(self) -> HttpCourier:
        if not isinstance(self.backend.courier, HttpCourier):
            raise NotPossible("this workspace delivers over Socket Mode")
        return self.backend.courier


def _in_words(act: Act) -> Act:
    async def perform(body: Json) -> Json:
        try:
            return {"ok": True, **await act(body)}
        except KeyError as error:
            return {"ok": False, "error": f"{act.__name__} wants {error.args[0]}"}
        except (NotPossible, SlackError, LookupError, ValueError) as error:
            return {"ok": False, "error": str(error)}

    return perform
