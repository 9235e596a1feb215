"""Runs that wait at an environment, and the answer of a custom deployment protection rule.

Only a GitHub App has such a rule. A token can read that a run waits; nothing waits for its answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from github import GithubException
from github.Repository import Repository
from github.WorkflowRun import WorkflowRun

from bot.core.errors import NeedsHuman
from bot.core.gate_runs import GateDecision, GateView, GateWord
from bot.core.runs import RunRef
from bot.core.visible import clip, visible
from integrations.github import statuses
from integrations.github.clients import send
from integrations.github.errors import Call, status_of
from integrations.github.runs import run_of

APP = "Bot"  # the type of an App's account
ANSWERS = "deployments: write"
LONGEST_COMMENT = 1_000  # GitHub takes 1,024 characters


def view(repo: Repository, ref: RunRef, app: str) -> GateView | None:
    """The run with what it waits for; `app` is the number of ours, empty for a token."""
    try:
        run = repo.get_workflow_run(int(ref.external_id)).complete()
    except GithubException as error:
        if status_of(error) == 404:
            return None
        raise
    waits = _waiting(repo, run) if run.status != statuses.COMPLETED else frozenset()
    who = run.triggering_actor or run.actor
    return GateView(
        run=run_of(ref, run, []),
        workflow=path_of(repo, run),
        event=run.event or "",
        actor=who.login if who else "",
        actor_id=str(who.id) if who else "",
        branch=run.head_branch or "",
        waits=waits,
        ours=frozenset(name for name in waits if app and asks_us(repo, name, app)),
        decisions=tuple(_decisions(repo, run)),
    )


def answer(repo: Repository, ref: RunRef, gate: str, word: GateWord, comment: str) -> bool:
    """Tell the rule once; False where GitHub says that nothing waits for it."""
    path = f"{repo.url}/actions/runs/{int(ref.external_id)}/deployment_protection_rule"
    body = {"environment_name": gate, "state": word.value, "comment": _harmless(comment)}
    try:
        send(repo.requester, "POST", path, body)
    except GithubException as error:
        if status_of(error) != 422:
            raise
        return False
    return True


def only_an_app(call: Call) -> NeedsHuman:
    """What a token is told."""
    return NeedsHuman(
        f"We could not {call.doing} in {call.repository}.",
        "Only a GitHub App answers a deployment protection rule, and this is a token.",
        "An operator can set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY instead of GITHUB_TOKEN.",
    )


def _waiting(repo: Repository, run: WorkflowRun) -> frozenset[str]:
    pending = look_up(repo, f"/actions/runs/{run.id}/pending_deployments")
    return frozenset(_names(_list(pending)))


def _names(pending: Iterable[Any]) -> Iterator[str]:
    for each in pending:
        name = (each.get("environment") or {}).get("name")
        if isinstance(name, str) and name:
            yield name


def asks_us(repo: Repository, environment: str, app: str) -> bool:
    """Whether the App of this number is among the rules of the environment."""
    told = look_up(repo, f"/environments/{quote(environment, safe='')}/deployment_protection_rules")
    rules = _list((told or {}).get("custom_deployment_protection_rules"))
    return app in {str((rule.get("app") or {}).get("id")) for rule in rules if rule.get("enabled")}


def _decisions(repo: Repository, run: WorkflowRun) -> Iterator[GateDecision]:
    """What people said there; neither Apps, ours among them, nor words that we do not know are told."""
    for each in _list(look_up(repo, f"/actions/runs/{run.id}/approvals")):
        user, word = each.get("user") or {}, each.get("state")
        if word not in set(GateWord) or user.get("type") == APP:
            continue
        for environment in _list(each.get("environments")):
            name = environment.get("name")
            if isinstance(name, str):
                yield GateDecision(
                    name, GateWord(word), user.get("login") or "", str(each.get("comment") or "")
                )


def look_up(repo: Repository, path: str) -> Any:
    """What is there; None where nothing is, or where an older server knows no such thing."""
    try:
        return repo.requester.requestJsonAndCheck("GET", repo.url + path)[1]
    except GithubException as error:
        if status_of(error) == 404:
            return None
        raise


def _list(told: object) -> list[Any]:
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []


def path_of(repo: Repository, run: WorkflowRun) -> str:
    """GitHub may write `deploy.yml@main`; a file may be called so as well, so the workflow is asked."""
    return repo.get_workflow(run.workflow_id).complete().path if "@" in run.path else run.path


def _harmless(comment: str) -> str:
    """Names are people's own words: none of them shall call an account of GitHub."""
    return clip(visible(comment).replace("@", "@\u200b"), LONGEST_COMMENT)
