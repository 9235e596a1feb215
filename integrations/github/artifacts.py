"""What runs leave behind at GitHub: zip files that lie elsewhere, made by whoever may change a workflow.

It is fetched from a safe address, without our credentials. Nothing is unpacked: one small file is read, and
counted.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from github.Repository import Repository

from bot.core.errors import UserError
from bot.core.run_reports import LARGEST, NAME, NAMES
from bot.core.runs import RunRef
from integrations.github.clients import Clients
from integrations.github.errors import Call
from integrations.github.gates import look_up
from integrations.github.storage import Storage
from integrations.github.zips import BROKEN, OddZip, content_of

READS = "actions: read"
LARGEST_ZIP = 128 * 1024  # bytes


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
        self._storage = Storage(api_url)

    async def slipway_json(self, run: RunRef) -> bytes | None:
        if not (run.external_id.isascii() and run.external_id.isdecimal()):
            return None  # it becomes part of an address
        call = Call(run.repository, f"read what run {run.external_id} left", READS)
        found = await self._clients.read(call, lambda repo: self._find(repo, run))
        if found is None:
            return None
        if found.size > LARGEST_ZIP:
            raise _unfit(f"it is packed into {found.size:,} bytes")
        path = f"/repos/{run.repository}/actions/artifacts/{found.id}/zip"
        zipped = await self._storage.fetch(path, found.token, LARGEST_ZIP, f"The {NAME} of the run")
        if zipped is None:
            raise _unfit("it has expired")
        if not is_listed(zipped, found.digest):
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


def is_listed(zipped: bytes, digest: str) -> bool:
    """Whether that is what GitHub's list tells of, where it tells."""
    return not digest.startswith("sha256:") or digest == f"sha256:{hashlib.sha256(zipped).hexdigest()}"


def unpacked(zipped: bytes) -> bytes:
    """The one file in it; UserError for anything that is not exactly that."""
    try:
        with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
            entries = archive.infolist()
            if len(entries) != 1 or entries[0].filename != NAME:
                raise OddZip(f"its artifact holds something else than {NAME} alone")
            return content_of(archive, entries[0], LARGEST)
    except OddZip as odd:
        raise _unfit(str(odd)) from None
    except BROKEN as error:
        raise _unfit(f"its artifact can't be unpacked ({type(error).__name__})") from None


def _unfit(why: str) -> UserError:
    return UserError(f"The run left a {NAME} that can't be used: {why}.", "", "Look at what uploads it.")
