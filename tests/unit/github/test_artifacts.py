"""What a run left, fetched over the wire from a GitHub that means no good."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.runs import RunRef
from integrations.github.artifacts import LARGEST_ZIP, unpacked
from integrations.github.storage import OpenOnly, must_be_safe
from tests.unit.github.wire import Say, Wire, wire

RUN = RunRef("github", "acme/api", "9")
LIST, ZIP, STORE = "/repos/acme/api/actions/runs/9/artifacts", "/repos/acme/api/actions/artifacts/5/zip", "/s"
TEXT = b'{"version": "v1.2.0"}'


def packed(files: Mapping[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


GOOD = packed({"slipway.json": TEXT})


@pytest.fixture
async def github() -> AsyncIterator[Wire]:
    async with wire() as made:
        made.say("GET /repos/acme/api", Say(200, {"full_name": "acme/api"}))
        leaves(made)
        yield made


def entry(**changes: Any) -> dict[str, Any]:
    plain = {"id": 5, "name": "slipway.json", "size_in_bytes": 100, "expired": False, "digest": None}
    return plain | changes


def leaves(github: Wire, zipped: bytes = GOOD, *listed: Mapping[str, Any]) -> None:
    github.say(f"GET {LIST}", Say(200, {"artifacts": listed or [entry()]}))
    github.say(f"GET {ZIP}", Say(302, None, {"Location": f"{home(github)}{STORE}"}))
    github.say(f"GET {STORE}", Say(200, zipped))


def home(github: Wire) -> str:
    return github.github.clients._options.base_url


async def read(github: Wire) -> bytes | None:
    return await github.github.artifacts.slipway_json(RUN)


def asked(github: Wire, path: str) -> list[Mapping[str, str]]:
    """The headers of each request for it."""
    return [headers for _, seen, headers, _ in github.seen if seen.partition("?")[0] == path]


async def test_it_is_fetched_where_it_lies_without_our_credentials(github: Wire) -> None:
    digest = "sha256:" + hashlib.sha256(GOOD).hexdigest()
    leaves(github, GOOD, entry(digest=digest))
    assert await read(github) == TEXT
    (told,) = asked(github, ZIP)
    assert told["Authorization"] == "Bearer ghp_unit"
    (there,) = asked(github, STORE)
    assert "Authorization" not in there
    assert "Cookie" not in there


async def test_the_artifact_may_have_either_name(github: Wire) -> None:
    github.say(f"GET {LIST}", Say(200, {"artifacts": []}), Say(200, {"artifacts": [entry(name="slipway")]}))
    assert await read(github) == TEXT


async def test_a_run_that_left_none_says_nothing(github: Wire) -> None:
    github.say(f"GET {LIST}", Say(200, {"artifacts": [entry(name="other")]}))
    assert await read(github) is None
    assert await github.github.artifacts.slipway_json(RunRef("github", "acme/api", "../9")) is None


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ((entry(expired=True),), "expired"),
        ((entry(size_in_bytes=LARGEST_ZIP + 1),), "packed into"),
        ((entry(), entry(id=6)), "left 2 artifacts"),
        ((entry(digest="sha256:" + "0" * 64),), "not what GitHub lists"),
    ],
)
async def test_what_is_listed_must_fit(github: Wire, listed: tuple[Mapping[str, Any], ...], why: str) -> None:
    leaves(github, GOOD, *listed)
    with pytest.raises(UserError, match=why):
        await read(github)


async def test_one_that_is_gone_by_now_is_said_to_be(github: Wire) -> None:
    github.say(f"GET {ZIP}", Say(410, {"message": "Artifact has expired"}))
    with pytest.raises(UserError, match="expired"):
        await read(github)


@pytest.mark.parametrize(
    "location",
    [
        "http://storage.example.com/a",
        "https://user:pass@storage.example.com/a",  # pragma: allowlist secret
        "file:///etc/passwd",
        "ftp://127.0.0.1/a",
        "https:///a",
        "/s",
        "http://[::1",
    ],
)
async def test_no_address_that_is_not_safe_is_followed(github: Wire, location: str) -> None:
    github.say(f"GET {ZIP}", Say(302, None, {"Location": location}))
    with pytest.raises(NeedsHuman, match="not fetched"):
        await read(github)
    assert asked(github, STORE) == []


CLOSED = ("https://10.0.0.1/a", "https://169.254.169.254/a", "https://[::1]/a", "https://127.0.0.1/a")


def test_only_a_stand_in_at_home_may_do_without_https() -> None:
    must_be_safe("https://storage.example.com/a", "https://api.github.com", "It")
    must_be_safe("http://127.0.0.1:9/a", "http://localhost:8", "It")
    with pytest.raises(NeedsHuman):
        must_be_safe("http://127.0.0.1:9/a", "https://api.github.com", "It")


@pytest.mark.parametrize("location", CLOSED)
def test_github_in_the_open_names_no_machine_of_a_closed_network(location: str) -> None:
    with pytest.raises(NeedsHuman):
        must_be_safe(location, "https://api.github.com", "It")


def test_an_enterprise_server_may_keep_it_in_its_own_network() -> None:
    must_be_safe("https://10.0.0.1/a", "https://github.example.com/api/v3", "It")
    for location in CLOSED[1:]:
        with pytest.raises(NeedsHuman):
            must_be_safe(location, "https://github.example.com/api/v3", "It")


async def test_a_name_that_leads_into_a_closed_network_is_not_followed() -> None:
    with pytest.raises(OSError, match="no address that may be asked"):
        await OpenOnly("https://api.github.com").resolve("localhost", 443)
    assert await OpenOnly("http://localhost:8").resolve("localhost", 443)


@pytest.mark.parametrize("status", [301, 302, 403, 500])
async def test_it_leads_nowhere_else(github: Wire, status: int) -> None:
    github.say(f"GET {STORE}", Say(status, None, {"Location": f"{home(github)}/further"}))
    with pytest.raises(Transient):
        await read(github)
    assert asked(github, "/further") == []


@pytest.mark.parametrize("status", [200, 404, 429, 500])
async def test_an_answer_without_a_way_is_tried_again(github: Wire, status: int) -> None:
    github.say(f"GET {ZIP}", Say(status, {}))
    with pytest.raises(Transient):
        await read(github)


async def test_what_is_larger_than_it_said_is_not_read_to_its_end(github: Wire) -> None:
    leaves(github, b"x" * (LARGEST_ZIP + 1))
    with pytest.raises(UserError, match="has more than"):
        await read(github)


def lying() -> bytes:
    """A file that is larger than its entry says."""
    made = bytearray(packed({"slipway.json": b" " * 200_000}))
    true, small = (200_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    return bytes(made).replace(true, small)


@pytest.mark.parametrize(
    ("zipped", "why"),
    [
        (b"", "can't be unpacked"),
        (b"PK\x05\x06" + b"\0" * 18, "something else"),
        (GOOD[:-30], "can't be unpacked"),
        (packed({"slipway.json": TEXT, "evil": b"x"}), "something else"),
        (packed({"../slipway.json": TEXT}), "something else"),
        (packed({"slipway.json": TEXT}, zipfile.ZIP_BZIP2), "odd way"),
        (packed({"slipway.json": TEXT}, zipfile.ZIP_LZMA), "odd way"),
        (packed({"slipway.json": b" " * 65_537}), "larger than 64 KiB"),
        (packed({"slipway.json": b" " * 60_000}), "packed too tightly"),
        (lying(), "can't be unpacked|larger than|packed too tightly"),
    ],
    ids=["empty", "no entry", "cut off", "two", "a path", "bzip2", "lzma", "large", "tight", "lying"],
)
def test_nothing_but_the_one_small_file_is_read(zipped: bytes, why: str) -> None:
    with pytest.raises(UserError, match=why):
        unpacked(zipped)
