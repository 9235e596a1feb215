"""What runs leave behind at GitHub: zip files that lie elsewhere, made by whoever may change a workflow.

The way there is a redirect to a location that is good for a minute. It is fetched in a session of its own,
without our credentials, and leads nowhere else. Nothing is unpacked: one small file is read, and counted.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

import aiohttp
from github.Repository import Repository

from bot.core.bodies import read_capped
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.run_reports import LARGEST, NAME, NAMES
from bot.core.runs import RunRef
from integrations.github.clients import API_VERSION, USER_AGENT, Clients
from integrations.github.errors import DEFAULT_WAIT, SYSTEM, Call, RateLimited
from integrations.github.gates import look_up

READS = "actions: read"
LARGEST_ZIP = 128 * 1024  # bytes
STEEPEST = 200  # bytes of the file for each in the zip
PATIENCE = 5.0  # seconds for each of the two calls
GONE = 410


@dataclass(frozen=True, slots=True)
class _Found:
    """An artifact in the list of its run."""

    id: int
    size: int
    digest: str
    token: str  # ours, for the one call that needs it


class GitHubArtifacts:
    """Implements `Artifacts`."""

    def __init__(self, clients: Clients, api_url: str) -> None:
        self._clients = clients
        self._api_url = api_url

    async def slipway_json(self, run: RunRef) -> bytes | None:
        if not (run.external_id.isascii() and run.external_id.isdecimal()):
            return None  # it becomes part of an address
        call = Call(run.repository, f"read what run {run.external_id} left", READS)
        found = await self._clients.read(call, lambda repo: self._find(repo, run))
        if found is None:
            return None
        if found.size > LARGEST_ZIP:
            raise _unfit(f"it is packed into {found.size:,} bytes")
        location = await self._location(run.repository, found)
        zipped = await _fetch(location)
        digest = f"sha256:{hashlib.sha256(zipped).hexdigest()}"
        if found.digest.startswith("sha256:") and found.digest != digest:
            raise _unfit("what came is not what GitHub lists")
        return unpacked(zipped)

    def _find(self, repo: Repository, run: RunRef) -> _Found | None:
        for name in NAMES:
            told = look_up(repo, f"/actions/runs/{run.external_id}/artifacts?name={name}&per_page=10") or {}
            listed = [each for each in told.get("artifacts") or () if each.get("name") == name]
            if len(listed) > 1:
                raise _unfit(f"the run left {len(listed)} artifacts called {name}")
            if listed:
                return self._entry(listed[0], run.repository)
        return None

    def _entry(self, told: Mapping[str, Any], repository: str) -> _Found:
        if told.get("expired"):
            raise _unfit("it has expired")
        token = self._clients.access.auth(repository).token
        return _Found(
            int(told["id"]), int(told.get("size_in_bytes") or 0), str(told.get("digest") or ""), token
        )

    async def _location(self, repository: str, found: _Found) -> str:
        """Where GitHub sends us; our credentials go to GitHub alone."""
        url = f"{self._api_url}/repos/{repository}/actions/artifacts/{found.id}/zip"
        headers = {"Authorization": f"Bearer {found.token}", "X-GitHub-Api-Version": API_VERSION}
        status, answered, _ = await _get(url, headers)
        if status == GONE:
            raise _unfit("it has expired")
        if status in (403, 429):
            after = answered.get("Retry-After", "")
            wait = float(after) if after.isdecimal() else DEFAULT_WAIT
            raise RateLimited("GitHub did not let us have it now.", system=SYSTEM, retry_after=wait)
        location = answered.get("Location", "")
        if status != 302 or not location:
            raise Transient(f"GitHub answered with {status} instead of where it lies.", system=SYSTEM)
        _must_be_safe(location, self._api_url)
        return location


async def _fetch(location: str) -> bytes:
    status, _, body = await _get(location, {})
    if status != 200:
        raise Transient(f"Where GitHub keeps it, the answer was {status}.", system=SYSTEM)
    if body is None:
        raise _unfit(f"it is packed into more than {LARGEST_ZIP:,} bytes")
    return body


async def _get(url: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes | None]:
    """One answer, in a session of its own that knows nothing; no body where it is too large."""
    session = aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=PATIENCE),
    )
    try:
        async with session, session.get(url, headers=headers, allow_redirects=False) as answer:
            return answer.status, answer.headers, await read_capped(answer, LARGEST_ZIP)
    except TimeoutError:
        raise Transient(f"No answer came within {PATIENCE:g} seconds.", system=SYSTEM) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Transient(f"The connection broke off ({type(error).__name__}).", system=SYSTEM) from None


def _must_be_safe(location: str, api_url: str) -> None:
    """https alone; a stand-in on this very machine may send us to itself."""
    try:
        parts, api = urlsplit(location), urlsplit(api_url)
        at_home = _is_loopback(api) and _is_loopback(parts)
        plain = bool(parts.username or parts.password)
    except ValueError:
        raise _elsewhere() from None
    if plain or not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and at_home)):
        raise _elsewhere()


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def unpacked(zipped: bytes) -> bytes:
    """The one file in it; UserError for anything that is not exactly that."""
    try:
        with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
            entries = archive.infolist()
            if len(entries) != 1 or entries[0].filename != NAME:
                raise _unfit(f"its artifact holds something else than {NAME} alone")
            (entry,) = entries
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _unfit("its artifact is packed in an odd way")
            steep = entry.file_size > STEEPEST * max(entry.compress_size, 1)
            if entry.file_size > LARGEST or steep:
                raise _unfit(f"it is larger than {LARGEST // 1024} KiB, or packed too tightly")
            with archive.open(entry) as file:
                content = file.read(LARGEST + 1)  # what it claims to be is not what is counted
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise _unfit(f"its artifact can't be unpacked ({type(error).__name__})") from None
    if len(content) > LARGEST:
        raise _unfit(f"it is larger than {LARGEST // 1024} KiB")
    return content


def _unfit(why: str) -> UserError:
    return UserError(f"The run left a {NAME} that can't be used: {why}.", "", "Look at what uploads it.")


def _elsewhere() -> NeedsHuman:
    return NeedsHuman(
        f"The {NAME} of the run was not fetched.",
        "GitHub sent us to an address that is not safe.",
        "Tell an operator: https alone is followed, and without a name and password in it.",
    )
