"""The checks that the catalog names must be green on the exact commit, made by whom the catalog says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.catalog import Policy, Tier
from bot.core.checks import ACTIONS_APP, Check, Checks, CheckState, FromAccount, FromApp, workflow_path
from bot.core.errors import Bug
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.records import Deployment
from bot.core.rules import CheckRule
from bot.core.text import Link
from bot.core.values import short
from bot.core.visible import clip, visible

NAME = "checks"
LINKS = 5
LONGEST_NAME, LONGEST_URL = 80, 1_000
BY_ITSELF = "It goes on by itself as soon as they are green."
ON_PUSH = "A workflow that runs for pull requests alone needs `push` under its `on:`."


class Standing(StrEnum):
    """How a check that is asked for stands; in the order in which a person wants to hear of it."""

    NOT_GREEN = "not green"
    OTHER_TREE = "ran on another tree"  # its run shows up on this commit, and was about other code
    NOT_COUNTED = "does not count"  # it is there, but not from where it must come
    MISSING = "missing"
    PENDING = "has not ended"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's answer; `more` is a sentence where there is more to say."""

    name: str
    standing: Standing
    more: str = ""
    check: Check | None = None


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Open while each of them is green; nothing here is for good, since a check may run again."""
    match facts[FactKind.CHECKS]:
        case Unreadable(why):
            return _unreadable(why)
        case Known(value=Checks() as told):
            production = policy.tier is Tier.PRODUCTION
            findings = [find(rule, told.each, production=production) for rule in policy.checks]
            return _verdict(deployment, findings)
        case Known():
            raise Bug("the gate of the checks was given another fact")


def find(rule: CheckRule, checks: Sequence[Check], *, production: bool) -> Finding:
    """How this check stands, by those alone that come from where it must come."""
    named = [
        (check, objection(rule, check, production=production)) for check in checks if check.name == rule.name
    ]
    right = [check for check, against in named if not against]
    counted = _last_words([check for check in right if not _other_tree(check)])
    for state, standing in (
        (CheckState.NOT_GREEN, Standing.NOT_GREEN),
        (CheckState.PENDING, Standing.PENDING),
        (CheckState.GREEN, Standing.GREEN),
    ):
        check = next((each for each in counted if each.state is state), None)
        if check is not None:
            return Finding(_shown(rule.name), standing, _ended(check), check)
    if right:
        more = f"{_shown(rule.name)} {_other_tree(right[0])}; it does not count."
        return Finding(_shown(rule.name), Standing.OTHER_TREE, more, check=right[0])
    if named:
        why = "; ".join(dict.fromkeys(against for _, against in named))
        return Finding(
            _shown(rule.name), Standing.NOT_COUNTED, f"{_shown(rule.name)} {why}.", check=named[0][0]
        )
    return Finding(_shown(rule.name), Standing.MISSING)


def objection(rule: CheckRule, check: Check, *, production: bool) -> str:
    """Why a check of the right name does not count; empty when it does."""
    match check.source:
        case FromAccount(creator):
            if creator.casefold() in (each.casefold() for each in rule.creators):
                return ""
            wanted = ", ".join(rule.creators) or "a check run, not from a commit status"
            return f"is a commit status that {_shown(creator)} set; it must come from {wanted}"
        case FromApp(app) if rule.creators:
            wanted = ", ".join(rule.creators)
            return f"is a check run of the app {_shown(app)}; it must be a commit status of {wanted}"
        case FromApp(app) if rule.app is not None and app.casefold() != rule.app.casefold():
            return f"is made by the app {_shown(app)}; it must come from the app {rule.app}"
        case FromApp() as source:
            return _wrong_workflow(rule, source, production=production)


def _wrong_workflow(rule: CheckRule, source: FromApp, *, production: bool) -> str:
    """Where the catalog names none, production takes those that stand on the default branch."""
    if rule.workflow is not None:
        fits, wanted = source.workflow == workflow_path(rule.workflow), f"be a job of {rule.workflow}"
    elif production and rule.app == ACTIONS_APP:
        fits, wanted = source.on_default_branch, "be a job of a workflow that stands on the default branch"
    else:
        return ""
    if fits:
        return ""
    if source.workflow is None:
        return f"is not a job of any workflow here; it must {wanted}"
    return f"is a job of {_shown(source.workflow)}; it must {wanted}"


def _other_tree(check: Check) -> str:
    """What its run was about, where that was not this very commit: whatever it found, it found elsewhere."""
    source = check.source
    if not isinstance(source, FromApp) or source.on_this_commit:
        return ""
    event = source.event or "unknown"
    what = "a pull request" if event.startswith("pull_request") else f"the event {_shown(event)}"
    return f"ran for {what}, on another tree"


def _last_words(counted: list[Check]) -> list[Check]:
    """A status is one thing, whoever of the named sets it; each workflow and app has its own check."""
    runs = [check for check in counted if isinstance(check.source, FromApp)]
    statuses = [check for check in counted if isinstance(check.source, FromAccount)]
    return runs + sorted(statuses, key=lambda one: one.id)[-1:]


def _ended(check: Check) -> str:
    if check.state is not CheckState.NOT_GREEN:
        return ""
    return f"{_shown(check.name)} ended as {_shown(check.said)}."


def _verdict(deployment: Deployment, findings: Sequence[Finding]) -> Verdict:
    if not findings:
        return Verdict(NAME, GateState.OPEN, "No checks are asked for.")
    order = list(Standing)
    waiting = [each for each in findings if each.standing is not Standing.GREEN]
    if not waiting:
        return Verdict(NAME, GateState.OPEN, f"Green: {', '.join(each.name for each in findings)}.")
    if deployment.resolution is None:
        raise Bug("a gate was asked about a request that is not resolved")
    waiting.sort(key=lambda each: order.index(each.standing))
    said = ", ".join(_told(each) for each in waiting)
    return Verdict(
        NAME,
        GateState.WAITING,
        f"Waiting for checks on {short(deployment.resolution.release.sha)}: {said}.",
        " ".join(each.more for each in waiting if each.more),
        _next(waiting[0].standing),
        "whoever may run the checks of this repository",
        tuple(_links(waiting))[:LINKS],
    )


def _unreadable(why: str) -> Verdict:
    return Verdict(
        NAME,
        GateState.WAITING,
        "It can't be read which checks are green.",
        why,
        "It is read again every minute. If it stays so, run `slipway doctor`.",
        "whoever looks after Slipway's access to the code host",
    )


def _told(finding: Finding) -> str:
    match finding.standing:
        case Standing.NOT_GREEN | Standing.MISSING | Standing.GREEN:
            return f"{finding.name} is {finding.standing}"
        case Standing.OTHER_TREE | Standing.NOT_COUNTED | Standing.PENDING:
            return f"{finding.name} {finding.standing}"


def _next(worst: Standing) -> str:
    match worst:
        case Standing.NOT_GREEN:
            return f"Run it again if it failed by chance, else ask for a new commit. {BY_ITSELF}"
        case Standing.OTHER_TREE:
            return f"Run its workflow on the branch of this commit, by a push or by hand. {ON_PUSH}"
        case Standing.NOT_COUNTED:
            return "Let the right one run on this commit, or name its source under `checks` in slipway.yml."
        case Standing.MISSING:
            return f"{BY_ITSELF} If one never comes, compare its name with slipway.yml. {ON_PUSH}"
        case Standing.PENDING | Standing.GREEN:
            return BY_ITSELF


def _links(waiting: Sequence[Finding]) -> list[Link]:
    checks = [each.check for each in waiting if each.check is not None]
    return [Link(check.url, _shown(check.name)) for check in checks if _is_address(check.url)]


def _is_address(url: str) -> bool:
    """Others wrote it: what is no plain address of the web is not shown."""
    return url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL and visible(url) == url


def _shown(text: str) -> str:
    return clip(visible(text), LONGEST_NAME) or "nobody"


CHECKS = Gate(NAME, frozenset({FactKind.CHECKS}), judge)
