"""What a person wants by a delivery: words, a press, a filled form; or nothing that concerns us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.actions import ROW
from bot.core.effects import Posted
from bot.core.unfurling import MOST
from bot.core.values import Place
from bot.slack import forms
from bot.slack.deliveries import Incoming, Kind
from bot.slack.hearing import called, told_alone
from bot.slack.words import typed

UMBRELLA = "/slipway"  # every command also works below this one
COMPOSER = "composer"  # where Slack says that somebody still writes
ARCHIVED = frozenset({"channel_archive", "group_archive"})
DEPLOY_THIS = "deploy_this"  # the shortcut on a message


@dataclass(frozen=True, slots=True)
class Who:
    """The person, where they are, and how an answer reaches them."""

    person: str
    place: Place
    response_url: str = ""
    trigger: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A command with its words; `command` is as it was written, without the slash."""

    who: Who
    command: str
    words: str


@dataclass(frozen=True, slots=True)
class Pressed:
    who: Who
    action: str
    value: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form: which one, and the values by the name of each argument."""

    who: Who
    command: str
    values: Mapping[str, str]  # of its fields
    fixed: Mapping[str, str] = field(default_factory=dict)  # what it brought along

    @property
    def all(self) -> Mapping[str, str]:
        """Both."""
        return {**self.fixed, **self.values}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A shortcut, chosen from the menu of a message."""

    who: Who
    shortcut: str
    message: Posted  # where it stands; of a reply, what it replies to


@dataclass(frozen=True, slots=True)
class Left:
    """Slack says that a person's account was deactivated."""

    person: str
    who: Who = Who("", Place(""))  # nobody asked


@dataclass(frozen=True, slots=True)
class Closed:
    """Slack says that a channel was archived."""

    channel: str
    who: Who = Who("", Place(""))  # nobody asked


@dataclass(frozen=True, slots=True)
class Opened:
    """A person looks at their home tab."""

    who: Who


