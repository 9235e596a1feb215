"""The small frozen values that the whole house shares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

WorkspaceId = NewType("WorkspaceId", str)
DeploymentId = NewType("DeploymentId", str)
OperationKey = NewType("OperationKey", str)
Sha = NewType("Sha", str)

_SHA = re.compile(r"[0-9a-f]{40}")
_KEY = re.compile(r"slw-[1-9][0-9]*-[a-z2-7]{10}")
SHORT = 7


def sha(text: str) -> Sha:
    """A full commit id, or ValueError."""
    if not _SHA.fullmatch(text):
        raise ValueError(f"not a full commit id: {text!r}")
    return Sha(text)


def short(commit: Sha) -> str:
    """The first seven digits, as people read them."""
    return commit[:SHORT]


def operation_key(text: str) -> OperationKey:
    """The key under which one request acts on the world, or ValueError."""
    if not _KEY.fullmatch(text):
        raise ValueError(f"not an operation key: {text!r}")
    return OperationKey(text)


class ActorKind(StrEnum):
    PERSON = "person"
    TOKEN = "token"
    OPERATOR = "operator"  # somebody at the command line of the host
    BOT = "bot"
    ACCOUNT = "account"  # of a code host, linked to nobody whom we know
    OWNERS = "owners"  # of a service, together: they got the lock of somebody who left


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. `id` is the Slack user id for a person."""

    kind: ActorKind
    id: str
    name: str


SLIPWAY = Actor(ActorKind.BOT, "slipway", "Slipway")


@dataclass(frozen=True, slots=True)
class Person:
    """What the directory knows of a person, and when it was read."""

    id: str
    name: str
    observed_at: datetime
    groups: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    unread_teams: frozenset[str] = frozenset()  # of which nobody can say now who is in them
    teams_of_late: frozenset[str] = frozenset()  # those of them in which they were within the last day
    of_late: datetime | None = None  # when the oldest of these was read
    guest: bool = False
    stranger: bool = False
    active: bool = True
    login: str | None = None  # at the code host, proven by linking
    linked_at: datetime | None = None
    account_id: str | None = None  # the number behind the login
    link_confirmed: bool = False  # an administrator vouched for a new link
    zone: str = "UTC"

    @property
    def human(self) -> str:
        """The same for all members of the workspace behind whom one account stands."""
        return self.account_id or (self.login or self.id).lower()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the workspace something was said."""

    channel: str
    thread: str | None = None


class Kind(StrEnum):
    """What a deployment is for."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    PROMOTE = "promote"
    RUN = "run"  # of any other workflow: nothing is brought anywhere
    RESTORE = "restore"  # of a database: no release comes or goes


HURRIES = frozenset({Kind.ROLLBACK, Kind.RESTORE})  # they mend what is wrong, and pass those that only wait


class Origin(StrEnum):
    """Which way a deployment came in."""

    CHAT = "chat"
    API = "api"
    SCHEDULE = "schedule"
    AUTOMATIC = "automatic"
    PROVIDER = "provider"
    COMMAND_LINE = "command line"  # of the host: a rollback, and nothing else


class Action(StrEnum):
    """How a deployment acts: it starts a run, or answers a gate that waits."""

    DISPATCH = "dispatch"
    ANSWER_GATE = "answer_gate"
