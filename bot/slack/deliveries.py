"""Tells what Slack handed us: which kind, for which workspace, under which key it would come again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus, urlencode

from bot.core.ingress import Malformed
from bot.core.records import Lane


class Kind(StrEnum):
    """Everything Slack sends to an app's one address."""

    COMMAND = "command"
    BLOCK_ACTIONS = "block_actions"
    VIEW_SUBMISSION = "view_submission"
    VIEW_CLOSED = "view_closed"
    BLOCK_SUGGESTION = "block_suggestion"
    SHORTCUT = "shortcut"
    MESSAGE_ACTION = "message_action"
    EVENT_CALLBACK = "event_callback"
    APP_RATE_LIMITED = "app_rate_limited"
    URL_VERIFICATION = "url_verification"
    SSL_CHECK = "ssl_check"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One delivery, taken apart. `key` is empty where Slack gives none and nothing is stored."""

    kind: Kind
    workspace: str
    key: str
    payload: Mapping[str, Any]

    @property
    def lane(self) -> Lane:
        """Whether a person waits for it."""
        return Lane.EVENTS if self.kind in _EVENTS else Lane.INTERACTIVE


_EVENTS = frozenset({Kind.EVENT_CALLBACK, Kind.APP_RATE_LIMITED})
_STORED_NOWHERE = frozenset(
    {Kind.BLOCK_SUGGESTION, Kind.APP_RATE_LIMITED, Kind.URL_VERIFICATION, Kind.SSL_CHECK}
)
_INTERACTIONS = {
    kind.value: kind
    for kind in (
        Kind.BLOCK_ACTIONS,
        Kind.VIEW_SUBMISSION,
        Kind.VIEW_CLOSED,
        Kind.BLOCK_SUGGESTION,
        Kind.SHORTCUT,
        Kind.MESSAGE_ACTION,
    )
}
_ENVELOPES = {
    kind.value: kind for kind in (Kind.EVENT_CALLBACK, Kind.APP_RATE_LIMITED, Kind.URL_VERIFICATION)
}
_NAME = re.compile(r"[!-~]{1,255}")


def classify(body: bytes) -> Incoming:
    """What the body of a request holds: JSON for events, a form for everything else. Or Malformed."""
    if body.startswith(b"{"):
        return of_event(_object(body))
    fields = Form(body)
    if "payload" in fields:
        return of_interaction(_object(fields["payload"]))
    return of_command(fields)


def of_command(fields: Mapping[str, Any]) -> Incoming:
    """A slash command's fields."""
    if fields.get("ssl_check") == "1":
        return Incoming(Kind.SSL_CHECK, "", "", fields)
    _name(fields, "command")
    return Incoming(Kind.COMMAND, _name(fields, "team_id"), _name(fields, "trigger_id"), fields)


def of_interaction(payload: Mapping[str, Any]) -> Incoming:
    """A click, a form, a shortcut or the search in a list."""
    kind = _kind(payload, _INTERACTIONS)
    if kind in _STORED_NOWHERE:
        key = ""
    elif kind is Kind.VIEW_CLOSED:  # the one interaction without a trigger
        view = _part(payload, "view")
        key = f"{_name(view, 'id')}:{_name(view, 'hash')}"
    else:
        key = _name(payload, "trigger_id")
    return Incoming(kind, _team(payload), key, payload)


def of_event(payload: Mapping[str, Any]) -> Incoming:
    """What comes over the Events API."""
    kind = _kind(payload, _ENVELOPES)
    if kind is Kind.URL_VERIFICATION:
        return Incoming(kind, "", "", payload)
    key = "" if kind in _STORED_NOWHERE else _name(payload, "event_id")
    return Incoming(kind, _team(payload), key, payload)


def body_of(incoming: Incoming) -> bytes:
    """The body that an HTTP request would have had, for what came another way: `classify` undoes it."""
    if incoming.kind is Kind.COMMAND:
        return urlencode(incoming.payload).encode()
    text = json.dumps(incoming.payload)
    return text.encode() if incoming.kind in _EVENTS else urlencode({"payload": text}).encode()


def is_stored(kind: Kind) -> bool:
    """Whether deliveries of this kind are kept; the others are answered from what we know."""
    return kind not in _STORED_NOWHERE


def form_key(incoming: Incoming) -> str:
    """The same for a form that comes twice as it was filled in: where the answer was late, it stays open."""
    view = incoming.payload.get("view")
    id = view.get("id") if isinstance(view, dict) else None
    if not isinstance(view, dict) or not isinstance(id, str) or not id:
        return incoming.key
    filled = json.dumps(view.get("state"), sort_keys=True)
    return f"{id}:{sha256(filled.encode()).hexdigest()}"


# By a person, to do something.
TRIED = frozenset({Kind.COMMAND, Kind.BLOCK_ACTIONS, Kind.VIEW_SUBMISSION, Kind.MESSAGE_ACTION})

FORM_SHOWS_ERRORS = ("Slipway-Answer", "errors")  # kept beside a form's body, as if it were a header


def is_foreign(workspace: str, home: str | None) -> bool:
    """Whether a delivery is for a workspace other than ours; unknown as long as nobody has told us ours."""
    return bool(workspace) and home is not None and workspace != home


class Form(Mapping[str, str]):
    """The fields of a form, decoded when somebody looks: before the acknowledgement that is hardly any."""

    def __init__(self, body: bytes) -> None:
        pairs = [pair.partition("=")[::2] for pair in _text(body).split("&")]
        self._raw: dict[str, str] = dict(pairs)
        names = "".join(self._raw)
        if "%" in names or "+" in names:
            self._raw = {_decoded(name): value for name, value in pairs}

    def __getitem__(self, name: str) -> str:
        return _decoded(self._raw[name])

    def get(self, name: str, default: Any = None) -> Any:
        """Without the detour over an error."""
        value = self._raw.get(name)
        return default if value is None else _decoded(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


def _decoded(part: str) -> str:
    return unquote_plus(part) if "%" in part or "+" in part else part


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.") from None


def _object(text: bytes | str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Malformed("The body is not a JSON object.")
    return value


def _kind(payload: Mapping[str, Any], known: Mapping[str, Kind]) -> Kind:
    given = payload.get("type")
    kind = known.get(given) if isinstance(given, str) else None
    if kind is None:
        raise Malformed("This type of delivery is unknown.")
    return kind


def _team(payload: Mapping[str, Any]) -> str:
    """The workspace that installed the app, looked for where Bolt looks.

    In a shared channel `team` and `team_id` may name the workspace of the person instead. An app installed
    for a whole organisation may see it with the user only.
    """
    authorizations = payload.get("authorizations")
    places = (
        (payload.get("view"), "app_installed_team_id"),
        (payload.get("team"), "id"),
        (authorizations[0] if isinstance(authorizations, list) and authorizations else None, "team_id"),
        (payload, "team_id"),
        (payload.get("user"), "team_id"),
        (payload.get("enterprise"), "id"),
    )
    for part, field in places:
        if isinstance(part, Mapping) and part.get(field):
            return _name(part, field)
    raise Malformed("It names no workspace.")


def _part(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = payload.get(name)
    if not isinstance(part, dict):
        raise Malformed(f"It has no {name}.")
    return part


def _name(payload: Mapping[str, Any], field: str) -> str:
    value = payload.get(field)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Malformed(f"It has no usable {field}.")
    return value
