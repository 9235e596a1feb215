"""What the team decided in slipway.yml, as frozen values. Loading and checking it is bot.config's work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum

from bot.core.alert_rules import AlertRule, AlertSource
from bot.core.people import PeopleSet, Who
from bot.core.pipelines import Pipeline, Repository
from bot.core.rollout import ByPipeline, Strategy
from bot.core.rules import (
    Approvals,
    Checklist,
    CheckRule,
    Freeze,
    MetricSource,
    Promotion,
    Rights,
    RollbackPlan,
    Routine,
    Verification,
)
from bot.core.subscriptions import FixedSubscription

Path = tuple[str, ...]  # keys of the file, from the top
BUDGET = 20  # new messages a minute of what a channel subscribed to, before the rest is summed up


class Tier(StrEnum):
    """How much care an environment asks for; production has stricter defaults."""

    STANDARD = "standard"
    PRODUCTION = "production"


class Announce(StrEnum):
    """Which ends of a deployment are told to the channel."""

    ALL = "all"
    FAILURES = "failures"
    NONE = "none"


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
    alerts: AlertRule | None = None

    @property
    def guarded(self) -> bool:
        """Whether a release needs more than a wish: production, or somebody's approval."""
        return self.tier is Tier.PRODUCTION or self.approvals.count > 0


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a service runs: its policy, what is looked at between releases, and how people are told."""

    name: str
    policy: Policy
    channel: str | None = None
    announce: Announce = Announce.ALL
    notify: Who = ()
    logs: bool = True  # whether the end of a failed run's log may be shown
    url: str | None = None
    routines: tuple[Routine, ...] = ()  # what is measured on a schedule, in the order of `verify`


@dataclass(frozen=True, slots=True)
class Service:
    """Something that is deployed. `visible_to` None: everybody of ours; `channel` None: the default one."""

    name: str
    repository: Repository
    environments: tuple[Environment, ...]
    channel: str | None = None
    owners: Who = ()
    visible_to: Who | None = None
    external: bool = False
    logs: bool = True  # whether the end of a failed run's log may be shown, where its place says nothing else
    rights: Rights = field(default_factory=Rights)
    workflows: tuple[Environment, ...] = ()  # that people may start by themselves, each with its rules

    @property
    def places(self) -> tuple[Environment, ...]:
        """Everything that something can be asked for in."""
        return self.environments + self.workflows

    def environment(self, name: str) -> Environment | None:
        """The environment of this name, or the workflow: no two are called the same."""
        return next((each for each in self.places if each.name == name), None)


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
    budget: int = BUDGET


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything a team decided, checked and complete."""

    services: tuple[Service, ...] = ()
    channels: Channels = field(default_factory=Channels)
    people: tuple[PeopleSet, ...] = ()
    rights: Rights = field(default_factory=Rights)
    metrics: tuple[MetricSource, ...] = ()
    alarms: tuple[AlertSource, ...] = ()
    digests: tuple[DigestMessage, ...] = ()
    subscriptions: tuple[FixedSubscription, ...] = ()
    lines: Mapping[Path, str] = field(
        default_factory=dict, repr=False, compare=False
    )  # file:line of each key
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

    def written(self, *paths: Path) -> str:
        """File and line of the first of these that was written; empty: none, or nobody kept where."""
        return next((self.lines[path] for path in paths if path in self.lines), "")

    @property
    def environment_names(self) -> tuple[str, ...]:
        """Each name once, in the order of the catalog."""
        return tuple(dict.fromkeys(each.name for service in self.services for each in service.environments))

    def channel_of(self, service: Service, environment: Environment) -> str | None:
        """Where the cards of this environment go."""
        return environment.channel or service.channel or self.channels.default
