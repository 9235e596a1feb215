"""Moving references: what a push does besides, webhooks and runs that it starts."""

from __future__ import annotations

from collections.abc import Mapping

from bot.playground.github.events import ZERO, Events
from bot.playground.github.git import HEADS, Commit, Signature
from bot.playground.github.model import User
from bot.playground.github.names import Event, Trigger, WorkflowState
from bot.playground.github.runner import Order, Runner
from bot.playground.github.site import Site
from bot.playground.github.world import Repository


class Pushes:
    """The one way references change while the playground runs."""

    def __init__(self, site: Site, events: Events, runner: Runner) -> None:
        self._site, self._events, self._runner = site, events, runner

    def update(self, repo: Repository, ref: str, sha: str, who: User) -> None:
        """Point a reference somewhere; it is made when it is new."""
        before = repo.git.refs.get(ref, ZERO)
        repo.git.refs[ref] = sha
        if before == ZERO:
            self._events.reference(repo, Event.CREATE, ref, who)
        self._pushed(repo, ref, before, sha, who)

    def delete(self, repo: Repository, ref: str, who: User) -> None:
        before = repo.git.refs.pop(ref)
        self._events.reference(repo, Event.DELETE, ref, who)
        self._events.push(repo, ref, before, ZERO, who, [])
        self._site.note_change()

    def commit(
        self, repo: Repository, branch: str, message: str, who: User, files: Mapping[str, str | None]
    ) -> Commit:
        """A new commit on top of a branch."""
        ref = f"refs/heads/{branch}"
        parent = repo.git.refs.get(ref, repo.git.refs[repo.head])
        author = Signature(who.name, who.email, self._site.clock.now(), who.login)
        made = repo.git.commit(message=message, author=author, parents=(parent,), files=files)
        self.update(repo, ref, made.sha, who)
        return made

    def _pushed(self, repo: Repository, ref: str, before: str, after: str, who: User) -> None:
        git, target = repo.git, repo.git.peel(after)
        old = git.reachable(git.peel(before)) if before != ZERO else git.reachable(target)
        new = sorted(git.reachable(target) - old, key=lambda sha: git.commits[sha].order)
        self._events.push(repo, ref, before, after, who, [git.commits[sha] for sha in new])
        if ref.startswith(HEADS):
            self._site.world.sync_workflows(repo, self._site.clock.now(), ref)
        self._start_runs(repo, ref, target, who)
        self._site.note_change()

    def _start_runs(self, repo: Repository, ref: str, sha: str, who: User) -> None:
        for workflow in list(repo.workflows.values()):
            file = repo.file_at(workflow, sha)
            if workflow.state is WorkflowState.ACTIVE and file is not None and file.runs_on_push(ref):
                self._runner.start(Order(repo, workflow, file, Trigger.PUSH, who, ref, sha))
