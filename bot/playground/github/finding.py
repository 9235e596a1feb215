"""What an act is about: the repository, the person, the commit, the run that its words name."""

from __future__ import annotations

from bot.playground.github.http import Json
from bot.playground.github.model import Run, User
from bot.playground.github.names import Status
from bot.playground.github.world import Repository, World


class ActRefused(Exception):
    """The act makes no sense as it was asked for."""


class Finding:
    """Looks things up by what stands in the body of an act; what is not there is refused in words."""

    def __init__(self, world: World) -> None:
        self._world = world

    def repo(self, body: Json) -> Repository:
        name = str(body.get("repository") or "api")
        full = name if "/" in name else f"{self._world.organization.login}/{name}"
        found = self._world.repository(full)
        if found is None:
            raise ActRefused(f"There is no repository {name}.")
        return found

    def who(self, body: Json, otherwise: str = "linus") -> User:
        login = str(body.get("login") or otherwise)
        found = self._world.user(login)
        if found is None:
            raise ActRefused(f"There is no user {login}.")
        return found

    def sha(self, repo: Repository, body: Json) -> str:
        name = str(body.get("sha") or repo.default_branch)
        found = repo.git.resolve(name)
        if found is None:
            raise ActRefused(f"{repo.full_name} has no commit {name}.")
        return found.sha

    def run(self, body: Json, *, ended: bool) -> tuple[Repository, Run]:
        """The run that is named, else the newest one."""
        wanted = body.get("run")
        rows = [
            (repo, run)
            for repo, run in self.runs()
            if wanted in (None, "", run.id, str(run.id)) and (run.latest.status is Status.COMPLETED) is ended
        ]
        if not rows:
            raise ActRefused(f"There is no run that {'has ended' if ended else 'is going'}.")
        return max(rows, key=lambda row: row[1].id)

    def runs(self) -> list[tuple[Repository, Run]]:
        """Every run of every repository."""
        return [(repo, run) for repo in self._world.repositories.values() for run in repo.runs.values()]
