"""GitHub's record of what reached an environment: deployments, made by jobs that name it, and by others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from github.Repository import Repository

from bot.core.errors import NeedsHuman
from bot.core.landing_ports import Landing
from bot.core.runs import RunRef
from bot.core.values import Sha, sha
from integrations.github.ci import PROVIDER
from integrations.github.clients import Clients
from integrations.github.errors import Call
from integrations.github.gates import look_up

READS = "deployments: read"
SUCCESS = "success"
PAGE, PAGES = 100, 10
_RUN = re.compile(r"/actions/runs/([1-9][0-9]{0,18})(?:/|$)", re.ASCII)


class GitHubLandings:
    """Implements `Landings`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def read(self, repository: str, id: str) -> Landing | None:
        if not (id.isascii() and id.isdecimal()):
            return None  # it becomes part of an address
        call = Call(repository, f"read deployment {id}", READS)
        return await self._clients.read(call, lambda repo: _read(repo, repository, id))


def _read(repo: Repository, repository: str, id: str) -> Landing | None:
    told = look_up(repo, f"/deployments/{id}")
    statuses = list(_statuses(repo, id)) if told is not None else []
    arrived = [_moment(each) for each in statuses if each.get("state") == SUCCESS]
    if not arrived:
        return None
    creator = told.get("creator") or {}
    return Landing(
        id=id,
        repository=repository,
        environment=str(told["environment"]),
        sha=_commit(told, repository),
        at=min(arrived),
        run=_run(statuses, repository),
        actor=str(creator.get("login") or ""),
        actor_id=str(creator.get("id") or ""),
    )


def _statuses(repo: Repository, id: str) -> Iterator[dict[str, Any]]:
    """All of them: whoever may write statuses must not be able to hide one behind many others."""
    for page in range(1, PAGES + 1):
        found = look_up(repo, f"/deployments/{id}/statuses?per_page={PAGE}&page={page}") or []
        yield from found
        if len(found) < PAGE:
            return
    raise NeedsHuman(f"Deployment {id} has too many statuses to be read.", "", "Look at it at GitHub.")


def _commit(told: dict[str, Any], repository: str) -> Sha:
    try:
        return sha(str(told["sha"]))
    except ValueError:
        raise NeedsHuman(f"Deployment {told['id']} of {repository} names no commit.") from None


def _moment(status: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(status["created_at"]))


def _run(statuses: Sequence[dict[str, Any]], repository: str) -> RunRef | None:
    """Whoever may write statuses can name a run in one; where they name several, none is believed."""
    found = {match[1] for each in statuses if (match := _RUN.search(str(each.get("log_url") or "")))}
    return RunRef(PROVIDER, repository, found.pop()) if len(found) == 1 else None
