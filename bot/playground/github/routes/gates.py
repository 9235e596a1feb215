"""Runs that wait at an environment: who is asked, and answering."""

from __future__ import annotations

from aiohttp import web

from bot.playground.github.auth import Kind
from bot.playground.github.deploying import Guard
from bot.playground.github.http import Json, Refusal, Route, answer, body_of, invalid, needed, nothing
from bot.playground.github.model import Environment, Run
from bot.playground.github.names import Gate, Where
from bot.playground.github.routes.base import REPO, Area, Parts, text
from bot.playground.github.routes.runs import RunArea
from bot.playground.github.shapes import deployments
from bot.playground.github.world import Repository

MOST_COMMENT = 1_024


class GateArea(Area):
    """Required reviewers, and the rule of an App."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._runs = RunArea(parts)

    def routes(self) -> list[Route]:
        run = REPO + "/actions/runs/{run}"
        return [
            Route("GET", run + "/pending_deployments", Where.PENDING_DEPLOYMENTS, self.pending),
            Route("POST", run + "/pending_deployments", Where.PENDING_REVIEW, self.review),
            Route("GET", run + "/approvals", Where.RUN_APPROVALS, self.approvals),
            Route("POST", run + "/deployment_protection_rule", Where.PROTECTION_RULE, self.rule),
        ]

    async def pending(self, request: web.Request) -> web.StreamResponse:
        repo, run = self._runs.find(request)
        me = self.principal(request).user.login
        waiting = self.parts.deploying.waiting(repo, run)
        return answer([self._pending(repo, one, me) for one in waiting])

    def _pending(self, repo: Repository, one: Environment, me: str) -> Json:
        reviewers = [self.world.users[login] for login in one.reviewers]
        return deployments.pending(self.urls, repo, one, reviewers, me in one.reviewers)

    async def review(self, request: web.Request) -> web.StreamResponse:
        """A person's review; an App cannot give one."""
        repo, run = self._runs.find(request)
        body, who = await body_of(request), self.principal(request)
        wanted = body.get("environment_ids")
        if not isinstance(wanted, list):
            raise invalid('Invalid request.\n\n"environment_ids" wasn\'t supplied.')
        state = _gate(body)
        waiting = [e for e in self.parts.deploying.waiting(repo, run) if e.id in wanted]
        if who.kind is not Kind.TOKEN or any(who.user.login not in e.reviewers for e in waiting):
            raise Refusal(403, "Resource not accessible by integration")
        if not waiting:
            raise invalid("There are no pending deployment requests to approve or reject")
        for one in waiting:
            comment = text(body, "comment")
            self.parts.deploying.answer(run, Guard.REVIEWERS, one.name, state, who.user, comment)
        mine = [d for d in repo.deployments.values() if d.run_id == run.id]
        return answer([deployments.deployment(self.urls, repo, one) for one in mine])

    async def approvals(self, request: web.Request) -> web.StreamResponse:
        repo, run = self._runs.find(request)
        of = self.parts.deploying.environment
        return answer(
            [deployments.approval(self.urls, repo, of(repo, a.environment), a) for a in run.approvals]
        )

    async def rule(self, request: web.Request) -> web.StreamResponse:
        """An App's answer; without `state` it is a report that decides nothing."""
        repo, run = self._runs.find(request)
        body, who = await body_of(request), self.principal(request)
        if who.kind is not Kind.INSTALLATION:
            raise Refusal(403, "Resource not accessible by personal access token")
        name, comment = needed(body, "environment_name"), text(body, "comment")
        if len(comment) > MOST_COMMENT:
            raise invalid(f"Comment is too long (maximum is {MOST_COMMENT} characters)")
        self._waits(repo, run, name)
        if body.get("state") is not None:
            self.parts.deploying.answer(run, Guard.RULE, name, _gate(body), who.user, comment)
        return nothing()

    def _waits(self, repo: Repository, run: Run, name: str) -> None:
        deploying = self.parts.deploying
        waiting = [one.name for one in deploying.waiting(repo, run)]
        if name not in waiting or Guard.RULE not in deploying.guards(repo, run, name):
            raise invalid(f"No pending deployment protection rule was found for {name}")


def _gate(body: Json) -> Gate:
    state = needed(body, "state")
    if state not in (Gate.APPROVED, Gate.REJECTED):
        raise invalid("Invalid request.\n\nstate must be one of approved, rejected.")
    return Gate(state)
