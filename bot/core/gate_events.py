"""What happened at the gates of a provider; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.gate_runs import GateWord
from bot.core.values import DeploymentId


@dataclass(frozen=True, slots=True)
class GateAnswering:
    """Written before the call: from here on the gate of the provider may have our answer."""

    deployment: DeploymentId
    number: int
    gate: str
    external_id: str
    attempt: int
    word: GateWord
    digest: str


@dataclass(frozen=True, slots=True)
class GateAnswered:
    """What came of it; `taken` is False where the gate waited for no answer of ours (any more).

    `unsure` says how it may have been decided otherwise, where a crash lies between the call and this record.
    """

    deployment: DeploymentId
    number: int
    gate: str
    external_id: str
    attempt: int
    word: GateWord
    taken: bool
    comment: str
    unsure: str = ""


@dataclass(frozen=True, slots=True)
class ReachedUnapproved:
    """A release runs in a guarded environment that nobody let in here; no run: not even one is known."""

    deployment: DeploymentId
    number: int
    gate: str
    release_sha: str
    external_id: str
    attempt: int
    workflow: str
    started_by: str


@dataclass(frozen=True, slots=True)
class LandingUnplaced:
    """Something may have reached a guarded environment, and it is not known what or whose."""

    repository: str
    landing: str
    gate: str
    why: str


@dataclass(frozen=True, slots=True)
class GateCallIgnored:
    """A provider asked us about a gate, and it stays shut; nothing was answered."""

    repository: str
    external_id: str
    gate: str
    why: str


GateEvent = GateAnswering | GateAnswered | GateCallIgnored | LandingUnplaced | ReachedUnapproved
