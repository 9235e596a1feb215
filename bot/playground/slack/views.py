"""Modals and home tabs: stacks per person, hashes, and the triggers that open them."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from bot.playground.slack.errors import ErrorCode, SlackError
from bot.playground.slack.form_state import initial_values
from bot.playground.slack.hub import Hub
from bot.playground.slack.ids import Ids
from bot.playground.slack.page_shapes import StreamType
from bot.playground.slack.posting import with_ids
from bot.playground.slack.world import Identity

Json = dict[str, Any]
TRIGGER_SECONDS = 3
MOST_STACKED = 3
VIEW_DEFAULTS: Json = {
    "callback_id": "",
    "private_metadata": "",
    "external_id": "",
    "title": None,
    "submit": None,
    "close": None,
    "clear_on_close": False,
    "notify_on_close": False,
}


@dataclass
class Trigger:
    """Proof that a person just did something."""

    person: str
    from_view: str | None
    issued: float
    used: bool = False


@dataclass
class Triggers:
    """Trigger ids: each works once, for three seconds; longer where time runs fast and the app does not."""

    ids: Ids
    seconds: float = TRIGGER_SECONDS
    _issued: dict[str, Trigger] = field(default_factory=dict)

    def issue(self, person: str, from_view: str | None = None) -> str:
        """A new one, handed to the app with what the person did."""
        secret = self.ids.secret()
        key = f"{int(secret[:8], 16)}.{int(secret[8:16], 16)}.{secret}"
        self._issued[key] = Trigger(person, from_view, self.ids.now())
        return key

    def redeem(self, key: str) -> Trigger:
        """Use it up, or say why it does not work."""
        trigger = self._issued.get(key)
        if trigger is None:
            raise SlackError(ErrorCode.INVALID_TRIGGER_ID)
        if trigger.used:
            raise SlackError(ErrorCode.EXCHANGED_TRIGGER_ID)
        if self.ids.now() - trigger.issued > self.seconds:
            raise SlackError(ErrorCode.EXPIRED_TRIGGER_ID)
        trigger.used = True
        return trigger


@dataclass
class View:
    """A modal or home tab; `payload` is what the app sent."""

    id: str
    person: str
    payload: Json
    hash: str
    root: str
    previous: str | None = None
    values: Json = field(default_factory=dict)

    @property
    def is_home(self) -> bool:
        """A home tab, no modal."""
        return bool(self.payload["type"] == "home")

    @property
    def blocks(self) -> list[Json]:
        """What it shows."""
        found: list[Json] = self.payload["blocks"]
        return found


@dataclass
class Views:
    """What is open on whose screen."""

    hub: Hub
    ids: Ids
    identity: Identity
    stacks: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)

    def to_json(self, view: View) -> Json:
        """A `view` object."""
        return {
            **VIEW_DEFAULTS,
            **view.payload,
            "id": view.id,
            "team_id": self.identity.team_id,
            "app_id": self.identity.app_id,
            "app_installed_team_id": self.identity.team_id,
            "bot_id": self.identity.bot_id,
            "hash": view.hash,
            "state": {"values": copy.deepcopy(view.values)},
            "root_view_id": view.root,
            "previous_view_id": view.previous,
        }

    def open_of(self, person: str) -> list[View]:
        """A person's modals, the topmost last."""
        return self.stacks.get(person, [])

    def find(self, view_id: str | None = None, external_id: str | None = None) -> View:
        """An open modal or a home tab."""
        for view in [*(v for stack in self.stacks.values() for v in stack), *self.homes.values()]:
            if view.id == view_id or (external_id and view.payload.get("external_id") == external_id):
                return view
        raise SlackError(ErrorCode.NOT_FOUND)

    def open(self, person: str, payload: Json) -> View:
        """A new stack with one modal."""
        self._refuse_known(payload)
        for old in list(self.open_of(person)):
            self.close(old)
        return self._put(person, payload, None)

    def push(self, person: str, payload: Json) -> View:
        """One more modal on top; three at most."""
        self._refuse_known(payload)
        stack = self.open_of(person)
        if not stack:
            raise SlackError(ErrorCode.NOT_FOUND)
        if len(stack) >= MOST_STACKED:
            raise SlackError(ErrorCode.PUSH_LIMIT_REACHED)
        return self._put(person, payload, stack[-1])

    def update(self, view: View, payload: Json, given_hash: str | None = None) -> View:
        """New content; what was typed stays where block_id and action_id stay."""
        if given_hash and given_hash != view.hash:
            raise SlackError(ErrorCode.HASH_CONFLICT)
        typed = view.values
        view.payload = self._filled(payload)
        view.hash = self._hash()
        view.values = {
            block_id: {key: typed.get(block_id, {}).get(key, entry) for key, entry in entries.items()}
            for block_id, entries in initial_values(view.blocks).items()
        }
        kind = StreamType.HOME if view.is_home else StreamType.VIEW_UPDATED
        self.hub.publish({"type": kind, "view": self.to_json(view)}, [view.person])
        return view

    def close(self, view: View) -> None:
        """Take one modal off its stack; nothing when it is closed already."""
        if view not in self.open_of(view.person):
            return
        self.stacks[view.person].remove(view)
        self.hub.publish({"type": StreamType.VIEW_CLOSED, "view_id": view.id}, [view.person])

    def clear(self, person: str) -> None:
        """Close all of a person's modals."""
        for view in reversed(list(self.open_of(person))):
            self.close(view)

    def publish_home(self, person: str, payload: Json, given_hash: str | None) -> View:
        """The home tab of one person."""
        if person in self.homes:
            return self.update(self.homes[person], payload, given_hash)
        view_id = self.ids.new("V")
        view = View(view_id, person, self._filled(payload), self._hash(), view_id)
        view.values = initial_values(view.blocks)
        self.homes[person] = view
        self.hub.publish({"type": StreamType.HOME, "view": self.to_json(view)}, [person])
        return view

    def _put(self, person: str, payload: Json, below: View | None) -> View:
        view_id = self.ids.new("V")
        root, previous = (below.root, below.id) if below else (view_id, None)
        view = View(view_id, person, self._filled(payload), self._hash(), root, previous)
        view.values = initial_values(view.blocks)
        self.stacks.setdefault(person, []).append(view)
        self.hub.publish({"type": StreamType.VIEW_OPENED, "view": self.to_json(view)}, [person])
        return view

    def _filled(self, payload: Json) -> Json:
        return {**payload, "blocks": with_ids(payload["blocks"], self.ids)}

    def _hash(self) -> str:
        return f"{int(self.ids.now())}.{self.ids.secret()[:8]}"

    def _refuse_known(self, payload: Json) -> None:
        external = payload.get("external_id")
        views = (view for stack in self.stacks.values() for view in stack)
        if external and any(view.payload.get("external_id") == external for view in views):
            raise SlackError(ErrorCode.DUPLICATE_EXTERNAL_ID)
