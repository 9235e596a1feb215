"""What a run wrote while it failed: the end of its job's log, and the results of its tests.

Calls: the jobs (one), the log (three), the artifacts (one), and two for each that reads like results of
tests. Nothing is written to a file.
"""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from github.Repository import Repository

from bot.core.errors import UserError
from bot.core.log_ends import Span
from bot.core.runs import RunRef, RunStatus
from bot.core.tails import FailedJob
from integrations.github import statuses
from integrations.github.artifacts import is_listed
from integrations.github.ci import READS, is_number
from integrations.github.clients import PAGE, Clients
from integrations.github.errors import Call
from integrations.github.gates import look_up
from integrations.github.storage import Storage
from integrations.github.zips import BROKEN, OddZip, content_of

KEPT = 512 * 1024  # bytes of a log, from its end
MOST_LOG = 32 * 1024 * 1024  # bytes that are read where nobody says beforehand how many there are
NAMES = ("junit*", "*-junit", "test-results*", "*-test-results", "test-report*", "*-test-report*")
MOST_ARTIFACTS = 5
LARGEST_ZIP = 4 * 1024 * 1024  # bytes
LARGEST_FILE, LARGEST_ALL = 4 * 1024 * 1024, 8 * 1024 * 1024  # bytes of XML
MOST_FILES = 500


@dataclass(frozen=True, slots=True)
class _Job:
    """A failed job as GitHub lists it, and our token for the one call that needs it."""

    told: Mapping[str, Any]
    token: str


@dataclass(frozen=True, slots=True)
class _Artifact:
    """One that reads like results of tests."""

    id: int
    name: str
    size: int
    digest: str
    token: str


class GitHubLogs:
    """Implements `RunLogs`."""

    def __init__(self, clients: Clients, api_url: str) -> None:
        self._clients = clients
        self._storage = Storage(api_url)

    async def failed_job(self, run: RunRef, attempt: int, job: str = "") -> FailedJob | None:
        if not is_number(run.external_id):
            return None  # it becomes part of an address
        call = Call(run.repository, f"read the jobs of run {run.external_id}", READS)
        found = await self._clients.read(call, lambda repo: self._failed(repo, run, attempt, job))
        if found is None:
            return None
        what = "The log of the failed job"
        path = f"/repos/{run.repository}/actions/jobs/{int(found.told['id'])}/logs"
        end = await self._storage.end(path, found.token, KEPT, MOST_LOG, what)
        if end is None:
            raise UserError(f"{what} is gone.", "GitHub keeps logs for a while only.")
        step = _failed_first(found.told.get("steps") or (), "number") or {}
        return FailedJob(
            name=str(found.told.get("name") or ""),
            url=str(found.told.get("html_url") or ""),
            step=str(step.get("name") or ""),
            span=Span(_moment(step.get("started_at")), _moment(step.get("completed_at"))),
            log=end.content,
            cut=end.cut,
        )

    async def results(self, run: RunRef, since: datetime | None) -> tuple[bytes, ...]:
        if not is_number(run.external_id):
            return ()
        call = Call(run.repository, f"list what run {run.external_id} left", READS)
        listed = await self._clients.read(call, lambda repo: self._like_results(repo, run, since))
        files: list[bytes] = []
        for each in listed:
            what = f"The artifact {each.name}"
            path = f"/repos/{run.repository}/actions/artifacts/{each.id}/zip"
            zipped = await self._storage.fetch(path, each.token, LARGEST_ZIP, what)
            if zipped is None or not is_listed(zipped, each.digest):
                continue
            files += await asyncio.to_thread(xml_files, zipped, LARGEST_ALL - sum(map(len, files)))
        return tuple(files)

    def _failed(self, repo: Repository, run: RunRef, attempt: int, job: str) -> _Job | None:
        path = f"/actions/runs/{run.external_id}/attempts/{attempt}/jobs?per_page={PAGE}"
        told = look_up(repo, path) or {}
        jobs = [each for each in told.get("jobs") or () if not job or each.get("name") == job]
        found = _failed_first(jobs, "completed_at")
        return _Job(found, self._token(run)) if found else None

    def _like_results(self, repo: Repository, run: RunRef, since: datetime | None) -> list[_Artifact]:
        """The newest of each name; an earlier attempt of the run left others."""
        told = look_up(repo, f"/actions/runs/{run.external_id}/artifacts?per_page={PAGE}") or {}
        newest: dict[str, Mapping[str, Any]] = {}
        for each in sorted(told.get("artifacts") or (), key=lambda one: str(one.get("created_at") or "")):
            made = _moment(each.get("created_at"))
            late = since is None or made is None or made >= since.replace(microsecond=0)
            if late and _reads_like_results(each):
                newest[str(each["name"])] = each
        token = self._token(run)
        return [_artifact(newest[name], token) for name in sorted(newest)[:MOST_ARTIFACTS]]

    def _token(self, run: RunRef) -> str:
        return self._clients.access.auth(run.repository).token


def xml_files(zipped: bytes, room: int) -> list[bytes]:
    """The XML in it; UserError where it can't be read, or has more than there is room for."""
    try:
        with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
            entries = [each for each in archive.infolist() if each.filename.lower().endswith(".xml")]
            if len(entries) > MOST_FILES:
                raise OddZip(f"it holds more than {MOST_FILES} files")
            files: list[bytes] = []
            for each in entries:
                files.append(content_of(archive, each, min(LARGEST_FILE, room)))
                room -= len(files[-1])
            return files
    except BROKEN as error:
        why = str(error) if isinstance(error, OddZip) else f"it can't be unpacked ({type(error).__name__})"
        raise UserError(f"The results of the tests can't be used: {why}.") from None


def _reads_like_results(told: Mapping[str, Any]) -> bool:
    name = str(told.get("name") or "").lower()
    fits = any(fnmatchcase(name, pattern) for pattern in NAMES)
    return fits and not told.get("expired") and int(told.get("size_in_bytes") or 0) <= LARGEST_ZIP


def _artifact(told: Mapping[str, Any], token: str) -> _Artifact:
    size = int(told.get("size_in_bytes") or 0)
    return _Artifact(int(told["id"]), str(told["name"]), size, str(told.get("digest") or ""), token)


def _failed_first(told: Iterable[Mapping[str, Any]], order: str) -> Mapping[str, Any] | None:
    """Whose failure made the others fail."""
    failed = [each for each in told if _has_failed(each)]
    return min(failed, key=lambda each: (each.get(order) is None, each.get(order) or 0), default=None)


def _has_failed(told: Mapping[str, Any]) -> bool:
    status, conclusion = str(told.get("status") or ""), told.get("conclusion")
    return statuses.status_of(status, conclusion) is RunStatus.FAILURE


def _moment(told: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
