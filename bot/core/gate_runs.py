"""Runs that wait at a gate of the provider until somebody answers; an approval covers one attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.runs import Run, RunRef
from bot.core.values import Sha


class GateWord(StrEnum):
    """What a gate can be told."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class GateDecision:
    """What a person answered at the provider itself. It is shown, and never counted as an approval."""

    gate: str
    word: GateWord
    login: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class GateView:
    """A run with its gates, as just read: those that still wait, and among them those that wait for us."""

    run: Run
    workflow: str  # the path of its file
    event: str  # what started it
    actor: str  # the login of who started this attempt
    actor_id: str
    branch: str
    waits: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    decisions: tuple[GateDecision, ...] = ()


@dataclass(frozen=True, slots=True)
class GateRun:
    """The attempt that a deployment answers for, as it stood when it asked; never changed."""

    ref: RunRef
    attempt: int
    gate: str
    head_sha: Sha
    workflow: str
    event: str
    actor: str
    actor_id: str
    heard: tuple[GateDecision, ...] = ()  # what people had said of earlier attempts

    @property
    def identity(self) -> str:
        """What an approval is bound to."""
        run = f"{self.ref.provider}:{self.ref.repository}:{self.ref.external_id}#{self.attempt}"
        return f"{run} {self.gate} {self.workflow} {self.event}"


@dataclass(frozen=True, slots=True)
class Starts:
    """What starts a workflow, by its file: pushes whose names fit, a person, and events of other names."""

    branches: tuple[str, ...] = ()  # patterns, with `**` for any; none: no such push does
    tags: tuple[str, ...] = ()
    by_hand: bool = False
    others: tuple[str, ...] = ()


class AnswerState(StrEnum):
    """How far our answer has gone; written down before the call."""

    SENT = "sent"  # it may have been received
    GIVEN = "given"
    NOT_TAKEN = "not taken"  # the gate waits for no answer of ours (any more)
    UNSURE = "unsure"  # it waits no longer after a crash: by our word, or decided at the provider meanwhile


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """What we told a gate of one attempt."""

    gate: str
    attempt: int
    word: GateWord
    state: AnswerState
    at: datetime
