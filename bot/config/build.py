"""From the shapes to the frozen values of bot.core; only ever called when nothing is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.config.build_alerts import build_alerts, build_sources
from bot.config.build_people import Directory
from bot.config.build_pipelines import TIMEOUT, build_pipeline, rollback_shape
from bot.config.build_rollout import build_strategy
from bot.config.build_rules import (
    build_approvals,
    build_check,
    build_checklist,
    build_freeze,
    build_routines,
    build_verification,
)
from bot.config.build_workflows import workflow_shapes
from bot.config.shape import (
    CatalogShape,
    DigestShape,
    EnvironmentShape,
    ServiceShape,
    SubscriptionShape,
)
from bot.config.shape_rules import PipelineShape
from bot.core.catalog import Catalog, Channels, DigestMessage, Environment, Policy, Service, Tier
from bot.core.pipelines import Pipeline, Provider, Repository
from bot.core.rules import MetricSource, Promotion, Right, Rights, RollbackPlan
from bot.core.subscriptions import FixedSubscription, made


class Builder:
    """Builds one catalog."""

    def __init__(self, shape: CatalogShape) -> None:
        self._shape = shape
        self._directory = Directory(shape.people)
        self._alarms = build_sources(shape)
        self._metrics = {name: MetricSource(name, each.url) for name, each in shape.prometheus.items()}

    def catalog(self) -> Catalog:
        """All of it."""
        shape = self._shape
        slack = shape.slack
        return Catalog(
            services=tuple(self._service(name, each) for name, each in shape.services.items()),
            channels=Channels(slack.channel, slack.audit_channel, slack.time_zone, slack.messages_per_minute),
            people=self._directory.who(shape.people),
            rights=self._rights({}, {}),
            metrics=tuple(self._metrics.values()),
            alarms=tuple(self._alarms.values()),
            digests=tuple(self._digest(each) for each in shape.digests),
            subscriptions=tuple(_subscription(each) for each in shape.subscriptions),
        )

    def _service(self, name: str, shape: ServiceShape) -> Service:
        provider, _, full_name = (shape.repository or "").partition(":")
        repository = Repository(Provider(provider), full_name)
        return Service(
            name=name,
            repository=repository,
            environments=tuple(
                self._environment(each, repository, shape, environment)
                for each, environment in shape.environments.items()
            ),
            channel=shape.channel,
            owners=self._directory.who(shape.owners),
            visible_to=None if shape.visible_to is None else self._directory.who(shape.visible_to),
            external=shape.external,
            logs=shape.logs,
            rights=self._rights(shape.rights, {}),
            workflows=tuple(
                self._environment(each, repository, shape, workflow)
                for each, workflow in workflow_shapes(self._shape, shape).items()
            ),
        )

    def _environment(
        self, name: str, repository: Repository, service: ServiceShape, shape: EnvironmentShape
    ) -> Environment:
        return Environment(
            name=name,
            policy=self._policy(repository, service, shape),
            channel=shape.channel,
            announce=shape.announce,
            notify=self._directory.who(shape.notify),
            logs=service.logs if shape.logs is None else shape.logs,
            url=shape.url,
            routines=build_routines(shape.verify, self._metrics),
        )

    def _policy(self, repository: Repository, service: ServiceShape, shape: EnvironmentShape) -> Policy:
        production = shape.tier is Tier.PRODUCTION
        home = repository.provider
        by_actions = production and home is Provider.GITHUB
        zone = self._shape.slack.time_zone
        policy = Policy(
            repository=repository,
            tier=shape.tier,
            refs=_in_order(shape.refs),
            who=self._directory.who(shape.who),
            approvals=build_approvals(shape.approvals, self._directory),
            timeout=shape.timeout or TIMEOUT,
            strategy=build_strategy(shape.strategy),
            reachable_from=_in_order(shape.reachable_from),
            checks=tuple(sorted((build_check(each, by_actions) for each in shape.checks), key=_by_name)),
            promote_from=tuple(
                Promotion(each.environment, each.within, each.soak) for each in shape.promote_from
            ),
            freezes=tuple(build_freeze(each, zone, self._directory) for each in shape.freeze),
            checklist=build_checklist(shape.checklist),
            verify=tuple(build_verification(each, self._metrics) for each in shape.verify),
            owners=self._directory.who(service.owners),
            migrations=_in_order(service.migrations),
            paths=_in_order(service.paths),
            rights=self._rights(service.rights, shape.rights),
            alerts=build_alerts(shape.alerts, self._alarms),
        )
        return self._with_pipelines(policy, home, shape)

    def _with_pipelines(self, policy: Policy, home: Provider, shape: EnvironmentShape) -> Policy:
        own = shape.rollback

        def built(part: PipelineShape | None) -> Pipeline | None:
            return None if part is None else build_pipeline(part, home, shape, policy.guarded)

        return replace(
            policy,
            pipeline=built(shape.pipeline),
            rollback=RollbackPlan(
                automatic=own.automatic,
                pipeline=built(rollback_shape(shape)),
                approvals=policy.approvals
                if own.approvals is None
                else build_approvals(own.approvals, self._directory),
                despite_freeze=own.despite_freeze or None,
                hold=own.hold,
            ),
            backup=built(shape.backup),
            restore=built(shape.restore),
        )

    def _rights(
        self, service: Mapping[Right, tuple[str, ...]], environment: Mapping[Right, tuple[str, ...]]
    ) -> Rights:
        """The nearest word on a right counts."""
        merged = {**self._shape.rights, **service, **environment}
        return Rights(tuple((right, self._directory.who(merged[right])) for right in sorted(merged)))

    def _digest(self, shape: DigestShape) -> DigestMessage:
        zone = shape.zone or self._shape.slack.time_zone
        return DigestMessage(shape.channel, shape.every, shape.at, zone, shape.on, shape.services)


def _subscription(shape: SubscriptionShape) -> FixedSubscription:
    wanted = made(shape.services, shape.env, shape.on, shape.branch, shape.workflow)
    return FixedSubscription(shape.channel, wanted)


def _in_order(words: tuple[str, ...]) -> tuple[str, ...]:
    """A set in one order, so that writing it in another changes no policy."""
    return tuple(sorted(set(words)))


def _by_name(check: object) -> str:
    return str(getattr(check, "name", ""))
