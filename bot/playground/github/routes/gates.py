"""Runs that wait at an environment: who is asked, and answering."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.playground.github.auth import Kind
from bot.playground.github.gates import MOST_REPORTS
from bot.playground.github.http import Json, Refusal, Route, answer, body_of, invalid, needed, nothing
from bot.playground.github.model import Door, Environment, Run, User
from bot.playground.github.names import Gate, Guard, Where
from bot.playground.github.routes.base import REPO, Area, Parts, text
from bot.playground.github.routes.runs import RunArea
from bot.playground.github.shapes import deployments
from bot.playground.github.world import Repository

MOST_COMMENT = 1_024


class GateArea(Area):
    """Required reviewers, and the rule of an App."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._runs, self._gates = RunArea(parts), parts.gates

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
        me, waiting = self.principal(request).user, self._gates.waiting(run)
        environments = {door.environment.id: door.environment for door in waiting}
        mine = {door.environment.id for door in _for_review(waiting, run, me)}
        return answer([self._pending(repo, one, one.id in mine) for one in environments.values()])

    def _pending(self, repo: Repository, one: Environment, mine: bool) -> Json:
        asked = [self.world.users[login] for login in one.reviewers]
        return deployments.pending(self.urls, repo, one, asked, mine)

    async def review(self, request: web.Request) -> web.StreamResponse:
        """A person's review; an App cannot give one."""
        repo, run = self._runs.find(request)
        body, who = await body_of(request), self.principal(request)
        wanted = body.get("environment_ids")
        if not isinstance(wanted, list):
            raise invalid('Invalid request.\n\n"environment_ids" wasn\'t supplied.')
        state, comment = _gate(body), needed(body, "comment")
        if who.kind is not Kind.TOKEN:
            raise Refusal(403, "Resource not accessible by integration")
        doors = _for_review(self._gates.waiting(run), run, who.user)
        doors = [door for door in doors if door.environment.id in wanted]
        if not doors:
            # GitHub looks only at what this person may decide: a stranger reads the same words.
            raise Refusal(422, "Validation Failed", "No pending deployment requests to approve or reject")
        self._gates.review(repo, run, doors, state, who.user, comment)
        return answer([deployments.deployment(self.urls, repo, door.deployment) for door in doors])

    async def approvals(self, request: web.Request) -> web.StreamResponse:
        repo, run = self._runs.find(request)
        of = self.parts.deploying.environment
        return answer(
            [deployments.approval(self.urls, repo, of(repo, a.environment), a) for a in run.approvals]
        )

    async def rule(self, request: web.Request) -> web.StreamResponse:
        """An App's answer; without `state` it is a report that decides nothing."""
        _, run = self._runs.find(request)
        body, who = await body_of(request), self.principal(request)
        if who.kind is not Kind.INSTALLATION:
            raise Refusal(403, "Resource not accessible by personal access token")
        name, state = needed(body, "environment_name"), _gate(body) if "state" in body else None
        comment = needed(body, "comment") if state is None else text(body, "comment")
        if len(comment) > MOST_COMMENT:
            raise invalid(f"Comment is too long (maximum is {MOST_COMMENT} characters)")
        doors = self._asked(run, name)
        if self._gates.trouble:
            self._gates.trouble -= 1
            raise invalid("There was a problem approving one of the gates")
        if state is not None:
            self._gates.answer_rule(run, doors, state, who.user, comment)
        elif any(door.reports >= MOST_REPORTS for door in doors):
            raise invalid(f"No more than {MOST_REPORTS} comments can be added to a deployment")
        else:
            self._gates.report(run, doors, who.user, comment)
        return nothing()

    def _asked(self, run: Run, name: str) -> list[Door]:
        """The doors where the App's answer is still wanted."""
        doors = [door for door in self._gates.waiting(run) if door.environment.name == name]
        doors = [door for door in doors if Guard.RULE in door.asked]
        if not doors:
            raise invalid(
                f"No pending custom deployment requests in workflow run `{run.id}` to approve or reject"
            )
        still = [door for door in doors if Guard.RULE in door.open]
        if not still:
            raise invalid("Deployment protection rule has already been reviewed")
        return still


def _for_review(doors: Sequence[Door], run: Run, who: User) -> list[Door]:
    """Those that this person may let in or turn away."""
    return [
        door
        for door in doors
        if Guard.REVIEWERS in door.open
        and who.login in door.environment.reviewers
        and not (door.environment.prevent_self_review and who == run.latest.actor)
    ]


def _gate(body: Json) -> Gate:
    state = needed(body, "state")
    if state not in (Gate.APPROVED, Gate.REJECTED):
        raise invalid("Invalid request.\n\nstate must be one of approved, rejected.")
    return Gate(state)
