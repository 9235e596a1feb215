"""What each kind of delivery is, and under which key it would come again."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ingress import Malformed
from bot.core.records import Lane
from bot.slack.deliveries import Kind, classify, is_stored
from tests.unit.ingress.signing import command, event, interaction


def test_a_command() -> None:
    incoming = classify(command("1.2.abc", text="api staging because +1 & done"))
    assert (incoming.kind, incoming.workspace, incoming.key) == (Kind.COMMAND, "T1", "1.2.abc")
    assert incoming.lane is Lane.INTERACTIVE
    assert incoming.payload["text"] == "api staging because +1 & done"


@pytest.mark.parametrize(
    "kind", [Kind.BLOCK_ACTIONS, Kind.VIEW_SUBMISSION, Kind.SHORTCUT, Kind.MESSAGE_ACTION]
)
def test_an_interaction_is_known_by_its_trigger(kind: Kind) -> None:
    incoming = classify(interaction(kind.value))
    assert (incoming.kind, incoming.workspace, incoming.key) == (kind, "T1", "3.4.def")
    assert incoming.lane is Lane.INTERACTIVE


def test_a_closed_form_has_no_trigger_and_is_known_by_its_view() -> None:
    incoming = classify(interaction("view_closed", trigger_id=None, view={"id": "V1", "hash": "156.x"}))
    assert (incoming.kind, incoming.key) == (Kind.VIEW_CLOSED, "V1:156.x")


def test_an_event_goes_behind_people() -> None:
    incoming = classify(event("Ev9"))
    assert (incoming.kind, incoming.workspace, incoming.key) == (Kind.EVENT_CALLBACK, "T1", "Ev9")
    assert incoming.lane is Lane.EVENTS


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"ssl_check=1&token=x", Kind.SSL_CHECK),
        (b'{"type": "url_verification", "challenge": "c"}', Kind.URL_VERIFICATION),
        (b'{"type": "app_rate_limited", "team_id": "T1"}', Kind.APP_RATE_LIMITED),
        (interaction("block_suggestion"), Kind.BLOCK_SUGGESTION),
    ],
)
def test_what_is_answered_at_once_has_no_key(body: bytes, kind: Kind) -> None:
    incoming = classify(body)
    assert (incoming.kind, incoming.key) == (kind, "")
    assert not is_stored(kind)


@pytest.mark.parametrize("kind", ["view_submission", "view_closed", "block_actions"])
def test_a_form_in_a_shared_channel_belongs_to_who_installed_the_app(kind: str) -> None:
    view = {"id": "V1", "hash": "156.x", "team_id": "T9", "app_installed_team_id": "T1"}
    assert classify(interaction(kind, team={"id": "T9"}, view=view)).workspace == "T1"


def test_an_event_of_a_shared_channel_belongs_to_who_installed_the_app() -> None:
    authorizations = [{"team_id": "T1", "user_id": "U0BOT"}]
    body = json.dumps({**json.loads(event("Ev1")), "team_id": "T9", "authorizations": authorizations})
    assert classify(body.encode()).workspace == "T1"


@pytest.mark.parametrize(
    ("more", "workspace"),
    [
        ({"team": {"id": "T7"}}, "T7"),
        ({"team": None, "user": {"id": "U1", "team_id": "T8"}}, "T8"),
        ({"team": None, "user": {"id": "U1"}, "enterprise": {"id": "E9"}}, "E9"),
    ],
)
def test_an_app_of_a_whole_organisation_finds_the_workspace(more: dict[str, object], workspace: str) -> None:
    assert classify(interaction("block_actions", **more)).workspace == workspace


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"command=%2Fdeploy",
        b"text=hello&team_id=T1&trigger_id=1",
        command(""),
        command("x" * 256),
        command("1\x002"),
        b"payload=",
        b"payload=[]",
        b"payload=" + b"[" * 100_000,
        interaction("something_new"),
        interaction("block_actions", trigger_id=""),
        interaction("block_actions", trigger_id=7),
        interaction("block_actions", trigger_id="\ud800"),
        interaction("block_actions", team=None, user=None),
        interaction("view_closed", view=None),
        b"{",
        b"{}",
        b'{"type": ["event_callback"]}',
        b'{"type": "event_callback", "team_id": "T1"}',
        b'{"type": "event_callback", "event_id": "Ev1"}',
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_cannot_be_read_says_so(body: bytes) -> None:
    with pytest.raises(Malformed):
        classify(body)


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_a_form_is_read_as_the_standard_library_reads_it(more: dict[str, str]) -> None:
    body = command(**{f"x{name}": value for name, value in more.items()})
    assert classify(body).payload == dict(parse_qsl(body.decode(), keep_blank_values=True))


@given(st.binary())
def test_any_bytes_are_understood_or_malformed(body: bytes) -> None:
    for odd in (body, b"{" + body, urlencode({"payload": body}).encode()):
        try:
            classify(odd)
        except Malformed:
            continue


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_any_json_is_understood_or_malformed(value: object) -> None:
    payload = {"type": "block_actions", "team": value, "user": value, "view": value, "trigger_id": value}
    try:
        classify(urlencode({"payload": json.dumps(payload)}).encode())
    except Malformed:
        return
