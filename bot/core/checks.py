"""Checks of one commit as the code host shows them: check runs of apps, and statuses that accounts set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

ACTIONS_APP = "github-actions"
WORKFLOWS = ".github/workflows/"


class CheckState(StrEnum):
    """Green is one word alone; what was skipped, or ended in a word we do not know, is not green."""

    PENDING = "pending"
    GREEN = "green"
    NOT_GREEN = "not green"


@dataclass(frozen=True, slots=True)
class FromApp:
    """A check run. Only the app itself can make one in its name, and Actions lets every workflow do so.

    Where it is a job of a workflow's run, what started that run is part of its source: a run for a pull
    request shows up on the commit, with a file and code that may come from elsewhere, and must not take the
    place of the run for the push.
    """

    app: str
    workflow: str | None = None  # the path of the workflow's file, where the check is one of its jobs
    on_default_branch: bool = False  # whether that file stands on the default branch
    event: str | None = None  # what started that workflow's run, in the code host's own word
    on_this_commit: bool = True  # whether that run has its file and its code from the commit itself


@dataclass(frozen=True, slots=True)
class FromAccount:
    """A commit status. Whoever may push can set one, under any name."""

    creator: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one commit as it stood when it was read."""

    id: int  # a later one has a greater number
    name: str
    source: FromApp | FromAccount
    state: CheckState
    said: str  # the code host's own word for it
    url: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """Of one commit, what is called as was asked for; of each name and source the newest."""

    each: tuple[Check, ...] = ()


def newest(checks: Iterable[Check]) -> Checks:
    """Of each name and source the last word: a re-run takes the place of what was before."""
    found: dict[tuple[str, FromApp | FromAccount], Check] = {}
    for check in sorted(checks, key=lambda one: one.id):
        found[check.name, check.source] = check
    return Checks(tuple(found.values()))


def workflow_path(workflow: str) -> str:
    """The path of a workflow that the catalog names by its file alone, or whole."""
    return workflow if "/" in workflow else WORKFLOWS + workflow
