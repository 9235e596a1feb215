"""The bodies of the webhooks, and sending them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.playground.github.git import HEADS, TAGS, Commit
from bot.playground.github.http import Json, stamp
from bot.playground.github.model import (
    Check,
    CommitStatus,
    Deployment,
    DeploymentStatus,
    Door,
    Job,
    Release,
    Run,
    User,
)
from bot.playground.github.names import Event, Gate, Status
from bot.playground.github.shapes import actions, commits, deployments, people, releases, repos
from bot.playground.github.site import Site
from bot.playground.github.world import Repository

ZERO = "0" * 40


class Events:
    """Tells the world outside what happened here."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def workflow_run(self, repo: Repository, run: Run, action: Status) -> None:
        body = self._of_run(repo, run)
        self._send(Event.WORKFLOW_RUN, action, repo, run.latest.actor, body)

    def workflow_job(self, repo: Repository, run: Run, job: Job, action: Status) -> None:
        shown = actions.job(self._site.urls, repo, run, run.latest, job)
        self._send(Event.WORKFLOW_JOB, action, repo, run.latest.actor, {"workflow_job": shown})

    def check_run(self, repo: Repository, run: Run, job: Job, action: str) -> None:
        urls, world = self._site.urls, self._site.world
        shown = actions.check_of_job(urls, world, repo, run, job)
        shown["check_suite"] = self._suite(repo, run)
        if shown["status"] == Status.WAITING:
            shown["status"] = Status.QUEUED
        self._send(Event.CHECK_RUN, action, repo, run.latest.actor, {"check_run": shown})

    def check_of_other(self, repo: Repository, one: Check, who: User) -> None:
        """An App other than Actions made a check."""
        shown = actions.check_of_other(self._site.urls, self._site.world, repo, one)
        shown["check_suite"] = actions.suite_of_other(self._site.urls, self._site.world, repo, one)
        action = "completed" if one.conclusion else "created"
        self._send(Event.CHECK_RUN, action, repo, who, {"check_run": shown})

    def check_suite(self, repo: Repository, run: Run) -> None:
        body = {"check_suite": self._suite(repo, run)}
        self._send(Event.CHECK_SUITE, Status.COMPLETED, repo, run.latest.actor, body)

    def deployment(self, repo: Repository, made: Deployment, run: Run | None) -> None:
        urls = self._site.urls
        body = {
            "deployment": deployments.deployment(urls, repo, made),
            "workflow": None,
            "workflow_run": None,
        }
        body |= self._beside_deployment(repo, run) if run else {}
        self._send(Event.DEPLOYMENT, "created", repo, made.creator, body)

    def deployment_status(
        self, repo: Repository, made: Deployment, status: DeploymentStatus, run: Run | None
    ) -> None:
        urls = self._site.urls
        body = {
            "deployment": deployments.deployment(urls, repo, made),
            "deployment_status": deployments.deployment_status(urls, repo, made, status),
        }
        body |= self._beside_deployment(repo, run) if run else {}
        self._send(Event.DEPLOYMENT_STATUS, "created", repo, status.creator, body)

    def protection_rule(self, repo: Repository, run: Run, made: Deployment) -> None:
        """Only an App is asked; without one nobody hears of it."""
        if self._site.access.app is None:
            return
        urls = self._site.urls
        callback = f"{urls.repo(repo.full_name)}/actions/runs/{run.id}/deployment_protection_rule"
        body = {
            "environment": made.environment,
            "event": run.trigger,
            "sha": run.head_sha,
            "ref": run.ref,
            "deployment_callback_url": callback,
            "deployment": deployments.deployment(urls, repo, made),
            "pull_requests": [],
        }
        self._send(Event.DEPLOYMENT_PROTECTION_RULE, "requested", repo, made.creator, body)

    def review_requested(self, repo: Repository, run: Run, door: Door) -> None:
        """The required reviewers of an environment are asked."""
        body = {
            "environment": door.environment.name,
            "requestor": people.user(self._site.urls, run.latest.actor),
            "workflow_job_run": deployments.job_run(self._site.urls, repo, run, door),
        }
        body |= self._of_review(repo, run, [door])
        self._send(Event.DEPLOYMENT_REVIEW, "requested", repo, run.latest.actor, body)

    def reviewed(
        self, repo: Repository, run: Run, doors: Sequence[Door], state: Gate, who: User, comment: str
    ) -> None:
        """A person said yes or no at GitHub's own page, or by the API."""
        shown = [deployments.job_run(self._site.urls, repo, run, door) for door in doors]
        body: Json = {"approver": people.user(self._site.urls, who), "comment": comment}
        body |= {"workflow_job_runs": shown, "workflow_job_run": {**shown[0], "name": None}}
        body |= self._of_review(repo, run, doors)
        self._send(Event.DEPLOYMENT_REVIEW, state, repo, who, body)

    def _of_review(self, repo: Repository, run: Run, doors: Sequence[Door]) -> Json:
        logins = dict.fromkeys(login for door in doors for login in door.environment.reviewers)
        users = [self._site.world.users[login] for login in logins]
        return {
            "since": stamp(doors[0].since),
            "reviewers": deployments.reviewers(self._site.urls, users),
            "workflow_run": self._beside_deployment(repo, run)["workflow_run"],
        }

    def push(self, repo: Repository, ref: str, before: str, after: str, who: User, new: list[Commit]) -> None:
        """`before` or `after` is all zeros where the reference did not or does not exist."""
        web = f"{self._site.urls.web}/{repo.full_name}"
        shown = [self._commit(repo, one) for one in new]
        head = repo.git.commits.get(repo.git.peel(after))
        body = {
            "ref": ref,
            "before": before,
            "after": after,
            "base_ref": None,
            "created": before == ZERO,
            "deleted": after == ZERO,
            "forced": ZERO not in (before, after) and before not in repo.git.reachable(after),
            "compare": f"{web}/compare/{before[:12]}...{after[:12]}",
            "commits": shown,
            "head_commit": self._commit(repo, head) if head else None,
            "pusher": {"name": who.login, "email": who.email},
        }
        body |= self._around(repo, who) | {"repository": repos.in_push(self._site.urls, repo)}
        self._site.hooks.send(Event.PUSH, None, body, repo.id)

    def reference(self, repo: Repository, event: Event, ref: str, who: User) -> None:
        """A branch or tag came or went."""
        body: Json = {"ref": ref.removeprefix(HEADS).removeprefix(TAGS), "pusher_type": "user"}
        body["ref_type"] = "tag" if ref.startswith(TAGS) else "branch"
        if event is Event.CREATE:
            body |= {"master_branch": repo.default_branch, "description": repo.description, "full_ref": ref}
        self._site.hooks.send(event, None, body | self._around(repo, who), repo.id)

    def status(self, repo: Repository, one: CommitStatus) -> None:
        """Somebody set a commit status."""
        urls, commit = self._site.urls, repo.git.commits[one.sha]
        heads = repo.git.branches_at(one.sha)
        short = [commits.branch_short(urls, repo, name, one.sha) for name in heads]
        shown = actions.commit_status(urls, repo, one)
        kept = (
            "id",
            "avatar_url",
            "state",
            "description",
            "target_url",
            "context",
            "created_at",
            "updated_at",
        )
        body = {
            **{key: shown[key] for key in kept},
            "sha": one.sha,
            "name": repo.full_name,
            "commit": commits.commit(urls, self._site.world, repo, commit),
            "branches": [{key: row[key] for key in ("name", "commit", "protected")} for row in short],
        }
        self._site.hooks.send(Event.STATUS, None, body | self._around(repo, one.creator), repo.id)

    def release(self, repo: Repository, one: Release, action: str, who: User, **more: Json) -> None:
        """One was made, published or changed; `more` is what it was before a change."""
        body = {"release": releases.release(self._site.urls, repo, one)} | more
        self._site.hooks.send(Event.RELEASE, action, body | self._around(repo, who), repo.id)

    def _of_run(self, repo: Repository, run: Run) -> Json:
        known = repo.workflows.get(run.path)
        return {
            "workflow": actions.workflow(self._site.urls, repo, known) if known else None,
            "workflow_run": actions.run(self._site.urls, repo, run),
        }

    def _beside_deployment(self, repo: Repository, run: Run) -> Json:
        """Here GitHub leaves the commit and the repository out of the run."""
        body = self._of_run(repo, run)
        for key in ("head_commit", "repository", "head_repository"):
            del body["workflow_run"][key]
        return body

    def _suite(self, repo: Repository, run: Run) -> Json:
        return actions.check_suite(self._site.urls, self._site.world, repo, run)

    def _commit(self, repo: Repository, one: Commit) -> Json:
        names = {
            kind: [c.path for c in one.changes if c.status == kind]
            for kind in ("added", "removed", "modified")
        }
        return {
            "id": one.sha,
            "tree_id": one.tree_sha,
            "distinct": True,
            "message": one.message,
            "timestamp": stamp(one.committer.date),
            "url": f"{self._site.urls.web}/{repo.full_name}/commit/{one.sha}",
            "author": {"name": one.author.name, "email": one.author.email, "username": one.author.login},
            "committer": {
                "name": one.committer.name,
                "email": one.committer.email,
                "username": one.committer.login,
            },
            **names,
        }

    def _send(self, event: Event, action: str, repo: Repository, sender: User, body: Json) -> None:
        self._site.hooks.send(event, action, body | self._around(repo, sender), repo.id)

    def _around(self, repo: Repository, sender: User) -> Json:
        urls, app = self._site.urls, self._site.access.app
        around: Json = {
            "repository": repos.in_webhook(urls, repo),
            "organization": people.organization(urls, self._site.world.organization),
            "sender": people.user(urls, sender),
        }
        if app is not None:
            number = app.installation_id
            around["installation"] = {"id": number, "node_id": people.node("Installation", number)}
        return around
