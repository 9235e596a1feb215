"""Workflows, runs, jobs, artifacts and checks as JSON."""

from __future__ import annotations

from bot.playground.github.http import Json, maybe_stamp, stamp
from bot.playground.github.model import Artifact, Attempt, Check, CommitStatus, Job, Run, Step
from bot.playground.github.names import Status
from bot.playground.github.shapes.commits import simple
from bot.playground.github.shapes.people import Urls, node, user
from bot.playground.github.shapes.repos import minimal
from bot.playground.github.world import Repository, Workflow, World

ACTIONS_APP_ID = 15368
ACTIONS_SLUG = "github-actions"


def workflow(urls: Urls, repo: Repository, which: Workflow) -> Json:
    me = f"{urls.repo(repo.full_name)}/actions/workflows/{which.id}"
    file = which.path.rpartition("/")[2]
    return {
        "id": which.id,
        "node_id": node("Workflow", which.id),
        "name": which.name,
        "path": which.path,
        "state": which.state,
        "created_at": stamp(which.created_at),
        "updated_at": stamp(which.created_at),
        "url": me,
        "html_url": f"{urls.web}/{repo.full_name}/blob/{repo.default_branch}/{which.path}",
        "badge_url": f"{urls.web}/{repo.full_name}/actions/workflows/{file}/badge.svg",
    }


def run_links(urls: Urls, repo: Repository, which: Run) -> Json:
    me = f"{urls.repo(repo.full_name)}/actions/runs/{which.id}"
    return {
        "url": me,
        "html_url": f"{urls.web}/{repo.full_name}/actions/runs/{which.id}",
        "jobs_url": f"{me}/jobs",
        "logs_url": f"{me}/logs",
        "check_suite_url": f"{urls.repo(repo.full_name)}/check-suites/{which.check_suite_id}",
        "artifacts_url": f"{me}/artifacts",
        "cancel_url": f"{me}/cancel",
        "rerun_url": f"{me}/rerun",
        "previous_attempt_url": None,
        "workflow_url": f"{urls.repo(repo.full_name)}/actions/workflows/{which.workflow_id}",
    }


def run(urls: Urls, repo: Repository, which: Run, attempt: Attempt | None = None) -> Json:
    """A run as it stands in one attempt, by default the latest."""
    now = attempt or which.latest
    links = run_links(urls, repo, which)
    if now.number > 1:
        links["previous_attempt_url"] = f"{links['url']}/attempts/{now.number - 1}"
    head = repo.git.commits.get(which.head_sha)
    return {
        "id": which.id,
        "name": which.workflow_name,
        "node_id": node("WorkflowRun", which.id),
        "head_branch": which.head_branch,
        "head_sha": which.head_sha,
        "path": which.path,
        "display_title": which.title,
        "run_number": which.number,
        "event": which.trigger,
        "status": now.status,
        "conclusion": now.conclusion,
        "workflow_id": which.workflow_id,
        "check_suite_id": which.check_suite_id,
        "check_suite_node_id": node("CheckSuite", which.check_suite_id),
        "pull_requests": [],
        "created_at": stamp(which.created_at),
        "updated_at": stamp(now.updated_at),
        "run_attempt": now.number,
        "run_started_at": stamp(now.started_at),
        "actor": user(urls, which.actor),
        "triggering_actor": user(urls, now.actor),
        "referenced_workflows": [],
        **links,
        "head_commit": simple(head) if head else None,
        "repository": minimal(urls, repo),
        "head_repository": minimal(urls, repo),
    }


def job(urls: Urls, repo: Repository, which: Run, attempt: Attempt, one: Job) -> Json:
    api, started = urls.repo(repo.full_name), one.started_at is not None
    return {
        "id": one.id,
        "run_id": which.id,
        "run_url": f"{api}/actions/runs/{which.id}",
        "run_attempt": attempt.number,
        "node_id": node("WorkflowJob", one.id),
        "head_sha": which.head_sha,
        "head_branch": which.head_branch,
        "url": f"{api}/actions/jobs/{one.id}",
        "html_url": f"{urls.web}/{repo.full_name}/actions/runs/{which.id}/job/{one.id}",
        "check_run_url": f"{api}/check-runs/{one.id}",
        "status": one.status,
        "conclusion": one.conclusion,
        "created_at": stamp(one.created_at),
        "started_at": stamp(one.started_at or one.created_at),
        "completed_at": maybe_stamp(one.completed_at),
        "name": one.name,
        "steps": [_step(step) for step in one.steps] if started else [],
        "labels": ["ubuntu-latest"],
        "runner_id": 1000000042 if started else None,
        "runner_name": "GitHub Actions 42" if started else None,
        "runner_group_id": 0 if started else None,
        "runner_group_name": "GitHub Actions" if started else None,
        "workflow_name": which.workflow_name,
    }


def _step(step: Step) -> Json:
    return {
        "name": step.name,
        "status": step.status,
        "conclusion": step.conclusion,
        "number": step.number,
        "started_at": maybe_stamp(step.started_at),
        "completed_at": maybe_stamp(step.completed_at),
    }


