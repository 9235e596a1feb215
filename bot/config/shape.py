"""What may stand in slipway.yml: services and environments. `docs/catalog.md` explains each key."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from pydantic import Field

from bot.config.shape_alerts import AlertmanagerShape, AlertsShape
from bot.config.shape_base import Many, Shape, word_of
from bot.config.shape_rollout import StrategyShape
from bot.config.shape_rules import (
    ApprovalsShape,
    ChecklistShape,
    ChecksShape,
    FreezeShape,
    PipelinesShape,
    PromotionsShape,
    RollbackShape,
    VerificationShape,
)
from bot.config.words import (
    ChannelName,
    Duration,
    Glob,
    InputName,
    LabelName,
    Name,
    Pattern,
    RepositoryName,
    Said,
    TeamName,
    Template,
    TimeOfDay,
    Url,
    UserId,
    WorkflowFileName,
    Zone,
)
from bot.core.catalog import BUDGET, Announce, Every, Tier, Weekday
from bot.core.pipelines import Pin
from bot.core.rules import Right
from bot.core.subscriptions import QUIET, Topic


class PeopleShape(Shape):
    """A union of sources, or with `all` an intersection of other names."""

    slack_group: str | None = None
    github_team: TeamName | None = None
    users: Many[UserId] = ()
    members: bool = False
    any: Many[str] = ()
    all: Many[str] = ()


RightsShape = dict[Annotated[Right, word_of(Right)], Many[str]]


class EnvironmentShape(Shape):
    """An environment, or the defaults of every environment."""

    tier: Annotated[Tier, word_of(Tier)] = Tier.STANDARD
    refs: Many[Pattern] = ("*",)
    reachable_from: Many[Pattern] = ()
    who: Many[str] = ()
    approvals: ApprovalsShape = ApprovalsShape()
    checks: Many[ChecksShape] = ()
    promote_from: PromotionsShape = ()
    freeze: Many[FreezeShape] = ()
    checklist: ChecklistShape = ChecklistShape()
    strategy: StrategyShape | None = None
    verify: Many[VerificationShape] = ()
    alerts: AlertsShape | None = None
    pipeline: PipelinesShape | None = None
    rollback: RollbackShape = RollbackShape()
    backup: PipelinesShape | None = None
    restore: PipelinesShape | None = None
    timeout: Duration | None = None
    rights: RightsShape = Field(default_factory=dict)
    channel: ChannelName | None = None
    announce: Annotated[Announce, word_of(Announce)] = Announce.ALL
    notify: Many[str] = ()
    logs: bool | None = None
    url: Url | None = None


class WorkflowShape(Shape):
    """A workflow that `/run` may start, and the rules that hold for that."""

    tier: Annotated[Tier, word_of(Tier)] = Tier.STANDARD
    refs: Many[Pattern] = ("*",)
    reachable_from: Many[Pattern] = ()
    who: Many[str] = ()
    approvals: ApprovalsShape = ApprovalsShape()
    checks: Many[ChecksShape] = ()
    freeze: Many[FreezeShape] = ()
    inputs: dict[InputName, Template] = Field(default_factory=dict)
    pin: Annotated[Pin, word_of(Pin)] | None = None
    timeout: Duration | None = None
    rights: RightsShape = Field(default_factory=dict)
    channel: ChannelName | None = None
    announce: Annotated[Announce, word_of(Announce)] = Announce.ALL
    notify: Many[str] = ()
    logs: bool | None = None


class ServiceShape(Shape):
    """A service, or a template of services."""

    like: str | None = None
    repository: RepositoryName | None = None
    channel: ChannelName | None = None
    owners: Many[str] = ()
    visible_to: Many[str] | None = None
    external: bool = False
    logs: bool = True
    migrations: Many[Glob] = ()
    paths: Many[Glob] = ()
    pipeline: PipelinesShape | None = None
    alerts: AlertsShape | None = None
    rights: RightsShape = Field(default_factory=dict)
    environments: dict[Name, EnvironmentShape] = Field(default_factory=dict)
    workflows: dict[WorkflowFileName, WorkflowShape] = Field(default_factory=dict)


class SlackShape(Shape):
    """Where messages go, and the zone of times that name none."""

    channel: ChannelName | None = None
    audit_channel: ChannelName | None = None
    time_zone: Zone = "UTC"
    messages_per_minute: int = Field(default=BUDGET, ge=1, le=60)


class MetricSourceShape(Shape):
    """A Prometheus, and the labels that it adds to what it sends."""

    url: Url
    labels: dict[LabelName, Said] = Field(default_factory=dict)


class DigestShape(Shape):
    """A scheduled summary in a channel."""

    channel: ChannelName
    services: Many[str] = ()
    every: Annotated[Every, word_of(Every)] = Every.WEEKDAY
    on: Annotated[Weekday, word_of(Weekday)] | None = None
    at: TimeOfDay = time(9)
    zone: Zone | None = None


class SubscriptionShape(Shape):
    """What a channel hears of, whoever is in it."""

    channel: ChannelName
    services: Many[str] = ()
    env: Many[str] = ()
    on: Many[Annotated[Topic, word_of(Topic)]] = QUIET
    branch: Many[Pattern] = ()
    workflow: Many[Pattern] = ()


class CatalogShape(Shape):
    """The whole file."""

    version: int = Field(default=1)
    slack: SlackShape = SlackShape()
    rights: RightsShape = Field(default_factory=dict)
    prometheus: dict[InputName, MetricSourceShape] = Field(default_factory=dict)
    alertmanager: dict[InputName, AlertmanagerShape] = Field(default_factory=dict)
    people: dict[Said, PeopleShape] = Field(default_factory=dict)
    defaults: EnvironmentShape = EnvironmentShape()
    templates: dict[Name, ServiceShape] = Field(default_factory=dict)
    services: dict[Name, ServiceShape] = Field(default_factory=dict)
    digests: Many[DigestShape] = ()
    subscriptions: Many[SubscriptionShape] = ()
