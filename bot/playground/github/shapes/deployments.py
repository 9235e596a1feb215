"""Environments, deployments and their gates as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from bot.playground.github.http import Json, stamp
from bot.playground.github.model import Approval, Deployment, DeploymentStatus, Door, Environment, Run, User
from bot.playground.github.names import Status
from bot.playground.github.shapes.people import Urls, node, user
from bot.playground.github.world import Repository


def environment(urls: Urls, repo: Repository, one: Environment, asked: Sequence[User] = ()) -> Json:
    """With those who are asked before a deployment, where the answer has room for them."""
    restricted = bool(one.policies) or one.protected_branches
    return {
        "id": one.id,
        "node_id": node("Environment", one.id),
        "name": one.name,
        "url": f"{urls.repo(repo.full_name)}/environments/{one.name}",
        "html_url": f"{urls.web}/{repo.full_name}/deployments/activity_log?environments_filter={one.name}",
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
        "can_admins_bypass": one.can_admins_bypass,
        "protection_rules": _rules(urls, one, asked, restricted),
        "deployment_branch_policy": {
            "protected_branches": one.protected_branches,
            "custom_branch_policies": not one.protected_branches,
        }
        if restricted
        else None,
    }


def _rules(urls: Urls, one: Environment, asked: Sequence[User], restricted: bool) -> list[Json]:
    rules: list[Json] = []
    if one.reviewers:
        rules.append(
            {
                "id": one.id + 1,
                "node_id": node("GA", one.id + 1),
                "type": "required_reviewers",
                "prevent_self_review": one.prevent_self_review,
                "reviewers": reviewers(urls, asked),
            }
        )
    if restricted:
        rules.append({"id": one.id + 2, "node_id": node("GA", one.id + 2), "type": "branch_policy"})
    return rules


def reviewers(urls: Urls, asked: Sequence[User]) -> list[Json]:
    return [{"type": "User", "reviewer": user(urls, who)} for who in asked]


def branch_policy(one: Environment, index: int) -> Json:
    name, kind = one.policies[index]
    number = one.id + 10 + index
    return {"id": number, "node_id": node("DeploymentBranchPolicy", number), "name": name, "type": kind}


def protection_rule(urls: Urls, one: Environment, app_id: int, slug: str) -> Json:
    """A custom rule: an App that is asked before a job may use the environment."""
    return {
        "id": one.id + 3,
        "node_id": node("DeploymentProtectionRule", one.id + 3),
        "enabled": True,
        "app": {
            "id": app_id,
            "node_id": node("App", app_id),
            "slug": slug,
            "integration_url": f"{urls.api}/apps/{slug}",
        },
    }


def pending(urls: Urls, repo: Repository, one: Environment, asked: Sequence[User], mine: bool) -> Json:
    shown = environment(urls, repo, one)
    return {
        "environment": {key: shown[key] for key in ("id", "node_id", "name", "url", "html_url")},
        "wait_timer": 0,
        "wait_timer_started_at": None,
        "current_user_can_approve": mine,
        "reviewers": reviewers(urls, asked),
    }


def approval(urls: Urls, repo: Repository, one: Environment, given: Approval) -> Json:
    shown = environment(urls, repo, one)
    keys = ("id", "node_id", "name", "url", "html_url", "created_at", "updated_at")
    return {
        "environments": [{key: shown[key] for key in keys}],
        "state": given.state,
        "user": user(urls, given.user),
        "comment": given.comment,
    }


def job_run(urls: Urls, repo: Repository, which: Run, door: Door) -> Json:
    """The waiting job as a review tells of it."""
    return {
        "id": door.job.id,
        "name": door.job.name,
        "environment": door.environment.name,
        "status": Status.WAITING,
        "conclusion": None,
        "html_url": f"{urls.web}/{repo.full_name}/actions/runs/{which.id}/job/{door.job.id}",
        "created_at": stamp(door.job.created_at),
        "updated_at": stamp(door.since),
    }


def deployment(urls: Urls, repo: Repository, one: Deployment) -> Json:
    me = f"{urls.repo(repo.full_name)}/deployments/{one.id}"
    changed = one.statuses[-1].created_at if one.statuses else one.created_at
    return {
        "url": me,
        "id": one.id,
        "node_id": node("Deployment", one.id),
        "sha": one.sha,
        "ref": one.ref,
        "task": one.task,
        "payload": one.payload,
        "original_environment": one.environment,
        "environment": one.environment,
        "description": one.description or None,
        "creator": user(urls, one.creator),
        "created_at": stamp(one.created_at),
        "updated_at": stamp(changed),
        "statuses_url": f"{me}/statuses",
        "repository_url": urls.repo(repo.full_name),
        "transient_environment": False,
        "production_environment": one.production,
        "performed_via_github_app": None,
    }


def deployment_status(urls: Urls, repo: Repository, one: Deployment, status: DeploymentStatus) -> Json:
    me = f"{urls.repo(repo.full_name)}/deployments/{one.id}"
    return {
        "url": f"{me}/statuses/{status.id}",
        "id": status.id,
        "node_id": node("DeploymentStatus", status.id),
        "state": status.state,
        "creator": user(urls, status.creator),
        "description": status.description,
        "environment": one.environment,
        "target_url": status.log_url,
        "created_at": stamp(status.created_at),
        "updated_at": stamp(status.created_at),
        "deployment_url": me,
        "repository_url": urls.repo(repo.full_name),
        "environment_url": status.environment_url,
        "log_url": status.log_url,
        "performed_via_github_app": None,
    }
