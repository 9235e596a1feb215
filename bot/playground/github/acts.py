"""What can be made to happen at GitHub from outside: by tests, by the director, by the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from bot.playground.control import ANYWHERE, Control, Fault, FaultKind
from bot.playground.github.finding import ActRefused, Finding
from bot.playground.github.gate_acts import GateActs
from bot.playground.github.git import HEADS, TAGS, Signature
from bot.playground.github.http import Json
from bot.playground.github.model import Check, CommitStatus, Run
from bot.playground.github.names import ActName, Conclusion, Status, Trigger, WebhookMode, WorkflowState
from bot.playground.github.release_acts import ReleaseActs
from bot.playground.github.routes.base import Parts
from bot.playground.github.runner import Order, Wish
from bot.playground.github.shapes.actions import ACTIONS_SLUG
from bot.playground.github.workflow_file import DispatchRefused
from bot.playground.github.world import Repository

ENDLESS = 10**9


class Acts:
    """Each act takes the body that was sent and answers `{"ok": .., "text": ..}` with what came of it."""

    def __init__(self, parts: Parts, control: Control) -> None:
        self._parts, self._site, self._control = parts, parts.site, control
        self._find = Finding(parts.site.world)
        self._tasks: set[asyncio.Task[None]] = set()
        self._all: dict[ActName, Callable[[Json], Awaitable[Json]]] = {
            ActName.LATE_LISTING: self.late_listing,
            ActName.FAIL_NEXT: self.fail_next,
            ActName.HOLD_NEXT: self.hold_next,
            ActName.FINISH_NOW: self.finish_now,
            ActName.MOVE_BRANCH: self.add_commit,
            ActName.FORCE_PUSH: self.force_push,
            ActName.ADD_COMMIT: self.add_commit,
            ActName.CREATE_TAG: self.create_tag,
            ActName.MOVE_TAG: self.move_tag,
            ActName.CANCEL_RUN: self.cancel_run,
            ActName.RERUN: self.rerun,
            ActName.START_RUN: self.start_run,
            ActName.DISABLE_WORKFLOW: self.disable_workflow,
            ActName.RENAME_REPOSITORY: self.rename_repository,
            ActName.ADD_CHECK: self.add_check,
            ActName.ADD_STATUS: self.add_status,
            ActName.WEBHOOKS: self.webhooks,
            ActName.OUTAGE: self.outage,
            ActName.EXHAUST_RATE_LIMIT: self.exhaust_rate_limit,
            ActName.RUNS: self.runs,
            ActName.REPOSITORIES: self.repositories,
            **GateActs(parts, self._find).all,
            **ReleaseActs(parts, self._find).all,
        }
        for name in self._all:
            control.acts[name] = self._told(name)

    async def perform(self, name: ActName, /, **body: Any) -> Json:
        """Do one act; a senseless one answers `ok: false` and says why."""
        try:
            return {"ok": True, **await self._all[name](body)}
        except (ActRefused, DispatchRefused) as refused:
            return {"ok": False, "text": str(refused)}

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _told(self, name: ActName) -> Callable[[Json], Awaitable[Json]]:
        async def act(body: Json) -> Json:
            return await self.perform(name, **{k: v for k, v in body.items() if k != "act"})

        return act

    async def late_listing(self, body: Json) -> Json:
        """New runs stay unseen by lists and look-ups for so many seconds from now."""
        seconds = float(body.get("seconds", 20))
        self._site.late_until = self._site.clock.now() + timedelta(seconds=seconds)
        return {"text": f"For {seconds:g} seconds GitHub does not show runs that start now."}

    async def fail_next(self, body: Json) -> Json:
        self._parts.runner.failures.append(_wish(body))
        return {"text": f"The next run with the job “{_wish(body).job}” fails there."}

    async def hold_next(self, body: Json) -> Json:
        self._parts.runner.holds.append(_wish(body))
        return {"text": f"The next run with the job “{_wish(body).job}” waits there until “finish now”."}

    async def finish_now(self, body: Json) -> Json:
        """Let one run, or every run, end without taking its time."""
        wanted = body.get("run")
        going = [run for _, run in self._going() if wanted in (None, "", run.id, str(run.id))]
        for run in going:
            run.hurry.set()
        return {"text": f"{len(going)} runs are in a hurry now."}

    async def add_commit(self, body: Json) -> Json:
        """A branch moves on by one commit."""
        repo, who = self._find.repo(body), self._find.who(body)
        branch = str(body.get("branch") or repo.default_branch)
        message = str(body.get("message") or "Tidy up")
        path = str(body.get("path") or "notes.md")
        files: dict[str, str | None] = {path: f"{message} at {self._site.clock.now().isoformat()}\n"}
        files |= body.get("files") or {}
        made = self._parts.pushes.commit(repo, branch, message, who, files)
        return {"text": f"{branch} of {repo.full_name} is now at {made.sha[:7]}: {message}.", "sha": made.sha}

    async def force_push(self, body: Json) -> Json:
        """A branch is rewritten: its last commit is gone from it, another one stands there."""
        repo, who = self._find.repo(body), self._find.who(body)
        branch = str(body.get("branch") or repo.default_branch)
        tip = repo.git.ref_commit(HEADS + branch)
        if tip is None or not tip.parents:
            raise ActRefused(f"{branch} has no commit that could be replaced.")
        author = Signature(who.name, who.email, self._site.clock.now(), who.login)
        made = repo.git.commit(
            message=f"{tip.message} (rewritten)",
            author=author,
            parents=tip.parents,
            files={"notes.md": "again\n"},
        )
        self._parts.pushes.update(repo, HEADS + branch, made.sha, who)
        return {"text": f"{branch} was forced from {tip.sha[:7]} to {made.sha[:7]}.", "sha": made.sha}

    async def create_tag(self, body: Json) -> Json:
        return self._tag(body, must_exist=False)

    async def move_tag(self, body: Json) -> Json:
        return self._tag(body, must_exist=True)

    def _tag(self, body: Json, *, must_exist: bool) -> Json:
        repo, who, name = self._find.repo(body), self._find.who(body), str(body.get("tag") or "")
        if not name or (TAGS + name in repo.git.refs) is not must_exist:
            raise ActRefused(f"{repo.full_name} has {'no' if must_exist else 'already a'} tag “{name}”.")
        target = repo.git.resolve(str(body.get("sha") or repo.default_branch))
        if target is None:
            raise ActRefused(f"{repo.full_name} has no commit {body.get('sha')}.")
        if body.get("annotated"):
            signature = Signature(who.name, who.email, self._site.clock.now(), who.login)
            sha = repo.git.tag(name, target.sha, f"Release {name}", signature).sha
            repo.git.refs.pop(TAGS + name)
        else:
            sha = target.sha
        self._parts.pushes.update(repo, TAGS + name, sha, who)
        return {"text": f"{name} of {repo.full_name} points at {target.sha[:7]}.", "sha": target.sha}

    async def cancel_run(self, body: Json) -> Json:
        repo, run = self._find.run(body, ended=False)
        self._parts.runner.cancel(repo, run)
        return {"text": f"Run {run.id} is being cancelled.", "run": run.id}

    async def rerun(self, body: Json) -> Json:
        repo, run = self._find.run(body, ended=True)
        self._parts.runner.rerun(repo, run, self._find.who(body), only=None)
        return {"text": f"Run {run.id} goes again, attempt {run.latest.number}.", "run": run.id}

    async def start_run(self, body: Json) -> Json:
        """A run that somebody started at GitHub's own page, or that another `event` started.

        One for a pull request shows the tip of its `branch`, and has its file from the merge with the `base`.
        """
        repo, who = self._find.repo(body), self._find.who(body)
        workflow = repo.workflow(str(body.get("workflow") or "deploy.yml"))
        ref = HEADS + str(body.get("branch") or repo.default_branch)
        tip = repo.git.ref_commit(ref)
        written = repo.git.ref_commit(HEADS + str(body["base"])) if body.get("base") else tip
        file = repo.file_at(workflow, written.sha) if workflow and written else None
        if workflow is None or tip is None or file is None:
            raise ActRefused(f"{repo.full_name} has no such workflow on that branch.")
        trigger = Trigger(body.get("event") or Trigger.DISPATCH)
        inputs: Mapping[str, str] = {}
        if trigger is Trigger.DISPATCH:
            where = str(body.get("environment") or "staging")
            asked = {"environment": where, "version": tip.sha} | (body.get("inputs") or {})
            known = {one.name for one in file.inputs}
            inputs = file.checked_inputs({k: v for k, v in asked.items() if k in known})
        run = self._parts.runner.start(Order(repo, workflow, file, trigger, who, ref, tip.sha, inputs))
        return {"text": f"{who.name} started “{run.title}” ({run.id}).", "run": run.id}

    async def disable_workflow(self, body: Json) -> Json:
        repo, name = self._find.repo(body), str(body.get("workflow") or "deploy.yml")
        workflow = repo.workflow(name)
        if workflow is None:
            raise ActRefused(f"{repo.full_name} has no workflow {name}.")
        enabled = bool(body.get("enabled", False))
        workflow.state = WorkflowState.ACTIVE if enabled else WorkflowState.DISABLED
        return {"text": f"{name} of {repo.full_name} is {'enabled' if enabled else 'disabled'}."}

    async def rename_repository(self, body: Json) -> Json:
        repo, name = self._find.repo(body), str(body.get("name") or "")
        if not name:
            raise ActRefused("A repository needs a name.")
        old = repo.full_name
        self._site.world.renamed[old.lower()] = repo.id
        repo.name = name
        return {"text": f"{old} is called {repo.full_name} now."}

    async def add_check(self, body: Json) -> Json:
        """A check run on a commit, by any App: also one that takes a name that is not its own."""
        repo = self._find.repo(body)
        sha, name = self._find.sha(repo, body), str(body.get("name") or "security-scan")
        pending = body.get("conclusion") == "pending"
        conclusion = None if pending else Conclusion(body.get("conclusion") or Conclusion.SUCCESS)
        number, app = self._site.world.number("check"), str(body.get("app") or "helpful-bot")
        suite = _suite_of_actions(repo, sha) if app == ACTIONS_SLUG else None
        suite = suite or self._site.world.number("suite")
        made = Check(number, name, sha, app, conclusion, suite, self._site.clock.now())
        repo.checks.append(made)
        self._parts.events.check_of_other(repo, made, self._find.who(body))
        return {"text": f"{app} says {conclusion or 'pending'} for {name} on {sha[:7]}.", "sha": sha}

    async def add_status(self, body: Json) -> Json:
        repo, who = self._find.repo(body), self._find.who(body)
        sha, state = self._find.sha(repo, body), str(body.get("state") or "success")
        context, number = str(body.get("context") or "ci/legacy"), self._site.world.number("status")
        made = CommitStatus(number, sha, context, state, "", "", who, self._site.clock.now())
        repo.statuses.append(made)
        self._parts.events.status(repo, made)
        return {"text": f"{context} is {state} on {sha[:7]}.", "sha": sha}

    async def webhooks(self, body: Json) -> Json:
        try:
            self._site.hooks.mode = WebhookMode(str(body.get("mode") or WebhookMode.ON))
        except ValueError as error:
            raise ActRefused(f"mode is one of {', '.join(WebhookMode)}") from error
        return {"text": f"Webhooks: {self._site.hooks.mode}."}

    async def outage(self, body: Json) -> Json:
        """Every call is answered with 503 for a while."""
        seconds = float(body.get("seconds", 20))
        down = Fault(ANYWHERE, FaultKind.ERROR_503, ENDLESS)
        self._control.faults.insert(0, down)

        async def end() -> None:
            await self._site.clock.sleep(seconds)
            if down in self._control.faults:
                self._control.faults.remove(down)
            self._site.note_change()

        task = asyncio.create_task(end())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return {"text": f"GitHub answers 503 for {seconds:g} seconds."}

    async def exhaust_rate_limit(self, body: Json) -> Json:
        seconds = float(body.get("seconds", 30))
        self._site.limits.exhaust(self._site.clock.now() + timedelta(seconds=seconds))
        return {"text": f"The hourly limit is used up; it starts anew in {seconds:g} seconds."}

    async def runs(self, body: Json) -> Json:
        """What ran in a repository, for those who can only ask over HTTP."""
        repo = self._find.repo(body)
        return {"runs": [_brief(run) for run in repo.runs.values()]}

    async def repositories(self, _body: Json) -> Json:
        rows = self._site.world.repositories.values()
        return {
            "repositories": [{"id": r.id, "full_name": r.full_name, "refs": dict(r.git.refs)} for r in rows]
        }

    def _going(self) -> list[tuple[Repository, Run]]:
        return [row for row in self._find.runs() if row[1].latest.status is not Status.COMPLETED]


def _wish(body: Json) -> Wish:
    job = str(body.get("job") or "smoke test")
    workflow, repository = body.get("workflow"), body.get("repository")
    return Wish(job, str(workflow) if workflow else None, str(repository) if repository else None)


def _suite_of_actions(repo: Repository, sha: str) -> int | None:
    """A check that a workflow makes by the API stands in the suite of whichever run came first."""
    return next((run.check_suite_id for run in repo.runs.values() if run.head_sha == sha), None)


def _brief(run: Run) -> Json:
    return {
        "id": run.id,
        "path": run.path,
        "title": run.title,
        "event": run.trigger,
        "actor": run.actor.login,
        "ref": run.ref,
        "head_sha": run.head_sha,
        "inputs": run.inputs,
        "attempt": run.latest.number,
        "status": run.latest.status,
        "conclusion": run.latest.conclusion,
    }
