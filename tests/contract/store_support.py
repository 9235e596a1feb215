"""What the store's tests share: a clock, sample records, and the shortest ways to a state."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select
from sqlalchemy import text as sql

from bot.core.code import Commit, Direction, RefKind
from bot.core.lifecycle import Trigger
from bot.core.ports import UnitOfWork
from bot.core.records import Base, Deployment, NewDeployment, Resolution, Wish
from bot.core.request import DeployRequest
from bot.core.runs import Run, RunRef, RunStatus, Stage
from bot.core.steps import Step
from bot.core.values import Action, Actor, ActorKind, Kind, Origin, Place, Sha
from bot.store.store import Store

T1, T2 = "T1", "T2"
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ADA = Actor(ActorKind.PERSON, "U1", "Ada")
SHA_A, SHA_B, SHA_C = (Sha(letter * 40) for letter in "abc")


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.move(seconds)

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def open_store(url: str, clock: HandClock, owner: str = "one", **options: Any) -> Store:
    """A store on the test's own time."""
    return Store(url, clock, owner=owner, database_time=False, **options)


def new(service: str = "api", environment: str = "staging", **changes: Any) -> NewDeployment:
    """Somebody asks for a deployment."""
    wish = Wish(Kind.DEPLOY, service, environment, "main", (("level", "1"),), "because it is Friday")
    return replace(
        NewDeployment(wish, Origin.CHAT, Action.DISPATCH, ADA, Place("C1", "1.2"), "C9"), **changes
    )


def commit(sha: Sha, **changes: Any) -> Commit:
    """A commit with everything a commit may have."""
    sample = Commit(sha, "Fix it", "ada", NOON, NOON, f"https://code/{sha}", False, ("bob", "eve"), 12)
    sample = replace(sample, author_id="42", co_author_ids=("43",), committer="", mergers=("ada",))
    return replace(sample, **changes)


def resolution() -> Resolution:
    """What the code host answered."""
    return Resolution(
        repository_id=2**40,
        ref_kind=RefKind.BRANCH,
        ref_name="main",
        ref_why="the default branch",
        release=commit(SHA_A),
        dispatch_ref="refs/tags/slipway/x",
        workflow_sha=SHA_B,
        base_sha=SHA_C,
        changes=(commit(SHA_B, pull_request=None, is_merge=True), commit(SHA_A, co_authors=())),
        paths=("a.py", "b/c.py"),
        truncated=False,
        compare_url="https://code/compare",
        base=Base(6, RefKind.TAG, "v1", "https://code/c"),
        direction=Direction.DIVERGED,
        total=2,
        behind=1,
        migrations=("b/c.py",),
        pull_requests="https://code/pull/{number}",
    )


def request(deployment: Deployment) -> DeployRequest:
    """The frozen request of a deployment."""
    return DeployRequest(
        workspace=deployment.workspace,
        key=deployment.key,
        kind=deployment.wish.kind,
        action=deployment.action,
        service=deployment.wish.service,
        environment=deployment.wish.environment,
        provider="github",
        repository="acme/api",
        repository_id=2**40,
        workflow="deploy.yml",
        start="dispatch",
        pin="tag",
        asked_ref="main",
        release_sha=SHA_A,
        dispatch_ref="refs/tags/slipway/x",
        workflow_sha=SHA_B,
        inputs=(("level", "1"),),
        policy_version="p1",
        requester="U1",
        emergency=False,
        nonce="n",
        expires_at=NOON + timedelta(hours=1),
    )


def run(external_id: str = "77", **changes: Any) -> Run:
    """A run with everything a run may have."""
    stages = (
        Stage("build", RunStatus.SUCCESS, "", "https://ci/1", NOON, NOON),
        Stage("ship", RunStatus.RUNNING),
    )
    sample = Run(
        RunRef("github", "acme/api", external_id),
        1,
        RunStatus.RUNNING,
        SHA_B,
        "https://ci/77",
        "Deploy",
        "in_progress",
        stages,
        NOON,
    )
    return replace(sample, **changes)


async def add(store: Store, *, workspace: str = T1, **changes: Any) -> Deployment:
    """A deployment in state `requested`."""
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        return await uow.deployments.add(new(**changes))


async def follow(uow: UnitOfWork, deployment: Deployment, *triggers: Trigger) -> Deployment:
    """Move it step by step; takes the slot where it must."""
    for trigger in triggers:
        if trigger is Trigger.TAKE_SLOT:
            assert await uow.slots.take(deployment) == deployment.id
        deployment = await uow.deployments.move(deployment, trigger, ADA, f"why {trigger}")
    return deployment


TO_RUNNING = (Trigger.RESOLVE, Trigger.OPEN_GATES, Trigger.TAKE_SLOT, Trigger.FIND_RUN)
TO_SUCCEEDED = (*TO_RUNNING, Trigger.RUN_SUCCEEDED, Trigger.VERIFY)


async def rows(store: Store, query: str | Select[Any], **values: Any) -> list[Any]:
    """What lies in the tables, whoever's it is."""
    async with store.database.read() as connection:
        statement = sql(query) if isinstance(query, str) else query
        return list((await connection.execute(statement, values)).all())


async def somebody_waits_for_a_row(store: Store) -> None:
    """Until another transaction stands behind a lock; SQLite's writers stand in line before they read."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not store.database.sqlite and not await rows(store, waiting):  # noqa: ASYNC110  (it only shows there)
        await asyncio.sleep(0.01)


async def tamper(store: Store, *statements: str) -> None:
    """Change the database behind the store's back."""
    async with store.database.write() as connection:
        for statement in statements:
            await connection.execute(sql(statement))