@dataclass(frozen=True, slots=True)
class Shared:
    """A person wrote a message with links to pages that Slack knows to be ours to show."""

    who: Who
    ts: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strange:
    """Somebody wanted something of us that was signed for another workspace."""

    person: str
    workspace: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing to do."""


Ask = Spoken | Pressed | Submitted | Chosen | Left | Closed | Opened | Shared | Nothing


def read(incoming: Incoming, prefix: str = "") -> Ask:
    """Take a delivery apart; a field that is missing reads as empty, never raises."""
    payload = incoming.payload
    match incoming.kind:
        case Kind.COMMAND:
            return _spoken(payload, prefix)
        case Kind.BLOCK_ACTIONS:
            return _pressed(payload)
        case Kind.VIEW_SUBMISSION:
            return submitted(payload)
        case Kind.MESSAGE_ACTION:
            return _chosen(payload)
        case Kind.EVENT_CALLBACK:
            return _event(_part(payload, "event"))
        case (
            Kind.VIEW_CLOSED
            | Kind.BLOCK_SUGGESTION
            | Kind.SHORTCUT
            | Kind.APP_RATE_LIMITED
            | Kind.URL_VERIFICATION
            | Kind.SSL_CHECK
        ):
            return Nothing()


def said(ask: Ask) -> str:
    """Everything in it that a person may have written."""
    match ask:
        case Spoken():
            return f"{ask.command} {ask.words}"
        case Pressed():
            return f"{ask.action} {ask.value}"
        case Chosen():
            return ask.shortcut
        case Submitted():
            return " ".join((ask.command, *ask.all.values()))
        case Left() | Closed() | Opened() | Shared() | Nothing():
            return ""


def submitted(payload: Mapping[str, Any]) -> Submitted:
    """The values of a form, from whichever kind of field each came."""
    view = _part(payload, "view")
    values: dict[str, str] = {}
    for block, actions in _part(_part(view, "state"), "values").items():
        for element in actions.values() if isinstance(actions, dict) else ():
            values[block] = _value(element)
    channel, fixed = forms.brought_along(_text(view, "private_metadata"))
    who = Who(_text(_part(payload, "user"), "id"), Place(channel))
    return Submitted(who, _text(view, "callback_id"), values, fixed)


def _spoken(payload: Mapping[str, Any], prefix: str) -> Spoken:
    who = Who(
        _text(payload, "user_id"),
        Place(_text(payload, "channel_id")),
        _text(payload, "response_url"),
        _text(payload, "trigger_id"),
    )
    name, words = _text(payload, "command").lower(), typed(_text(payload, "text"))
    name = "/" + name[1:].removeprefix(prefix)
    if name != UMBRELLA:
        return Spoken(who, name[1:], words)
    first, *rest = words.split(maxsplit=1) or ["help"]
    return Spoken(who, first.removeprefix("/") or "help", "".join(rest))


def _pressed(payload: Mapping[str, Any]) -> Ask:
    actions = payload.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        return Nothing()
    container = _part(payload, "container")
    channel = _text(_part(payload, "channel"), "id") or _text(container, "channel_id")
    thread = _text(container, "thread_ts") or _text(container, "message_ts") or None
    who = Who(
        _text(_part(payload, "user"), "id"),
        Place(channel, thread),
        _text(payload, "response_url"),
        _text(payload, "trigger_id"),
    )
    action, _, _ = _text(actions[0], "action_id").partition(ROW)
    return Pressed(who, action, _value(actions[0]))


def _chosen(payload: Mapping[str, Any]) -> Chosen:
    message = _part(payload, "message")
    channel = _text(_part(payload, "channel"), "id")
    thread = _text(message, "thread_ts") or _text(message, "ts") or _text(payload, "message_ts")
    who = Who(
        _text(_part(payload, "user"), "id"),
        Place(channel, thread or None),
        _text(payload, "response_url"),
        _text(payload, "trigger_id"),
    )
    return Chosen(who, _text(payload, "callback_id"), Posted(channel, thread))


def _event(event: Mapping[str, Any]) -> Ask:
    """Of a profile's changes one concerns us, of the app's tabs the home, and of messages those to us."""
    match _text(event, "type"):
        case "app_home_opened" if _text(event, "tab") == "home":
            return Opened(Who(_text(event, "user"), Place("")))
        case "app_mention":
            place = Place(_text(event, "channel"), _text(event, "thread_ts") or None)
            return _heard(event, called(event), place)
        case "message":
            return _heard(event, told_alone(event), Place(""))
        case "user_change" if _part(event, "user").get("deleted") is True:
            return Left(_text(_part(event, "user"), "id"))
        case "link_shared" if _text(event, "source") != COMPOSER:
            return _shared(event)
        case kind if kind in ARCHIVED:
            return Closed(_text(event, "channel"))
        case _:
            return Nothing()


def _shared(event: Mapping[str, Any]) -> Ask:
    """Of a message that stands in a channel; what is still being written is nobody's business yet."""
    given, person = event.get("links"), _text(event, "user")
    links = given if isinstance(given, list) else []
    urls = dict.fromkeys(_text(each, "url") for each in links[:MOST] if isinstance(each, dict))
    channel, ts = _text(event, "channel"), _text(event, "message_ts")
    found = tuple(each for each in urls if each)
    return (
        Shared(Who(person, Place(channel)), ts, found) if person and channel and ts and found else Nothing()
    )


def _heard(event: Mapping[str, Any], words: tuple[str, str] | None, place: Place) -> Ask:
    """No form opens by itself for them, and the answer goes where they said it."""
    person = _text(event, "user")
    return Spoken(Who(person, place), *words) if words and person else Nothing()


def _value(element: object) -> str:
    if not isinstance(element, dict):
        return ""
    option = element.get("selected_option")
    if isinstance(option, dict):
        return _text(option, "value")
    chosen = element.get("selected_options")
    if isinstance(chosen, list):
        return " ".join(_text(each, "value") for each in chosen if isinstance(each, dict))
    return _text(element, "value") or _text(element, "selected_time")


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = payload.get(name)
    return part if isinstance(part, dict) else {}


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) else ""
