"""Everything GitHub knows in this playground, and the counters that number it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from bot.playground.github.git import GitStore
from bot.playground.github.model import (
    Check,
    CommitStatus,
    Deployment,
    Environment,
    PullRequest,
    Release,
    Run,
    Team,
    User,
)
from bot.playground.github.names import WorkflowState
from bot.playground.github.workflow_file import FOLDER, WorkflowFile, parse


@dataclass
class Workflow:
    """A workflow as GitHub lists it: known by its file on the default branch."""

    id: int
    path: str
    name: str
    created_at: datetime
    state: WorkflowState = WorkflowState.ACTIVE


@dataclass
class Repository:
    """One repository with all that hangs on it."""

    id: int
    owner: User
    name: str
    description: str
    created_at: datetime
    default_branch: str = "main"
    language: str = "Python"
    private: bool = True
    git: GitStore = field(default_factory=GitStore)
    roles: dict[str, str] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    deployments: dict[int, Deployment] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    statuses: list[CommitStatus] = field(default_factory=list)
    pulls: list[PullRequest] = field(default_factory=list)
    releases: dict[int, Release] = field(default_factory=dict)
    run_numbers: dict[int, int] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def head(self) -> str:
        """The full reference of the default branch."""
        return f"refs/heads/{self.default_branch}"

    def workflow(self, key: str) -> Workflow | None:
        """By number or by file name, as in the API's paths."""
        found = (w for w in self.workflows.values() if str(w.id) == key or w.path == FOLDER + key)
        return next(found, None)

    def file_at(self, workflow: Workflow, sha: str) -> WorkflowFile | None:
        """The workflow as it is written in one commit; None when that commit has none."""
        text = self.git.commits[sha].tree.get(workflow.path)
        return parse(workflow.path, text) if text is not None else None


@dataclass
class World:
    """One organisation with its people, teams and repositories."""

    organization: User
    users: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    renamed: dict[str, int] = field(default_factory=dict)
    _numbers: dict[str, count[int]] = field(default_factory=dict)

    def number(self, kind: str) -> int:
        """The next id of a kind; kinds start far apart, so that a mixed-up id is noticed."""
        if kind not in self._numbers:
            self._numbers[kind] = count(STARTS[kind] + 1)
        return next(self._numbers[kind])

    def user(self, login: str) -> User | None:
        """By login, in any case of letters."""
        return next((u for u in self._accounts() if u.login.lower() == login.lower()), None)

    def user_by_email(self, email: str) -> User | None:
        return next((u for u in self.users.values() if u.email == email), None)

    def in_team(self, team: Team) -> list[str]:
        """The logins of its members, with those of the teams below it."""
        below = [self.in_team(each) for each in self.teams.values() if each.parent == team.slug]
        return list(dict.fromkeys([*team.members, *(login for logins in below for login in logins)]))

    def repository(self, full_name: str) -> Repository | None:
        wanted = full_name.lower()
        return next((r for r in self.repositories.values() if r.full_name.lower() == wanted), None)

    def run(self, run_id: int) -> tuple[Repository, Run] | None:
        return next(((r, r.runs[run_id]) for r in self.repositories.values() if run_id in r.runs), None)

    def sync_workflows(self, repository: Repository, now: datetime, ref: str = "") -> None:
        """List the workflow files of a branch, as GitHub does after each push; the default one names them."""
        head = repository.git.ref_commit(ref or repository.head)
        for path, text in (head.tree if head else {}).items():
            parsed = parse(path, text) if path.startswith(FOLDER) else None
            if parsed is None:
                continue
            known = repository.workflows.get(path)
            if known is None:
                repository.workflows[path] = Workflow(self.number("workflow"), path, parsed.name, now)
            elif ref in ("", repository.head):
                known.name = parsed.name

    def _accounts(self) -> Iterable[User]:
        yield self.organization
        yield from self.users.values()


STARTS = {
    "artifact": 4_510_000_000,
    "check": 51_800_000_000,
    "comment": 2_700_000_000,
    "delivery": 180_000_000_000,
    "deployment": 3_210_000_000,
    "deployment_status": 9_050_000_000,
    "environment": 8_420_000_000,
    "job": 47_500_000_000,
    "organization": 91_200_000,
    "pull": 2_480_000_000,
    "release": 205_000_000,
    "repository": 640_000_000,
    "run": 18_300_000_000,
    "status": 38_800_000_000,
    "suite": 44_600_000_000,
    "team": 12_300_000,
    "user": 58_300_000,
    "workflow": 168_000_000,
}
