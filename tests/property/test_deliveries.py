"""No payload, however odd, breaks the reading of it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.asks import Nothing, Submitted, read
from bot.slack.deliveries import Incoming, Kind

NAMES = "view state values user id actions container channel channel_id message_ts command text user_id"
MORE = ["action_id", "value", "selected_option", "selected_options", "b"]
KEYS = st.sampled_from([*NAMES.split(), *MORE])
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)
PAYLOADS = st.dictionaries(KEYS, ODD, max_size=6)


@given(st.sampled_from(Kind), PAYLOADS, st.sampled_from(["", "x-"]))
def test_any_payload_is_read(kind: Kind, payload: dict[str, Any], prefix: str) -> None:
    ask = read(Incoming(kind, "T1", "k", payload), prefix)
    if not isinstance(ask, Nothing):
        assert isinstance(ask.who.person, str)
        assert isinstance(ask.who.place.channel, str)


@given(ODD)
def test_any_form_is_read(values: Any) -> None:
    for payload in ({"view": {"state": {"values": values}}}, {"view": {"state": values}}, {"view": values}):
        ask = read(Incoming(Kind.VIEW_SUBMISSION, "T1", "k", payload))
        assert isinstance(ask, Submitted)
        assert all(isinstance(value, str) for value in ask.values.values())
