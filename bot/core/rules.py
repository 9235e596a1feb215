"""The rules of an environment: who must agree, what must be green, when nothing moves, what holds after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from bot.core.people import Who
from bot.core.pipelines import Pipeline

WITHIN = timedelta(minutes=2)  # the time of an address, where none is said


class Exclusion(StrEnum):
    """Who may not approve a release because they had a hand in it."""

    REQUESTER = "requester"
    AUTHORS = "authors"
    CO_AUTHORS = "co_authors"
    COMMITTERS = "committers"
    PUSHERS = "pushers"
    MERGERS = "mergers"


class UnknownAuthors(StrEnum):
    """What an author nobody can match with a person does to an approval."""

    CLOSED = "closed"
    WARN = "warn"


class Right(StrEnum):
    """The dangerous things; whoever is not named may not."""

    ADMIN = "admin"
    AUDIT = "audit"
    EMERGENCY = "emergency"
    BREAK_LOCK = "break_lock"
    OVERRIDE_FREEZE = "override_freeze"
    OVERRIDE_QUARANTINE = "override_quarantine"
    OVERRIDE_MIGRATIONS = "override_migrations"
    OVERRIDE_CHECKLIST = "override_checklist"
    RUN = "run"
    SUBSCRIBE = "subscribe"
    TOKENS = "tokens"


class AutomaticItem(StrEnum):
    """Checklist items that tick themselves when Slipway sees them hold."""

    CHECKS = "checks"
    MIGRATIONS = "migrations"
    APPROVALS = "approvals"
    PROMOTION = "promotion"
    BACKUP = "backup"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """So many people out of these."""

    count: int
    voters: Who


@dataclass(frozen=True, slots=True)
class Approvals:
    """Who must agree; each person fills one rule. No rules: nobody has to."""

    rules: tuple[ApprovalRule, ...] = ()
    exclude: tuple[Exclusion, ...] = (Exclusion.REQUESTER, Exclusion.AUTHORS, Exclusion.CO_AUTHORS)
    unknown_authors: UnknownAuthors = UnknownAuthors.CLOSED
    expires: timedelta = timedelta(hours=4)
    confirm: bool = False

    @property
    def count(self) -> int:
        """How many approvals in all."""
        return sum(rule.count for rule in self.rules)


@dataclass(frozen=True, slots=True)
class CheckRule:
    """A check that must be green on the exact commit, and who must have made it."""

    name: str
    app: str | None = None
    workflow: str | None = None
    creators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Promotion:
    """The release must have been verified in that environment before."""

    environment: str
    within: timedelta | None = None
    soak: timedelta | None = None


@dataclass(frozen=True, slots=True)
class RecurringFreeze:
    """No deploys for a while from every time the cron line names, by the wall clock of `zone`."""

    kind: ClassVar[str] = "recurring"
    cron: str
    lasts: timedelta
    zone: str
    reason: str
    override: Who = ()


@dataclass(frozen=True, slots=True)
class FixedFreeze:
    """No deploys from `starts` until before `ends`, both local times in `zone`."""

    kind: ClassVar[str] = "fixed"
    starts: datetime
    ends: datetime
    zone: str
    reason: str
    override: Who = ()


Freeze = RecurringFreeze | FixedFreeze


@dataclass(frozen=True, slots=True)
class Tick:
    """A checklist item that a person ticks."""

    kind: ClassVar[str] = "tick"
    text: str


@dataclass(frozen=True, slots=True)
class AutoTick:
    """A checklist item that ticks itself."""

    kind: ClassVar[str] = "auto"
    item: AutomaticItem


ChecklistItem = Tick | AutoTick


@dataclass(frozen=True, slots=True)
class Checklist:
    """What must be ticked before dispatch, and what is asked for after it."""

    before: tuple[ChecklistItem, ...] = ()
    after: tuple[ChecklistItem, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricSource:
    """A Prometheus that verifications may ask."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class JsonPart:
    """A part of an answer, its names and numbers with dots between them, and the value that it must have."""

    path: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class HttpVerification:
    """An address that must answer so, `passes` times in a row."""

    kind: ClassVar[str] = "http"
    url: str
    status: int = 200
    passes: int = 1
    within: timedelta = WITHIN
    contains: str | None = None
    json: JsonPart | None = None
    version_header: str | None = None  # names the release that answers
    private: bool = False  # it is in a network of ours, closed to the outside


@dataclass(frozen=True, slots=True)
class MetricVerification:
    """A query whose value must stay on the right side of a bound."""

    kind: ClassVar[str] = "prometheus"
    source: MetricSource
    query: str
    lasting: timedelta
    below: Decimal | None = None
    above: Decimal | None = None


@dataclass(frozen=True, slots=True)
class WorkflowVerification:
    """A workflow that must succeed."""

    kind: ClassVar[str] = "workflow"
    workflow: str
    inputs: tuple[tuple[str, str], ...] = ()
    timeout: timedelta = timedelta(minutes=30)


Verification = HttpVerification | MetricVerification | WorkflowVerification


@dataclass(frozen=True, slots=True)
class Routine:
    """A verification that is also measured on a schedule; no release is judged by it, so no policy has it."""

    rule: HttpVerification | MetricVerification
    every: timedelta


@dataclass(frozen=True, slots=True)
class RollbackPlan:
    """How to go back; pipeline None means the environment's own way with the older release."""

    automatic: bool = False
    pipeline: Pipeline | None = None
    approvals: Approvals = field(default_factory=Approvals)
    despite_freeze: bool | None = None  # absent means no, and changes no older version of a policy
    hold: timedelta | None = None  # how long the place is held afterwards


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may do the dangerous things here, inheritance already worked out."""

    grants: tuple[tuple[Right, Who], ...] = ()

    def of(self, right: Right) -> Who:
        """Who has this right; empty means nobody."""
        return next((who for each, who in self.grants if each is right), ())
