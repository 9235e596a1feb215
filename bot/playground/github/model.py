"""What the GitHub stand-in knows: people, runs, jobs, deployments. Plain data, no behaviour worth a test."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from bot.playground.github.names import Conclusion, DeploymentState, Gate, Guard, Status, Trigger


@dataclass(frozen=True)
class User:
    """A person, a bot or an organisation."""

    id: int
    login: str
    name: str
    email: str
    kind: str = "User"


@dataclass
class Team:
    id: int
    slug: str
    name: str
    members: list[str]
    parent: str | None = None  # the team above: whoever is in this one is in that one
    pending: list[str] = field(default_factory=list)  # invited, and not there yet


@dataclass
class Step:
    name: str
    number: int
    seconds: float
    status: Status = Status.QUEUED
    conclusion: Conclusion | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    command: str = ""  # what it runs; empty: the runner's own


@dataclass
class Job:
    """One job of one attempt; its id is also the id of its check run."""

    id: int
    key: str
    name: str
    needs: tuple[str, ...]
    condition: str
    environment: str | None
    created_at: datetime
    steps: list[Step]
    uploads: tuple[tuple[str, tuple[str, ...]], ...] = ()
    status: Status = Status.QUEUED
    conclusion: Conclusion | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    log: list[str] = field(default_factory=list)
    appeared: bool = False


@dataclass
class Attempt:
    """One execution of a run; a re-run adds one under the same run id."""

    number: int
    started_at: datetime
    updated_at: datetime
    actor: User
    jobs: list[Job]
    status: Status = Status.QUEUED
    conclusion: Conclusion | None = None

    @property
    def listed(self) -> list[Job]:
        """The jobs the API tells of: one that needs others appears only when these have ended."""
        return [job for job in self.jobs if job.appeared]


@dataclass
class Approval:
    environment: str
    state: Gate
    user: User
    comment: str


@dataclass
class Artifact:
    id: int
    name: str
    content: bytes
    digest: str
    created_at: datetime
    expires_at: datetime
    expired: bool = False


@dataclass
class Run:
    """A workflow run with all its attempts."""

    id: int
    repository_id: int
    workflow_id: int
    workflow_name: str
    path: str
    title: str
    number: int
    trigger: Trigger
    actor: User
    ref: str
    head_sha: str
    inputs: dict[str, str]
    created_at: datetime
    check_suite_id: int
    group: str | None
    visible_at: datetime
    attempts: list[Attempt] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    fail_at: str | None = None
    hold_at: str | None = None
    cancelling: bool = False
    doors: list[Door] = field(default_factory=list)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def latest(self) -> Attempt:
        return self.attempts[-1]

    @property
    def head_branch(self) -> str:
        """GitHub calls a tag's name a branch here."""
        return self.ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


@dataclass
class DeploymentStatus:
    id: int
    state: DeploymentState
    description: str
    creator: User
    created_at: datetime
    log_url: str = ""
    environment_url: str = ""


@dataclass
class Deployment:
    id: int
    repository_id: int
    sha: str
    ref: str
    environment: str
    creator: User
    created_at: datetime
    task: str = "deploy"
    description: str = ""
    payload: dict[str, object] = field(default_factory=dict)
    production: bool = False
    run_id: int | None = None
    statuses: list[DeploymentStatus] = field(default_factory=list)


@dataclass
class Environment:
    """An environment of a repository with what protects it."""

    id: int
    name: str
    created_at: datetime
    policies: tuple[tuple[str, str], ...] = ()  # (pattern, branch|tag); none means every reference
    protected_branches: bool = False
    reviewers: tuple[str, ...] = ()
    prevent_self_review: bool = False
    custom_rule: bool = False
    can_admins_bypass: bool = True


@dataclass
class Door:
    """One job before its environment: who was asked when it came, and who has answered since."""

    job: Job
    deployment: Deployment
    environment: Environment
    asked: tuple[Guard, ...]
    since: datetime
    answers: dict[Guard, Gate] = field(default_factory=dict)
    reports: int = 0
    expired: bool = False
    decided: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def open(self) -> list[Guard]:
        """Who has not answered yet."""
        return [guard for guard in self.asked if guard not in self.answers]

    @property
    def verdict(self) -> Gate | None:
        """What came of it, once that is certain."""
        if self.expired or Gate.REJECTED in self.answers.values():
            return Gate.REJECTED
        return None if self.open else Gate.APPROVED


@dataclass
class Check:
    """A check run that no job of ours made."""

    id: int
    name: str
    sha: str
    app: str
    conclusion: Conclusion | None  # None: it has not ended
    suite_id: int
    at: datetime


@dataclass
class CommitStatus:
    id: int
    sha: str
    context: str
    state: str
    description: str
    target_url: str
    creator: User
    at: datetime


@dataclass
class Release:
    """What GitHub calls a release: a tag with a name and notes; a draft has not been published."""

    id: int
    tag: str
    name: str
    notes: str
    author: User
    target: str
    created_at: datetime
    published_at: datetime | None = None
    prerelease: bool = False


@dataclass
class PullRequest:
    id: int
    number: int
    title: str
    author: User
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    merge_sha: str
    created_at: datetime
    merged_at: datetime
    merged_by: User | None = None  # nobody, once the account is deleted
