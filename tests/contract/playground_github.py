"""What the tests of the GitHub stand-in share: a running one, real clients of it, and an ear for webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import github
import jwt
from aiohttp import web
from github.Repository import Repository
from github.Workflow import Workflow

from bot.playground.clock import Clock, WallClock
from bot.playground.github import ActName, AppKey, GitHubStandIn, Status
from bot.playground.github.model import Run

T = TypeVar("T")
TOKEN = "ghp_" + "t" * 36
WEBHOOK_SECRET = "It's a Secret to Everybody"
FAST = 200.0
DEADLINE = 10.0
INPUTS = {"environment": "staging", "version": "main", "operation": "slw-7-abcdefghij"}
KEY = AppKey.fresh()
APP_ID, PRIVATE_KEY, PUBLIC_KEY = KEY.id, KEY.private_key, KEY.public_key
TO_PRODUCTION = {"environment": "production"}
RULE = "actions/runs/{}/deployment_protection_rule"


@asynccontextmanager
async def running(
    *,
    speed: float = FAST,
    deliver_to: str | None = None,
    app: bool = False,
    token: str = TOKEN,
    clock: Clock | None = None,
) -> AsyncIterator[GitHubStandIn]:
    """A started stand-in with the sample company."""
    stand_in = GitHubStandIn(
        clock=clock or WallClock(),
        token=token,
        webhook_secret=WEBHOOK_SECRET,
        deliver_to=deliver_to,
        app=KEY.identity if app else None,
        speed=speed,
    )
    await stand_in.start()
    try:
        yield stand_in
    finally:
        await stand_in.stop()


def client(stand_in: GitHubStandIn, token: str = TOKEN) -> github.Github:
    """The real client, without its waits and retries."""
    return github.Github(
        auth=github.Auth.Token(token),
        base_url=stand_in.url,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


async def in_thread(work: Callable[[], T]) -> T:
    """PyGithub blocks, and the stand-in runs in this loop."""
    return await asyncio.to_thread(work)


async def repository(stand_in: GitHubStandIn, name: str = "acme/api") -> Repository:
    return await in_thread(lambda: client(stand_in).get_repo(name))


async def workflow(stand_in: GitHubStandIn, file: str = "deploy.yml") -> Workflow:
    repo = await repository(stand_in)
    return await in_thread(lambda: repo.get_workflow(file))


async def refused(work: Callable[[], object]) -> github.GithubException:
    """The exception with which the real client tells of a refusal."""
    try:
        await in_thread(work)
    except github.GithubException as error:
        return error
    raise AssertionError("GitHub did not refuse")


async def until(stand_in: GitHubStandIn, holds: Callable[[], bool], what: str) -> None:
    """Wait, at each change, for something to become true."""
    end = asyncio.get_running_loop().time() + DEADLINE
    while not holds():
        left = end - asyncio.get_running_loop().time()
        if left <= 0 or not await stand_in.changed(left):
            assert holds(), f"{what}: not within {DEADLINE} s"


async def ended(stand_in: GitHubStandIn, run: Run) -> Run:
    """The run, once it has ended."""
    await until(stand_in, lambda: run.latest.status is Status.COMPLETED, f"run {run.id} ends")
    return run


async def act(stand_in: GitHubStandIn, name: ActName, /, **body: object) -> dict[str, Any]:
    """Make something happen at GitHub, as the control does."""
    told = await stand_in.control.acts[name](body)
    assert told["ok"], told
    return told


async def started(stand_in: GitHubStandIn, repository: str = "api", **body: object) -> Run:
    """A run started by the act, as somebody at GitHub's page would."""
    told = await act(stand_in, ActName.START_RUN, repository=repository, **body)
    return stand_in.run(told["run"])


async def waiting(stand_in: GitHubStandIn, **body: Any) -> Run:
    """A run to production, by default, that stands before it."""
    run = await started(stand_in, **({"inputs": TO_PRODUCTION} | body))
    await until(stand_in, lambda: run.latest.status is Status.WAITING, "the run waits")
    return run


async def as_app(stand_in: GitHubStandIn) -> github.Github:
    """The real client with the App's installation token."""
    integration = github.GithubIntegration(
        auth=github.Auth.AppAuth(APP_ID, PRIVATE_KEY),
        base_url=stand_in.url,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    installation = await in_thread(lambda: integration.get_repo_installation("acme", "api"))
    return await in_thread(installation.get_github_for_installation)


async def answer_rule(user: github.Github, run: Run, **body: str) -> None:
    """An answer to the protection rule of production; without `state` only a comment."""
    url = f"{user.requester.base_url}/repos/acme/api/{RULE.format(run.id)}"
    body = {"environment_name": "production", "comment": "Slipway #7", **body}
    await in_thread(lambda: user.requester.requestJsonAndCheck("POST", url, input=body))


async def refused_rule(user: github.Github, run: Run, **body: str | None) -> tuple[int, str]:
    """The status and the words with which GitHub refuses such an answer; None leaves a field out."""
    url = f"{user.requester.base_url}/repos/acme/api/{RULE.format(run.id)}"
    whole = {"environment_name": "production", "comment": "Slipway #7", "state": "approved", **body}
    sent = {key: value for key, value in whole.items() if value is not None}
    error = await refused(lambda: user.requester.requestJsonAndCheck("POST", url, input=sent))
    return error.status, error.data["message"]


def app_token() -> str:
    """A signed claim to be the App."""
    now = int(WallClock().now().timestamp())
    return jwt.encode({"iat": now - 30, "exp": now + 300, "iss": str(APP_ID)}, PRIVATE_KEY, algorithm="RS256")


@dataclass(frozen=True)
class Heard:
    """One webhook as it arrived."""

    event: str
    guid: str
    signature: str
    body: bytes


@dataclass
class Ear:
    """A server that webhooks are sent to."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    answer: int = 200

    async def handle(self, request: web.Request) -> web.Response:
        headers = request.headers
        self.heard.append(
            Heard(
                headers["X-GitHub-Event"],
                headers["X-GitHub-Delivery"],
                headers["X-Hub-Signature-256"],
                await request.read(),
            )
        )
        return web.Response(status=self.answer)


@asynccontextmanager
async def listening() -> AsyncIterator[Ear]:
    """An ear on a free port."""
    ear, app = Ear(), web.Application(client_max_size=25 * 1024 * 1024)
    app.router.add_post("/webhooks/github", ear.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ear.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/github"
    try:
        yield ear
    finally:
        await runner.cleanup()
