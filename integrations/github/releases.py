"""Releases at GitHub. A listing takes one call, and nothing of the hourly limit while it is as it was."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from github.Repository import Repository
from github.Requester import Requester

from bot.core.publishing import Published
from bot.core.publishing_ports import ReleaseListing
from integrations.github.clients import PAGE, Clients
from integrations.github.errors import Call
from integrations.github.following import NOT_MODIFIED
from integrations.github.gates import look_up

READS = "contents: read"


class GitHubReleases:
    """Implements `ReleaseReader`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def release(self, repository: str, id: str) -> Published | None:
        if not (id.isascii() and id.isdecimal()):
            return None  # it becomes part of an address
        call = Call(repository, f"read release {id}", READS)
        return await self._clients.read(call, lambda repo: _published(look_up(repo, f"/releases/{id}")))

    async def newest(self, repository: str, etag: str) -> ReleaseListing | None:
        call = Call(repository, "list the releases", READS)
        return await self._clients.read(call, lambda repo: _newest(repo, etag))


def _newest(repo: Repository, etag: str) -> ReleaseListing | None:
    known = {"If-None-Match": etag} if etag else {}
    path = f"{repo.url}/releases?per_page={PAGE}"
    status, headers, text = repo.requester.requestJson("GET", path, headers=known)
    if status == NOT_MODIFIED:
        return None
    if status >= 400:
        raise Requester.createException(status, headers, json.loads(text) if text else {})
    rows = [_published(each) for each in json.loads(text) if isinstance(each, dict)]
    return ReleaseListing(tuple(each for each in rows if each is not None), str(headers.get("etag") or ""))


def _published(told: dict[str, Any] | None) -> Published | None:
    """None of a draft: whoever may push sees those as well."""
    if told is None or told.get("draft") or not told.get("published_at"):
        return None
    tag, page = str(told["tag_name"]), str(told["html_url"])
    return Published(
        external_id=str(int(told["id"])),
        tag=tag,
        name=str(told.get("name") or ""),
        notes=str(told.get("body") or ""),
        by=str((told.get("author") or {}).get("login") or ""),
        at=datetime.fromisoformat(str(told["published_at"])),
        prerelease=bool(told.get("prerelease")),
        url=page,
        compare=f"{page.partition('/releases/')[0]}/compare/{{before}}...{quote(tag, safe='/')}",
    )
