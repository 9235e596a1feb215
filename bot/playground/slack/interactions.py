"""What people do: type, run commands, click, fill in forms; and what the app hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.playground.slack.backend import Backend
from bot.playground.slack.delivery import Delivery, DeliveryKind, Receipt
from bot.playground.slack.errors import SlackError
from bot.playground.slack.events import OLD_TOKEN
from bot.playground.slack.form_state import VALUE_KEY, client_errors, find_element
from bot.playground.slack.limits import check_view
from bot.playground.slack.manifest import SlashCommand
from bot.playground.slack.mrkdwn import compose
from bot.playground.slack.page_shapes import Done, Options, Submitted
from bot.playground.slack.response_urls import ResponseUrl
from bot.playground.slack.shown import message_to_api
from bot.playground.slack.views import View
from bot.playground.slack.world import SLACKBOT, Channel, Message, Person, Privacy

Json = dict[str, Any]
TROUBLE = "We had some trouble connecting. Try again?"
TURNED_OFF = "Sending messages to this app has been turned off."


class NotPossible(Exception):
    """The person could not have done this in Slack's own client."""


@dataclass
class Interactions:
    """The hands of the sample people."""

    backend: Backend

    def person(self, key: str) -> Person:
        """Somebody who can act here."""
        person = self.backend.world.person(key)
        if person is None or not person.selectable:
            raise NotPossible(f"{key} is nobody who can act here")
        return person

    def channel(self, person: Person, key: str) -> Channel:
        """A conversation this person is in."""
        channel = self.backend.world.channel(key)
        if channel is None or person.id not in channel.members:
            raise NotPossible(f"{person.name} is not in {key}")
        return channel

    def message(self, person: str, channel: str, ts: str) -> Message:
        """A message this person can see."""
        actor = self.person(person)
        where = self.channel(actor, channel)
        found = where.messages.get(ts) or where.ephemerals.get(ts)
        if found is None or found.ephemeral_for not in (None, actor.id):
            raise NotPossible(f"{actor.name} sees no message {ts} in {where.name}")
        return found

    def open_home(self, person: str) -> Json | None:
        """Look at the home tab."""
        view = self.backend.views.homes.get(person)
        shown = self.backend.views.to_json(view) if view else None
        if self.backend.manifest.home_tab:
            self.backend.events.home_opened(person, shown)
        return shown

    async def send(self, person: str, channel: str, text: str, thread_ts: str | None = None) -> Done:
        """What the composer does with a line: a command when it starts with a slash."""
        actor = self.person(person)
        where = self.channel(actor, channel)
        if text.startswith("/") and not text.startswith("//"):
            return await self.command(actor, where, text, thread_ts)
        if where.is_archived:
            return {"ok": False, "error": "is_archived"}
        manifest = self.backend.manifest
        closed = not manifest.messages_tab or manifest.messages_read_only
        if where.privacy is Privacy.IM and closed:
            return {"ok": False, "error": TURNED_OFF}
        marked = compose(self.backend.world, text)
        self.backend.posting.post(
            Message(self.backend.ids.ts(), where.id, actor.id, marked, thread_ts=thread_ts)
        )
        return {"ok": True}

    async def command(self, actor: Person, where: Channel, text: str, thread_ts: str | None = None) -> Done:
        """A slash command: delivered once; when that fails, Slackbot tells the person."""
        name, _, rest = text.partition(" ")
        command = self.backend.manifest.commands.get(name)
        if thread_ts:
            return self._refuse(actor, where, f"`{name}` is not supported in threads. Sorry!", thread_ts)
        if command is None:
            return self._refuse(actor, where, f"`{name}` is not a valid command.", None)
        url = self.backend.response_urls.issue(actor.id, where.id)
        payload = self._command_payload(actor, where, command, rest.strip(), url)
        receipt = await self._deliver(Delivery(DeliveryKind.COMMAND, payload, wants_answer=True))
        if not receipt.taken:
            return self._refuse(actor, where, f'`{name}` failed with the error "{receipt.error}"', None)
        if receipt.answer:
            self._show_answer(actor, where, receipt.answer)
        return {"ok": True}

    async def click(
        self, person: str, action: Json, place: Message | View, state: Json | None = None
    ) -> Done:
        """A click or a choice in a message, a modal or the home tab."""
        actor = self.person(person)
        found = find_element(place.blocks, str(action.get("action_id")), action.get("block_id"))
        if found is None or not self._still_there(place):
            raise NotPossible(f"there is no {action.get('action_id')} to click")
        if not self.backend.manifest.interactivity:
            return {"ok": False, "error": "This app is not configured to handle interactive responses."}
        if isinstance(place, View) and state is not None:
            place.values = {**place.values, **state.get("values", {})}
        payload = self._payload("block_actions", actor) | self._container(actor, place, state)
        payload["actions"] = [self._action(action, *found)]
        payload["trigger_id"] = self.backend.triggers.issue(
            actor.id, place.id if isinstance(place, View) else None
        )
        receipt = await self._deliver(Delivery(DeliveryKind.INTERACTIVE, payload))
        return {"ok": True} if receipt.taken else {"ok": False, "error": receipt.error}

    async def submit(self, person: str, view: View, values: Json) -> Submitted:
        """The form's main button; errors keep it open."""
        actor = self.person(person)
        if errors := client_errors(view.blocks, values):
            return {"ok": False, "errors": errors}
        view.values = values
        payload = self._payload("view_submission", actor)
        payload |= {"view": self.backend.views.to_json(view), "response_urls": []}
        payload["trigger_id"] = self.backend.triggers.issue(actor.id, view.id)
        receipt = await self._deliver(Delivery(DeliveryKind.INTERACTIVE, payload, wants_answer=True))
        if not receipt.taken:
            return {"ok": False, "error": TROUBLE}
        return self._after_submit(view, receipt.answer)

    async def close(self, person: str, view: View, is_cleared: bool = False) -> Done:
        """Cancel, or the cross; the app hears of it when it asked to."""
        actor = self.person(person)
        going = list(reversed(self.backend.views.open_of(actor.id))) if is_cleared else [view]
        for one in going:
            self.backend.views.close(one)
            if one.payload.get("notify_on_close"):
                payload = self._payload("view_closed", actor)
                payload |= {"view": self.backend.views.to_json(one), "is_cleared": is_cleared}
                await self._deliver(Delivery(DeliveryKind.INTERACTIVE, payload))
        return {"ok": True}

    async def options(self, person: str, action: Json, place: Message | View, typed: str) -> Options:
        """What an external select offers for the letters typed so far."""
        actor = self.person(person)
        found = find_element(place.blocks, str(action.get("action_id")), action.get("block_id"))
        if found is None or len(typed) < found[1].get("min_query_length", 3):
            return {"options": []}
        payload = self._payload("block_suggestion", actor) | self._container(actor, place, None)
        payload.pop("response_url", None)
        payload |= {"block_id": found[0]["block_id"], "action_id": found[1]["action_id"], "value": typed}
        receipt = await self._deliver(Delivery(DeliveryKind.INTERACTIVE, payload, wants_answer=True))
        if not receipt.taken or not isinstance(receipt.answer, dict):
            return {"options": []}
        if "option_groups" in receipt.answer:
            return {"option_groups": receipt.answer["option_groups"][:100]}
        return {"options": receipt.answer.get("options", [])[:100]}

    async def shortcut(self, person: str, callback_id: str, message: Message | None = None) -> Done:
        """A shortcut from the menu: global, or on one message."""
        actor = self.person(person)
        shortcut = self.backend.manifest.shortcuts.get(callback_id)
        if shortcut is None or (shortcut.type == "message") is not (message is not None):
            raise NotPossible(f"there is no such shortcut: {callback_id}")
        kind = "message_action" if message else "shortcut"
        payload = self._payload(kind, actor) | {
            "callback_id": callback_id,
            "action_ts": self.backend.ids.ts(),
        }
        payload["trigger_id"] = self.backend.triggers.issue(actor.id)
        if message is not None:
            container = self._container(actor, message, None)
            payload |= {key: container[key] for key in ("channel", "message", "response_url")}
            payload["message_ts"] = message.ts
        receipt = await self._deliver(Delivery(DeliveryKind.INTERACTIVE, payload))
        return {"ok": True} if receipt.taken else {"ok": False, "error": receipt.error}

    def _still_there(self, place: Message | View) -> bool:
        if isinstance(place, Message):
            channel = self.backend.world.channels[place.channel]
            return place.ts in channel.messages or place.ts in channel.ephemerals
        views = self.backend.views
        return place in views.open_of(place.person) or views.homes.get(place.person) is place

    async def _deliver(self, delivery: Delivery) -> Receipt:
        return await self.backend.courier.deliver(delivery)

    def _refuse(self, actor: Person, where: Channel, text: str, thread_ts: str | None) -> Done:
        whisper = Message(self.backend.ids.ts(), where.id, SLACKBOT, text, thread_ts=thread_ts)
        whisper.ephemeral_for = actor.id
        self.backend.posting.whisper(whisper)
        return {"ok": False, "error": text}

    def _show_answer(self, actor: Person, where: Channel, answer: Json | str) -> None:
        body = {"text": answer} if isinstance(answer, str) else answer
        try:
            self.backend.response_urls.show(ResponseUrl(actor.id, where.id, None, 0), body)
        except SlackError as error:
            self._refuse(actor, where, f'the command failed with the error "{error.code}"', None)

    def _command_payload(
        self, actor: Person, where: Channel, command: SlashCommand, text: str, response_url: str
    ) -> Json:
        world = self.backend.world
        if command.should_escape:
            text = compose(world, text, with_names=True)
        return {
            "token": OLD_TOKEN,
            "team_id": actor.team_id,
            "team_domain": world.identity.team_domain,
            "channel_id": where.id,
            "channel_name": "directmessage" if where.privacy is Privacy.IM else where.name,
            "user_id": actor.id,
            "user_name": actor.name,
            "command": command.command,
            "text": text,
            "api_app_id": world.identity.app_id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": self.backend.triggers.issue(actor.id),
        }

    def _payload(self, kind: str, actor: Person) -> Json:
        identity = self.backend.world.identity
        user = {"id": actor.id, "username": actor.name, "name": actor.name, "team_id": actor.team_id}
        return {
            "type": kind,
            "user": user,
            "api_app_id": identity.app_id,
            "token": OLD_TOKEN,
            "team": {"id": identity.team_id, "domain": identity.team_domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _container(self, actor: Person, place: Message | View, state: Json | None) -> Json:
        if isinstance(place, View):
            return {
                "container": {"type": "view", "view_id": place.id},
                "view": self.backend.views.to_json(place),
            }
        channel = self.backend.world.channels[place.channel]
        container: Json = {
            "type": "message",
            "message_ts": place.ts,
            "channel_id": channel.id,
            "is_ephemeral": place.ephemeral_for is not None,
        }
        if place.thread_ts:
            container["thread_ts"] = place.thread_ts
        shown: Json = {
            "container": container,
            "channel": {"id": channel.id, "name": channel.name},
            "state": state or {"values": {}},
            "response_url": self.backend.response_urls.issue(actor.id, channel.id, place),
        }
        if place.ephemeral_for is None:
            shown["message"] = message_to_api(self.backend.world, place)
        return shown

    def _action(self, given: Json, block: Json, element: Json) -> Json:
        """The action as Slack sends it: a button's value comes from the message, never from the browser."""
        kind = element["type"]
        action: Json = {
            "type": kind,
            "block_id": block["block_id"],
            "action_id": element["action_id"],
            "action_ts": self.backend.ids.ts(),
        }
        for name in ("text", "value", "style", "placeholder"):
            if name in element:
                action[name] = element[name]
        chosen = VALUE_KEY[kind][0] if kind in VALUE_KEY else "selected_option"
        if chosen in given and kind not in ("button", "workflow_button"):
            action[chosen] = given[chosen]
        if kind == "feedback_buttons":
            action["value"] = given.get("value")
        return action

    def _after_submit(self, view: View, answer: Json | str | None) -> Submitted:
        """Obey `response_action`; an answer Slack would not take shows as trouble."""
        views = self.backend.views
        if not answer:
            views.close(view)
            return {"ok": True}
        if isinstance(answer, str):
            return {"ok": False, "error": TROUBLE}
        match answer.get("response_action"):
            case "clear":
                views.clear(view.person)
            case "errors":
                return self._field_errors(view, answer.get("errors"))
            case "update" | "push" as verb:
                return self._new_view(view, str(verb), answer.get("view"))
            case _:
                return {"ok": False, "error": TROUBLE}
        return {"ok": True}

    def _field_errors(self, view: View, errors: Any) -> Submitted:
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
            return {"ok": False, "error": TROUBLE}
        return {"ok": False, "errors": errors}

    def _new_view(self, view: View, verb: str, payload: Any) -> Submitted:
        if check_view(payload):
            return {"ok": False, "error": TROUBLE}
        try:
            if verb == "push":
                self.backend.views.push(view.person, payload)
            else:
                self.backend.views.update(view, payload)
        except SlackError:
            return {"ok": False, "error": TROUBLE}
        return {"ok": True}
