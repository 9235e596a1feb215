"""The call to answer a gate: only the address that GitHub documents, at our GitHub, of that repository."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.hints import Hint
from bot.core.values import sha
from integrations.github.webhooks import hints

EVENT = "deployment_protection_rule"
HEAD = sha("a" * 40)
API = "https://api.github.com"
RUN = f"{API}/repos/acme/api/actions/runs/4711/deployment_protection_rule"


def call(callback: object = RUN, **changes: Any) -> dict[str, Any]:
    return {
        "action": "requested",
        "environment": "production",
        "deployment_callback_url": callback,
        "deployment": {"sha": HEAD},
        "repository": {"full_name": "acme/api", "id": 1},
    } | changes


def test_a_call_names_the_run_and_the_gate() -> None:
    assert hints(EVENT, call()) == (Hint("acme/api", "4711", HEAD, gate="production"),)


def test_an_enterprise_server_is_at_home_at_its_own_address() -> None:
    at_work = "https://git.acme.example/api/v3"
    ours = RUN.replace(API, at_work)
    assert hints(EVENT, call(ours), at_work + "/") == (Hint("acme/api", "4711", HEAD, gate="production"),)
    (doubted,) = hints(EVENT, call(), at_work)
    assert doubted.doubt
    assert (doubted.run, doubted.gate) == (None, "")


@pytest.mark.parametrize(
    "callback",
    [
        RUN.replace("api.github.com", "api.github.com.evil.example"),
        RUN.replace("api.github.com", "apixgithub.com"),
        RUN.replace("https", "http"),
        RUN.replace("api.github.com", "me:secret@api.github.com"),
        RUN.replace("acme/api", "acme/web"),
        RUN.replace("acme/api", "acme/api/../web"),
        RUN.replace("4711", "0"),
        RUN.replace("4711", "-1"),
        RUN.replace("4711", "4711/attempts/1"),
        RUN.replace("4711", "٤٧١١"),
        RUN.replace("4711", "9" * 40),
        RUN + "?run=1",
        RUN + "/",
        RUN + "\n",
        " " + RUN,
        RUN.upper(),
        "",
        None,
        4711,
        {"url": RUN},
    ],
)
def test_any_other_address_is_doubted_and_never_a_run(callback: object) -> None:
    (hint,) = hints(EVENT, call(callback))
    assert hint == Hint("acme/api", doubt=hint.doubt)
    assert hint.doubt


@pytest.mark.parametrize("name", ["", None, 7, "x" * 256])
def test_an_environment_must_have_a_name(name: object) -> None:
    (hint,) = hints(EVENT, call(environment=name))
    assert hint.gate == ""
    assert "no environment" in hint.doubt


@pytest.mark.parametrize(
    "name", ["acme", "acme/api/x", "/api", "acme/", "acme/..", "acme/a pi", "acme/api\n"]
)
def test_a_repository_has_an_owner_and_a_name(name: str) -> None:
    callback = RUN.replace("acme/api", name)
    (hint,) = hints(EVENT, call(callback, repository={"full_name": name}))
    assert (hint.run, hint.gate) == (None, "")
    assert hint.doubt


def test_only_a_request_is_a_call() -> None:
    for action in ("completed", "", None, ["requested"]):
        assert hints(EVENT, call(action=action)) == ()
    assert hints(EVENT, call(repository={"full_name": None})) == ()


@given(st.text(max_size=60), st.integers(min_value=0, max_value=len(RUN)))
def test_no_change_of_the_address_leads_to_another_run(piece: str, at: int) -> None:
    (hint,) = hints(EVENT, call(RUN[:at] + piece + RUN[at:]))
    if hint.gate:
        assert hint.run is not None
        assert f"{API}/repos/acme/api/actions/runs/{hint.run}/deployment_protection_rule" == (
            RUN[:at] + piece + RUN[at:]
        )
