"""A tag that starts a pipeline is made for one place alone, or that of another place would start it too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.config.build_pipelines import pin_of
from bot.config.checks_pipeline import home_of
from bot.config.document import Path
from bot.config.findings import Findings
from bot.config.shape import EnvironmentShape, ServiceShape
from bot.core.catalog import Tier
from bot.core.pipelines import Pin, Start

OURS = "slipway/{key}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where Slipway makes tags of this name, be it to start a run or to hold one to its commit."""

    service: str
    environment: str
    start: Start
    tag: str

    @property
    def path(self) -> Path:
        return ("services", self.service, "environments", self.environment, "pipeline")


def check_tags(services: Mapping[str, ServiceShape], findings: Findings) -> None:
    """Within each repository."""
    made: dict[tuple[str | None, str], list[_Place]] = {}
    for name, service in services.items():
        for place in _places(name, service):
            made.setdefault((service.repository, place.tag), []).append(place)
    for places in made.values():
        for place in places:
            others = [f"{each.service} in {each.environment}" for each in places if each != place]
            if place.start is Start.TAG and others:
                said = f"its tag `{place.tag}` is also that of {' and '.join(others)}"
                hint = 'name another one, such as `tag: "deploy-{environment}-{key}"`'
                findings.wrong(place.path, said, hint, key=True)


def _places(name: str, service: ServiceShape) -> Iterator[_Place]:
    for environment, shape in service.environments.items():
        pipeline = shape.pipeline
        if pipeline is None:
            continue
        start = pipeline.start or Start.DISPATCH
        provider = pipeline.provider or home_of(service)
        if (pipeline.pin or pin_of(provider, start, _guarded(shape))) is Pin.TAG:
            template = pipeline.tag if start is Start.TAG else None
            tag = (template or OURS).replace("{environment}", environment)
            yield _Place(name, environment, start, tag)


def _guarded(shape: EnvironmentShape) -> bool:
    return shape.tier is Tier.PRODUCTION or bool(shape.approvals.count or shape.approvals.rules)
