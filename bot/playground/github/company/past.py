"""What ran at Acme before the curtain rose: checks of recent commits and a few deployments."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.playground.github import plans
from bot.playground.github.company.people import TOKEN_LOGIN
from bot.playground.github.git import HEADS, TAGS
from bot.playground.github.model import Deployment, DeploymentStatus, Run
from bot.playground.github.names import Conclusion, DeploymentState, Status, Trigger
from bot.playground.github.runner import Order
from bot.playground.github.site import Site
from bot.playground.github.workflow_file import FOLDER
from bot.playground.github.world import Repository

CHECKED = 6


def add_past(site: Site) -> None:
    """CI of the last commits of each branch, and the release that runs in each environment."""
    for repo in site.world.repositories.values():
        for name in sorted(repo.git.refs):
            if name.startswith(HEADS):
                _checks(site, repo, name)
        tags = sorted(name for name in repo.git.refs if name.startswith(TAGS))
        if FOLDER + "deploy.yml" in repo.workflows and len(tags) > 1:
            _deployed(site, repo, tags[-2], "production")
            _deployed(site, repo, tags[-1], "staging")


def _checks(site: Site, repo: Repository, branch: str) -> None:
    tip = repo.git.ref_commit(branch)
    known = {run.head_sha for run in repo.runs.values()}
    for commit in reversed(repo.git.history(tip.sha)[:CHECKED] if tip else []):
        if commit.sha in known:
            continue
        login = commit.author.login or TOKEN_LOGIN
        for workflow in repo.workflows.values():
            file = repo.file_at(workflow, commit.sha)
            if file is not None and file.runs_on_push(branch):
                name = workflow.path.removeprefix(FOLDER)
                _ended(site, repo, name, Trigger.PUSH, login, branch, commit.sha, commit.committer.date, {})


def _deployed(site: Site, repo: Repository, tag: str, environment: str) -> None:
    commit = repo.git.ref_commit(tag)
    if commit is None:
        return
    when = commit.committer.date + timedelta(hours=2)
    inputs = {"environment": environment, "version": commit.sha, "operation": ""}
    run = _ended(site, repo, "deploy.yml", Trigger.DISPATCH, TOKEN_LOGIN, tag, commit.sha, when, inputs)
    end = run.latest.updated_at
    made = Deployment(
        site.world.number("deployment"),
        repo.id,
        commit.sha,
        run.head_branch,
        environment,
        run.actor,
        when,
        production=environment == "production",
        run_id=run.id,
    )
    number = site.world.number("deployment_status")
    made.statuses.append(DeploymentStatus(number, DeploymentState.SUCCESS, "", run.actor, end))
    repo.deployments[made.id] = made


def _ended(
    site: Site,
    repo: Repository,
    file: str,
    trigger: Trigger,
    login: str,
    ref: str,
    sha: str,
    when: datetime,
    inputs: dict[str, str],
) -> Run:
    workflow = repo.workflows[FOLDER + file]
    parsed = repo.file_at(workflow, sha)
    if parsed is None:
        raise LookupError(f"{file} is not in {sha}")
    run = plans.new_run(
        site, Order(repo, workflow, parsed, trigger, site.world.users[login], ref, sha, inputs)
    )
    run.created_at = run.visible_at = when
    attempt, clock = run.latest, when
    attempt.started_at = when
    for job in attempt.jobs:
        job.created_at, job.started_at, job.appeared = when, clock, True
        for step in job.steps:
            step.started_at, clock = clock, clock + timedelta(seconds=step.seconds * 10)
            step.completed_at = clock
            step.status, step.conclusion = Status.COMPLETED, Conclusion.SUCCESS
        job.status, job.conclusion, job.completed_at = Status.COMPLETED, Conclusion.SUCCESS, clock
    attempt.status, attempt.conclusion, attempt.updated_at = Status.COMPLETED, Conclusion.SUCCESS, clock
    repo.runs[run.id] = run
    return run
