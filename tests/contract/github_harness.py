"""Arranges the GitHub stand-in for the contract suite, with the real adapter talking to it over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.core.ports import Clock
from bot.core.runs import RUN_ENDS, Run, RunRef
from bot.core.values import Sha
from bot.playground.clock import WallClock
from bot.playground.control import Fault, FaultKind
from bot.playground.github.auth import AppIdentity
from bot.playground.github.git import HEADS, TAGS, Signature
from bot.playground.github.names import ActName, Where
from bot.playground.github.server import GitHubStandIn
from bot.playground.github.world import Repository
from integrations.github.ci import GitHubCi
from integrations.github.code import GitHubCode
from integrations.github.doors import GitHubDoors
from integrations.github.factory import Credentials, GitHub, Token, build
from integrations.github.pins import GitHubPins

TOKEN = "ghp_for-the-contract-tests"
SECRET = "It's a Secret to Everybody"
REPOSITORY = "acme/api"
PATIENCE = 10.0


@dataclass
class GitHubHarness:
    """One stand-in and one adapter."""

    stand_in: GitHubStandIn
    github: GitHub
    clock: Clock
    repository: str = REPOSITORY

    @property
    def code(self) -> GitHubCode:
        return self.github.code

    @property
    def pins(self) -> GitHubPins:
        return self.github.pins

    @property
    def ci(self) -> GitHubCi:
        return self.github.ci

    @property
    def doors(self) -> GitHubDoors:
        return self.github.doors

    @property
    def dispatches(self) -> int:
        return len([entry for entry in self.stand_in.dispatches() if entry.status in (0, 200, 204, 499)])

    @property
    def repo(self) -> Repository:
        found = self.stand_in.world.repository(REPOSITORY)
        assert found is not None
        return found

    def tip(self) -> Sha:
        return Sha(self.repo.git.refs[HEADS + "main"])

    def forked(self) -> Sha:
        git = self.repo.git
        own = git.reachable(*(git.peel(at) for at in git.refs.values()))
        return Sha(next(each for each in git.commits if each not in own))

    def commit(
        self,
        title: str,
        parents: tuple[Sha, ...],
        path: str = "notes.md",
        login: str | None = "linus",
        **more: Any,
    ) -> Sha:
        author = Signature("Linus Torvalds", "linus@acme.example", self.clock.now(), login)
        files: dict[str, str | None] = {path: title}
        return Sha(
            self.repo.git.commit(message=title, author=author, parents=parents, files=files, **more).sha
        )

    def point(self, full_name: str, at: Sha) -> None:
        self.repo.git.refs[full_name] = at

    def lose_answers(self) -> None:
        self.fault(Where.DISPATCH, FaultKind.LOSE_ANSWER)

    def fault(self, where: Where, kind: FaultKind, times: int = 1) -> None:
        """Let calls of this kind go wrong."""
        self.stand_in.control.faults.append(Fault(where, kind, times))

    async def check(self, at: Sha, name: str, app: str, conclusion: str) -> None:
        await self.act(ActName.ADD_CHECK, sha=at, name=name, app=app, conclusion=conclusion)

    async def status(self, at: Sha, name: str, login: str, state: str) -> None:
        await self.act(ActName.ADD_STATUS, sha=at, context=name, login=login, state=state)

    async def go_down(self) -> None:
        await self.stand_in.stop()

    async def hold_next(self) -> None:
        await self.act(ActName.HOLD_NEXT, job="build")

    async def fail_next(self) -> None:
        await self.act(ActName.FAIL_NEXT, job="deploy")

    async def hide_new_runs(self) -> None:
        await self.act(ActName.LATE_LISTING, seconds=600)

    async def disable(self, workflow: str) -> None:
        await self.act(ActName.DISABLE_WORKFLOW, repository="api", workflow=workflow)

    async def rerun(self, ref: RunRef) -> None:
        await self.act(ActName.RERUN, run=ref.external_id)

    async def settled(self, ref: RunRef) -> Run:
        """Look again with every change there; the short wait is for one that came while we looked."""
        async with asyncio.timeout(PATIENCE):
            while True:
                run = await self.ci.observe(ref)
                if run is not None and run.status in RUN_ENDS:
                    return run
                await self.stand_in.changed(0.1)

    async def act(self, name: ActName, /, **body: object) -> None:
        """Make something happen there."""
        done = await self.stand_in.acts.perform(name, **body)
        assert done["ok"], done


@asynccontextmanager
async def github_harness(
    credentials: Credentials | None = None, app: AppIdentity | None = None, timeout: int = 5
) -> AsyncIterator[GitHubHarness]:
    """A company at GitHub, fifty times as fast as in life, with a release `v1.0.0` at its first commit."""
    clock = WallClock()
    stand_in = GitHubStandIn(
        clock=clock, token=TOKEN, webhook_secret=SECRET, deliver_to=None, app=app, speed=50
    )
    await stand_in.start()
    github = build(
        credentials or Token(TOKEN), clock, api_url=stand_in.url, timeout=timeout, pause_between_writes=None
    )
    harness = GitHubHarness(stand_in, github, clock)
    harness.point(TAGS + "v1.0.0", Sha(harness.repo.git.history(harness.tip())[-1].sha))
    try:
        yield harness
    finally:
        await github.close()
        await stand_in.stop()