def artifact(urls: Urls, repo: Repository, which: Run, one: Artifact) -> Json:
    me = f"{urls.repo(repo.full_name)}/actions/artifacts/{one.id}"
    return {
        "id": one.id,
        "node_id": node("Artifact", one.id),
        "name": one.name,
        "size_in_bytes": len(one.content),
        "digest": one.digest,
        "url": me,
        "archive_download_url": f"{me}/zip",
        "expired": one.expired,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "expires_at": stamp(one.expires_at),
        "workflow_run": {
            "id": which.id,
            "repository_id": repo.id,
            "head_repository_id": repo.id,
            "head_branch": which.head_branch,
            "head_sha": which.head_sha,
        },
    }


def app(urls: Urls, world: World, slug: str) -> Json:
    """The App behind a check."""
    number = ACTIONS_APP_ID if slug == ACTIONS_SLUG else 900_000 + sum(map(ord, slug))
    return {
        "id": number,
        "slug": slug,
        "node_id": node("App", number),
        "client_id": f"Iv1.{number:016x}",
        "owner": user(urls, world.organization),
        "name": slug.replace("-", " ").title(),
        "description": "",
        "external_url": f"{urls.web}/apps/{slug}",
        "html_url": f"{urls.web}/apps/{slug}",
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2024-04-10T20:33:16Z",
        "permissions": {"checks": "write", "contents": "read", "metadata": "read"},
        "events": ["check_run"],
    }


def check_of_job(urls: Urls, world: World, repo: Repository, which: Run, one: Job) -> Json:
    """The check run that a job makes."""
    details = f"{urls.web}/{repo.full_name}/actions/runs/{which.id}/job/{one.id}"
    return _check(
        urls, world, repo, ACTIONS_SLUG, one.id, one.name, which.head_sha, which.check_suite_id, details
    ) | {
        "status": Status.QUEUED if one.status is Status.PENDING else one.status,
        "conclusion": one.conclusion,
        "started_at": stamp(one.started_at or one.created_at),
        "completed_at": maybe_stamp(one.completed_at),
    }


def check_of_other(urls: Urls, world: World, repo: Repository, one: Check) -> Json:
    """A check run made by any other App."""
    details = f"{urls.web}/apps/{one.app}/{one.id}"
    return _check(urls, world, repo, one.app, one.id, one.name, one.sha, one.suite_id, details) | {
        "status": Status.COMPLETED if one.conclusion else Status.IN_PROGRESS,
        "conclusion": one.conclusion,
        "started_at": stamp(one.at),
        "completed_at": stamp(one.at) if one.conclusion else None,
    }


def _check(
    urls: Urls,
    world: World,
    repo: Repository,
    slug: str,
    number: int,
    name: str,
    sha: str,
    suite: int,
    details: str,
) -> Json:
    me = f"{urls.repo(repo.full_name)}/check-runs/{number}"
    output = {
        "title": None,
        "summary": None,
        "text": None,
        "annotations_count": 0,
        "annotations_url": f"{me}/annotations",
    }
    return {
        "id": number,
        "name": name,
        "node_id": node("CheckRun", number),
        "head_sha": sha,
        "external_id": f"{number:x}",
        "url": me,
        "html_url": details,
        "details_url": details,
        "output": output,
        "check_suite": {"id": suite},
        "app": app(urls, world, slug),
        "pull_requests": [],
    }


def check_suite(urls: Urls, world: World, repo: Repository, which: Run) -> Json:
    now = which.latest
    return _suite(urls, world, repo, ACTIONS_SLUG, which.check_suite_id, which.head_sha) | {
        "head_branch": which.head_branch,
        "status": now.status,
        "conclusion": now.conclusion,
        "created_at": stamp(which.created_at),
        "updated_at": stamp(now.updated_at),
        "latest_check_runs_count": len(now.listed),
    }


def suite_of_other(urls: Urls, world: World, repo: Repository, one: Check) -> Json:
    """The suite around a check run of any other App."""
    return _suite(urls, world, repo, one.app, one.suite_id, one.sha) | {
        "head_branch": repo.default_branch,
        "status": Status.COMPLETED if one.conclusion else Status.IN_PROGRESS,
        "conclusion": one.conclusion,
        "created_at": stamp(one.at),
        "updated_at": stamp(one.at),
        "latest_check_runs_count": 1,
    }


def _suite(urls: Urls, world: World, repo: Repository, slug: str, number: int, sha: str) -> Json:
    me = f"{urls.repo(repo.full_name)}/check-suites/{number}"
    head = repo.git.commits[sha]
    return {
        "id": number,
        "node_id": node("CheckSuite", number),
        "head_sha": sha,
        "url": me,
        "before": head.parents[0] if head.parents else None,
        "after": sha,
        "pull_requests": [],
        "app": app(urls, world, slug),
        "repository": minimal(urls, repo),
        "rerequestable": True,
        "runs_rerequestable": False,
        "check_runs_url": f"{me}/check-runs",
        "head_commit": simple(head),
    }


def commit_status(urls: Urls, repo: Repository, one: CommitStatus) -> Json:
    return {
        "id": one.id,
        "node_id": node("StatusContext", one.id),
        "url": f"{urls.repo(repo.full_name)}/statuses/{one.sha}",
        "avatar_url": f"{urls.web}/avatars/u/{one.creator.id}",
        "state": one.state,
        "description": one.description,
        "target_url": one.target_url,
        "context": one.context,
        "created_at": stamp(one.at),
        "updated_at": stamp(one.at),
        "creator": user(urls, one.creator),
    }
