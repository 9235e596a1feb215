"""PyGithub off the event loop: bounded threads, a client for each, one write after another.

PyGithub is not safe for threads, and reading an attribute of its objects may go over the network. So `work`
runs whole inside one thread with that thread's own client, and hands back frozen values of the core.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from github import Github
from github.GithubException import GithubException
from github.Repository import Repository
from github.Requester import Requester
from urllib3.util.retry import Retry

from bot.core.errors import NeedsHuman, SlipwayError
from bot.core.ports import Clock
from integrations.github.access import Access
from integrations.github.errors import SYSTEM, Call, RateLimited, translate

T = TypeVar("T")
API_VERSION = "2022-11-28"
USER_AGENT = "slipway"
PAGE = 100
_FULL_NAME = re.compile(r"[A-Za-z0-9_-]+/(?!\.{1,2}$)[A-Za-z0-9_.-]+")
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Options:
    """How we call GitHub. Between two writes it wants a second of quiet; a stand-in needs none."""

    base_url: str
    timeout: int = 10
    threads: int = 4
    pause_between_writes: float | None = 1.0

    def arguments(self) -> dict[str, Any]:
        """What PyGithub's two clients are built with alike.

        No pause between reads: four threads at most are far below GitHub's limit of a hundred at once.
        """
        return {
            "base_url": self.base_url,
            "timeout": self.timeout,
            "user_agent": USER_AGENT,
            "per_page": PAGE,
            "retry": only_reads(),
            "seconds_between_requests": None,
            "seconds_between_writes": self.pause_between_writes,
            "lazy": True,
            "api_version": API_VERSION,
        }


def only_reads() -> Retry:
    """Try reads again and nothing else: PyGithub's default repeats a POST after a 502, which deploys twice.

    urllib3's own class, because PyGithub's sleeps through Retry-After inside the thread. `other=0` since an
    error of TLS in mid-answer is no "read" error to urllib3, and would be tried again whatever the method.
    """
    return Retry(
        total=2,
        other=0,
        allowed_methods=frozenset({"GET", "HEAD"}),
        status_forcelist=(500, 502, 503, 504),
        respect_retry_after_header=False,
        backoff_factor=0.1,
        raise_on_status=False,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What GitHub said to a write it did not refuse."""

    status: int
    data: dict[str, Any]


def send(requester: Requester, verb: str, path: str, body: dict[str, Any] | None = None) -> Answer:
    """Write once. PyGithub's methods take a redirect for success, with nothing done; here it is an error."""
    status, headers, text = requester.requestJson(verb, path, input=body)
    data = _object(text)
    if status >= 400:
        raise Requester.createException(status, headers, data)
    if status >= 300:
        raise GithubException(status, data, headers)
    return Answer(status, data)


def _object(text: str) -> dict[str, Any]:
    """The JSON object, or nothing: the status alone says whether the write was taken."""
    try:
        data = json.loads(text) if text else {}
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _in_repository(call: Call, work: Callable[[Repository], T]) -> Callable[[Github], T]:
    if not _FULL_NAME.fullmatch(call.repository):
        raise NeedsHuman(f"{call.repository!r} is no repository.", "", "Write owner/name in slipway.yml.")
    return lambda client: work(client.get_repo(call.repository))


class Clients:
    """Runs work for one repository at a time in a thread that holds a client for it."""

    def __init__(self, access: Access, clock: Clock, options: Options) -> None:
        self.access = access
        self._clock = clock
        self._options = options
        self._reads = ThreadPoolExecutor(options.threads, thread_name_prefix="github-read")
        self._writes: dict[str, ThreadPoolExecutor] = {}
        self._local = threading.local()
        self._opened: list[Github] = []
        self._quiet_until: dict[str, datetime] = {}
        self._login = ""

    def login(self, repo: Repository) -> str:
        """Whose name our calls bear: that of the App's bot, or of the token's user."""
        if not self._login:
            known = self.access.login()
            self._login = known or str(repo.requester.requestJsonAndCheck("GET", "/user")[1]["login"])
        return self._login

    async def read(self, call: Call, work: Callable[[Repository], T]) -> T:
        """Run it beside other reads."""
        return await self._run(self._reads, call, _in_repository(call, work))

    async def ask(self, call: Call, work: Callable[[Requester], T]) -> T:
        """The same for what belongs to the organisation that `call.repository` names, not to a repository."""
        if not _ACCOUNT.fullmatch(call.repository):
            raise NeedsHuman(f"{call.repository!r} is no organisation.", "", "Mend the name in slipway.yml.")
        return await self._run(self._reads, call, lambda client: work(client.requester))

    async def write(self, call: Call, work: Callable[[Repository], T]) -> T:
        """Run it after the writes before it: one thread for each account is the queue GitHub asks for."""
        account = self.access.account(call.repository)
        if account not in self._writes:
            self._writes[account] = ThreadPoolExecutor(1, thread_name_prefix=f"github-write-{account}")
        return await self._run(self._writes[account], replace(call, writes=True), _in_repository(call, work))

    async def close(self) -> None:
        """Let the calls under way end, drop those that wait, close the connections."""
        for executor in (self._reads, *self._writes.values()):
            await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)
        for client in self._opened:
            client.close()
        self._opened.clear()

    async def _run(self, executor: ThreadPoolExecutor, call: Call, work: Callable[[Github], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(executor, self._in_thread, call, work)

    def _in_thread(self, call: Call, work: Callable[[Github], T]) -> T:
        self._keep_quiet(call)
        self._guarded(replace(call, writes=False), lambda: self.access.ready(call.repository))
        return self._guarded(call, lambda: work(self._client(call.repository)))

    def _guarded(self, call: Call, work: Callable[[], T]) -> T:
        try:
            return work()
        except SlipwayError:
            raise
        except Exception as error:
            mine = translate(error, call, self._clock.now())
            if isinstance(mine, RateLimited) and mine.retry_after:
                until = self._clock.now() + timedelta(seconds=mine.retry_after)
                self._quiet_until[self.access.account(call.repository)] = until
            raise mine from error

    def _keep_quiet(self, call: Call) -> None:
        """GitHub bans those who go on while it asks them to wait."""
        until = self._quiet_until.get(self.access.account(call.repository))
        left = (until - self._clock.now()).total_seconds() if until else 0
        if left > 0:
            raise RateLimited("GitHub asked us to slow down.", system=SYSTEM, retry_after=left)

    def _client(self, repository: str) -> Github:
        mine: dict[str, Github] = self._local.__dict__.setdefault("clients", {})
        account = self.access.account(repository)
        if account not in mine:
            client = Github(auth=self.access.auth(repository), **self._options.arguments())
            mine[account] = client
            self._opened.append(client)
        return mine[account]
