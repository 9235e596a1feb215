"""What people at GitHub do about environments: guard them, let waiting jobs in, wait too long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.playground.github.finding import ActRefused, Finding
from bot.playground.github.http import Json
from bot.playground.github.model import Door, Environment, Run, User
from bot.playground.github.names import ActName, Gate, Guard
from bot.playground.github.routes.base import Parts
from bot.playground.github.world import Repository

PRODUCTION = "production"


class GateActs:
    """The acts around environments."""

    def __init__(self, parts: Parts, find: Finding) -> None:
        self._parts, self._site, self._gates, self._find = parts, parts.site, parts.gates, find
        self.all: dict[ActName, Callable[[Json], Awaitable[Json]]] = {
            ActName.PROTECT: self.protect,
            ActName.REVIEW: self.review,
            ActName.EXPIRE_GATES: self.expire,
            ActName.GATE_TROUBLE: self.trouble,
        }

    async def protect(self, body: Json) -> Json:
        """Change what guards an environment; what is not named stays, and so does who was asked already.

        `custom_rule`, `admins_may_bypass`, `prevent_self_review` and `protected_branches` are yes or no;
        `reviewers` are logins; `policies` are pairs of a pattern and `branch` or `tag`.
        """
        repo = self._find.repo(body)
        if body.get("custom_rule") and self._site.access.app is None:
            raise ActRefused("No App is installed here that could be asked.")
        one = self._parts.deploying.environment(repo, str(body.get("environment") or PRODUCTION))
        one.custom_rule = bool(body.get("custom_rule", one.custom_rule))
        one.can_admins_bypass = bool(body.get("admins_may_bypass", one.can_admins_bypass))
        one.prevent_self_review = bool(body.get("prevent_self_review", one.prevent_self_review))
        one.protected_branches = bool(body.get("protected_branches", one.protected_branches))
        if "reviewers" in body:
            one.reviewers = tuple(self._find.who({"login": login}).login for login in body["reviewers"])
        if "policies" in body:
            one.policies = tuple((str(pattern), str(kind)) for pattern, kind in body["policies"])
        self._site.note_change()
        return {"text": f"{one.name} of {repo.full_name}: {_guards(one)}.", "environment": one.id}

    async def review(self, body: Json) -> Json:
        """A person lets the jobs in that wait, or turns them away; with `bypass`, as an administrator."""
        repo, run, doors = self._waiting(body)
        state = Gate.REJECTED if body.get("state") == Gate.REJECTED else Gate.APPROVED
        comment = str(body.get("comment") or "")
        if body.get("bypass"):
            who = self._find.who(body, "ada")
            _may_bypass(repo, doors, who, state)
            self._gates.bypass(repo, run, doors, who, comment)
            return {"text": f"{who.name} started what waits in run {run.id}, past every rule.", "run": run.id}
        doors = [door for door in doors if Guard.REVIEWERS in door.open]
        who = self._find.who(body, doors[0].environment.reviewers[0] if doors else "")
        doors = [door for door in doors if who.login in door.environment.reviewers]
        if not doors:
            raise ActRefused(f"Run {run.id} waits for no review by {body.get('login') or 'anybody'}.")
        self._gates.review(repo, run, doors, state, who, comment)
        return {"text": f"{who.name} {state} what waits in run {run.id}.", "run": run.id}

    async def expire(self, body: Json) -> Json:
        """The 30 days of what waits are over now."""
        _, run, doors = self._waiting(body)
        self._gates.expire(doors)
        return {"text": f"Run {run.id} waited for 30 days and fails.", "run": run.id}

    async def trouble(self, body: Json) -> Json:
        """GitHub stumbles over the App's next answers, as it may when many come at once."""
        self._gates.trouble = int(body.get("times", 1))
        return {"text": f"GitHub fails to take the App's next {self._gates.trouble} answers."}

    def _waiting(self, body: Json) -> tuple[Repository, Run, list[Door]]:
        """The doors of the run that is named, else of the newest one that waits."""
        wanted, environment = str(body.get("run") or ""), str(body.get("environment") or "")
        for repo, run in sorted(self._find.runs(), key=lambda row: -row[1].id):
            doors = self._gates.waiting(run)
            doors = [door for door in doors if environment in ("", door.environment.name)]
            if doors and wanted in ("", str(run.id)):
                return repo, run, doors
        raise ActRefused("No run waits at an environment.")


def _may_bypass(repo: Repository, doors: list[Door], who: User, state: Gate) -> None:
    if state is not Gate.APPROVED:
        raise ActRefused("Rules are bypassed to let a job in, never to turn it away.")
    if repo.roles.get(who.login) != "admin":
        raise ActRefused(f"{who.name} is no administrator of {repo.full_name}.")
    shut = next((door.environment.name for door in doors if not door.environment.can_admins_bypass), None)
    if shut is not None:
        raise ActRefused(f"Administrators may not bypass the rules of {shut}.")


def _guards(one: Environment) -> str:
    """In words, for whoever pressed the button."""
    said = ["the App is asked"] if one.custom_rule else []
    said += [f"{', '.join(one.reviewers)} must agree"] if one.reviewers else []
    said += [] if one.can_admins_bypass else ["administrators may not bypass that"]
    return ", ".join(said) or "nobody is asked"
