"""The director: lists what can go wrong in the playground, and makes it go wrong when asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.playground.control import ANYWHERE, Control, Fault, FaultKind
from bot.playground.github import ActName, GitHubStandIn, WebhookMode, Where
from bot.playground.slack.director_port import ActField, ActResult, DirectorAct

Args = dict[str, Any]
POST_MESSAGE = "chat.postMessage"
GUARDS: dict[str, Args] = {
    "a reviewer": {"reviewers": ["grace"], "custom_rule": False},
    "the bot's App": {"reviewers": [], "custom_rule": True},
    "nobody": {"reviewers": [], "custom_rule": False},
}
DECISIONS: dict[str, Args] = {
    "approve": {"state": "approved"},
    "reject": {"state": "rejected"},
    "bypass as administrator": {"bypass": True},
}


class DirectorActName(StrEnum):
    """The buttons of the side panel, in their order."""

    FAIL_DEPLOY = "fail_deploy"
    HOLD_DEPLOY = "hold_deploy"
    FINISH_NOW = "finish_now"
    LOSE_DISPATCH = "lose_dispatch"
    DROP_DISPATCH = "drop_dispatch"
    LATE_LISTING = "late_listing"
    PUSH_COMMIT = "push_commit"
    MOVE_BRANCH = "move_branch"
    MOVE_TAG = "move_tag"
    PUBLISH_RELEASE = "publish_release"
    START_RUN = "start_run"
    CANCEL_RUN = "cancel_run"
    RERUN = "rerun"
    DISABLE_WORKFLOW = "disable_workflow"
    PROTECT = "protect"
    REVIEW = "review"
    WEBHOOKS = "webhooks"
    GITHUB_DOWN = "github_down"
    GITHUB_LIMITS = "github_limits"
    SLACK_LOSES = "slack_loses"
    SLACK_LIMITS = "slack_limits"


@dataclass(frozen=True)
class Button:
    """One act as the side panel shows it, and what it does."""

    label: str
    hint: str
    do: Callable[[Args], Awaitable[ActResult]]
    fields: tuple[ActField, ...] = ()


class Director:
    """Moves the scenery of GitHub, and of Slack once it is attached."""

    def __init__(self, github: GitHubStandIn) -> None:
        self._github = github
        self._slack: Control | None = None
        self._buttons = {
            **self._deploy_buttons(),
            **self._code_buttons(),
            **self._run_buttons(),
            **self._gate_buttons(),
            **self._outage_buttons(),
        }

    def attach_slack(self, control: Control) -> None:
        """Make Slack's faults available."""
        self._slack = control

    def acts(self) -> list[DirectorAct]:
        """What can be asked for."""
        return [
            {"name": name, "label": button.label, "hint": button.hint, "fields": list(button.fields)}
            for name, button in ((name, self._buttons[name]) for name in DirectorActName)
        ]

    async def perform(self, name: str, args: Args) -> ActResult:
        """Do it, and say in one sentence what came of it."""
        if name not in list(DirectorActName):
            return {"ok": False, "text": f"The director knows no act “{name}”."}
        try:
            return await self._buttons[DirectorActName(name)].do(args)
        except (KeyError, TypeError, ValueError) as error:
            return {"ok": False, "text": f"That did not fit: {error}."}

    def _deploy_buttons(self) -> dict[DirectorActName, Button]:
        name = DirectorActName
        return {
            name.FAIL_DEPLOY: Button(
                "Fail the next deploy",
                "The next run that has this job breaks there.",
                self._act(ActName.FAIL_NEXT),
                (_choice("job", "At", ["smoke test", "deploy", "build"]),),
            ),
            name.HOLD_DEPLOY: Button(
                "Hold the next deploy",
                "The next run that has this job stays in it until “Finish now”.",
                self._act(ActName.HOLD_NEXT),
                (_choice("job", "At", ["deploy", "smoke test", "build"]),),
            ),
            name.FINISH_NOW: Button(
                "Finish now", "Every run ends without taking its time.", self._act(ActName.FINISH_NOW)
            ),
            name.LOSE_DISPATCH: Button(
                "Lose the next answer to a dispatch",
                "The workflow starts, and the connection breaks before GitHub can say so.",
                self._fault(
                    Where.DISPATCH, FaultKind.LOSE_ANSWER, "GitHub takes the next dispatch, and says nothing."
                ),
            ),
            name.DROP_DISPATCH: Button(
                "Drop the next dispatch",
                "The connection breaks before GitHub has seen the call: nothing starts.",
                self._fault(Where.DISPATCH, FaultKind.DROP, "The next dispatch does not reach GitHub."),
            ),
            name.LATE_LISTING: Button(
                "Show new runs late",
                "Runs that start now are not listed, nor found by their number, for a while.",
                self._act(ActName.LATE_LISTING),
                (_seconds("20"),),
            ),
        }

    def _code_buttons(self) -> dict[DirectorActName, Button]:
        name, service = DirectorActName, self._services()
        return {
            name.PUSH_COMMIT: Button(
                "Push a commit",
                "Somebody pushes to the default branch, and CI runs on it.",
                self._act(ActName.ADD_COMMIT),
                (
                    service,
                    _people(),
                    {"name": "message", "label": "Message", "default": "Fix the rounding of totals"},
                ),
            ),
            name.MOVE_BRANCH: Button(
                "Rewrite the branch",
                "The last commit of the default branch is replaced by a forced push.",
                self._act(ActName.FORCE_PUSH),
                (service,),
            ),
            name.MOVE_TAG: Button(
                "Move a tag",
                "A tag points at the newest commit from now on.",
                self._act(ActName.MOVE_TAG),
                (service, {"name": "tag", "label": "Tag", "default": "v1.5.0"}),
            ),
            name.PUBLISH_RELEASE: Button(
                "Publish a release",
                "The newest commit gets a tag and notes; channels with on=release hear of it.",
                self._act(ActName.PUBLISH_RELEASE),
                (service, _people(), {"name": "tag", "label": "Tag", "default": "v1.6.0"}),
            ),
        }

    def _run_buttons(self) -> dict[DirectorActName, Button]:
        name, service = DirectorActName, self._services()
        return {
            name.START_RUN: Button(
                "Start a run nobody asked for in chat",
                "Somebody deploys at GitHub's own page.",
                self._act(ActName.START_RUN),
                (service, _people(), _choice("environment", "To", ["staging", "production"])),
            ),
            name.CANCEL_RUN: Button(
                "Cancel the newest run at GitHub", "As somebody would there.", self._act(ActName.CANCEL_RUN)
            ),
            name.RERUN: Button(
                "Run the newest run again",
                "A second attempt under the same number.",
                self._act(ActName.RERUN),
            ),
            name.DISABLE_WORKFLOW: Button(
                "Disable the deploy workflow",
                "GitHub refuses to dispatch it until it is enabled again.",
                self._switch,
                (service, _choice("state", "State", ["disabled", "enabled"])),
            ),
            name.WEBHOOKS: Button(
                "Change how webhooks arrive",
                "Webhooks are hints; everything must come out right without them.",
                self._act(ActName.WEBHOOKS),
                (_choice("mode", "From now on", [*WebhookMode]),),
            ),
        }

    def _gate_buttons(self) -> dict[DirectorActName, Button]:
        name, service = DirectorActName, self._services()
        return {
            name.PROTECT: Button(
                "Guard production at GitHub",
                "Runs that deploy there wait for somebody's yes at GitHub.",
                self._protect,
                (service, _choice("by", "Who is asked", [*GUARDS])),
            ),
            name.REVIEW: Button(
                "Decide about a run at GitHub",
                "A person there answers for the newest run that waits.",
                self._review,
                (_choice("decision", "Decision", [*DECISIONS]),),
            ),
        }

    def _outage_buttons(self) -> dict[DirectorActName, Button]:
        name = DirectorActName
        return {
            name.GITHUB_DOWN: Button(
                "GitHub is down",
                "Every call is answered with 503.",
                self._act(ActName.OUTAGE),
                (_seconds("20"),),
            ),
            name.GITHUB_LIMITS: Button(
                "GitHub limits the next 3 calls",
                "They are answered with 429 and have to be made again.",
                self._fault(ANYWHERE, FaultKind.RATE_LIMIT, "The next 3 calls to GitHub are too many.", 3),
            ),
            name.SLACK_LOSES: Button(
                "Slack loses the next answer",
                "The next message is posted, and the connection breaks before Slack can say so.",
                self._slack_fault(
                    POST_MESSAGE, FaultKind.LOSE_ANSWER, 1, "The next post arrives, and Slack says nothing."
                ),
            ),
            name.SLACK_LIMITS: Button(
                "Slack limits the next 3 calls",
                "They are answered with 429 and have to be made again.",
                self._slack_fault(
                    ANYWHERE, FaultKind.RATE_LIMIT, 3, "The next 3 calls to Slack are too many."
                ),
            ),
        }

    def _act(self, act: ActName) -> Callable[[Args], Awaitable[ActResult]]:
        async def do(args: Args) -> ActResult:
            told = await self._github.acts.perform(
                act, **{k: v for k, v in args.items() if v not in ("", None)}
            )
            return {"ok": bool(told["ok"]), "text": str(told["text"])}

        return do

    def _fault(
        self, where: str, kind: FaultKind, text: str, times: int = 1
    ) -> Callable[[Args], Awaitable[ActResult]]:
        async def do(_args: Args) -> ActResult:
            self._github.control.faults.append(Fault(where, kind, times))
            return {"ok": True, "text": text}

        return do

    def _slack_fault(
        self, where: str, kind: FaultKind, times: int, text: str
    ) -> Callable[[Args], Awaitable[ActResult]]:
        async def do(_args: Args) -> ActResult:
            if self._slack is None:
                return {"ok": False, "text": "There is no Slack in this playground."}
            self._slack.faults.append(Fault(where, kind, times))
            return {"ok": True, "text": text}

        return do

    async def _switch(self, args: Args) -> ActResult:
        enabled = args.get("state") == "enabled"
        return await self._act(ActName.DISABLE_WORKFLOW)({**args, "state": None, "enabled": enabled})

    async def _protect(self, args: Args) -> ActResult:
        return await self._act(ActName.PROTECT)({**args, "by": None, **GUARDS[str(args.get("by"))]})

    async def _review(self, args: Args) -> ActResult:
        return await self._act(ActName.REVIEW)(DECISIONS[str(args.get("decision"))])

    def _services(self) -> ActField:
        names = [repo.name for repo in self._github.world.repositories.values()]
        return _choice("repository", "Repository", names)


def _choice(name: str, label: str, options: list[str]) -> ActField:
    return {"name": name, "label": label, "options": options, "default": options[0]}


def _people() -> ActField:
    return _choice("login", "Who", ["linus", "grace", "margaret", "ada"])


def _seconds(default: str) -> ActField:
    return {"name": "seconds", "label": "Seconds", "default": default}
