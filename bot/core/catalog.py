"""What the team decided in slipway.yml, as frozen values. Loading and checking it is bot.config's work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from bot.core.people import PeopleSet, Who
from bot.core.rollout import ByPipeline, Strategy


class Tier(StrEnum):
    """How much care an environment asks for; production has stricter defaults."""

    STANDARD = "standard"
    PRODUCTION = "production"


class Provider(StrEnum):
    """Where code lives and pipelines run."""

    GITHUB = "github"
    GITLAB = "gitlab"
    JENKINS = "jenkins"


class Start(StrEnum):
    """How a deployment begins at the provider."""

    DISPATCH = "dispatch"
    GATE = "gate"
    JOB = "job"
    INPUT = "input"
    TAG = "tag"


class Pin(StrEnum):
    """What makes sure that the approved commit is the one that runs."""

    TAG = "tag"
    GATE = "gate"
    CHECK = "check"


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


class Announce(StrEnum):
    """Which ends of a deployment are told to the channel."""

    ALL = "all"
    FAILURES = "failures"
    NONE = "none"


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


class InputType(StrEnum):
    """The type of a value a person may add to a deployment."""

    STRING = "string"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"


class AutomaticItem(StrEnum):
    """Checklist items that tick themselves when Slipway sees them hold."""

    CHECKS = "checks"
    MIGRATIONS = "migrations"
    APPROVALS = "approvals"
    PROMOTION = "promotion"
    BACKUP = "backup"
    VERIFY = "verify"


class Every(StrEnum):
    """How often a digest message is posted."""

    DAY = "day"
    WEEKDAY = "weekday"
    WEEK = "week"


class Weekday(StrEnum):
    """Monday first, as in ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at its code host: `acme/api`, or `group/sub/api` at GitLab."""

    provider: Provider
    full_name: str


InputValue = str | int | bool


@dataclass(frozen=True, slots=True)
class AcceptedInput:
    """A value people may add with `name=value`; default None means it must be given when `required`."""

    name: str
    type: InputType
    options: tuple[str, ...] = ()
    default: InputValue | None = None
    required: bool = False
    max_length: int = 200


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is started at a provider. `workflow` is GitHub's, `job` is Jenkins' job or GitLab's manual job.

    `ref` None means the commit's own branch or tag; `gate` names the provider's environment or input step.
    `inputs` are templates for `bot.core.placeholders.fill`.
    """

    provider: Provider
    start: Start
    pin: Pin
    timeout: timedelta
    workflow: str | None = None
    job: str | None = None
    ref: str | None = None
    trigger: str | None = None
    gate: str | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    accepts: tuple[AcceptedInput, ...] = ()

    def accepted(self, name: str) -> AcceptedInput | None:
        """The declaration of an input that people may add."""
        return next((each for each in self.accepts if each.name == name), None)


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
class HttpVerification:
    """An address that must answer so, `passes` times in a row."""

    kind: ClassVar[str] = "http"
    url: str
    status: int = 200
    passes: int = 1
    within: timedelta = timedelta(minutes=2)
    contains: str | None = None


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
class RollbackPlan:
    """How to go back; pipeline None means the environment's own way with the older release."""

    automatic: bool = False
    pipeline: Pipeline | None = None
    approvals: Approvals = field(default_factory=Approvals)


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may do the dangerous things here, inheritance already worked out."""

    grants: tuple[tuple[Right, Who], ...] = ()

    def of(self, right: Right) -> Who:
        """Who has this right; empty means nobody."""
        return next((who for each, who in self.grants if each is right), ())


@dataclass(frozen=True, slots=True)
class Policy:
    """All that decides whether and how a release may go to one environment of one service.

    Everything in here is hashed into the policy version; what only decides where messages go is not in here.
    """

    repository: Repository
    tier: Tier
    refs: tuple[str, ...]
    who: Who
    approvals: Approvals
    timeout: timedelta
    pipeline: Pipeline | None = None
    strategy: Strategy = field(default_factory=ByPipeline)
    reachable_from: tuple[str, ...] = ()
    checks: tuple[CheckRule, ...] = ()
    promote_from: tuple[Promotion, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    checklist: Checklist = field(default_factory=Checklist)
    verify: tuple[Verification, ...] = ()
    rollback: RollbackPlan = field(default_factory=RollbackPlan)
    backup: Pipeline | None = None
    restore: Pipeline | None = None
    owners: Who = ()
    migrations: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    rights: Rights = field(default_factory=Rights)

    @property
    def guarded(self) -> bool:
        """Whether a release needs more than a wish: production, or somebody's approval."""
        return self.tier is Tier.PRODUCTION or self.approvals.count > 0


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a service runs: its policy, and how people are told."""

    name: str
    policy: Policy
    channel: str | None = None
    announce: Announce = Announce.ALL
    notify: Who = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """Something that is deployed. `visible_to` None means everybody; `channel` None means the default one."""

    name: str
    repository: Repository
    environments: tuple[Environment, ...]
    channel: str | None = None
    owners: Who = ()
    visible_to: Who | None = None
    external: bool = False
    rights: Rights = field(default_factory=Rights)

    def environment(self, name: str) -> Environment | None:
        """The environment of this name."""
        return next((each for each in self.environments if each.name == name), None)


@dataclass(frozen=True, slots=True)
class DigestMessage:
    """A scheduled summary; no services means all of them."""

    channel: str
    every: Every
    at: time
    zone: str
    on: Weekday | None = None
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Channels:
    """Where messages go unless a service says otherwise, and the zone of times without one."""

    default: str | None = None
    audit: str | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything a team decided, checked and complete."""

    services: tuple[Service, ...] = ()
    channels: Channels = field(default_factory=Channels)
    people: tuple[PeopleSet, ...] = ()
    rights: Rights = field(default_factory=Rights)
    metrics: tuple[MetricSource, ...] = ()
    digests: tuple[DigestMessage, ...] = ()
    _by_name: Mapping[str, Service] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {each.name: each for each in self.services})

    def service(self, name: str) -> Service | None:
        """The service of this name."""
        return self._by_name.get(name)

    def environment(self, service: str, environment: str) -> Environment | None:
        """The environment of this name of that service."""
        found = self.service(service)
        return found.environment(environment) if found else None

    @property
    def environment_names(self) -> tuple[str, ...]:
        """Each name once, in the order of the catalog."""
        return tuple(dict.fromkeys(each.name for service in self.services for each in service.environments))

    def channel_of(self, service: Service, environment: Environment) -> str | None:
        """Where the cards of this environment go."""
        return environment.channel or service.channel or self.channels.default
