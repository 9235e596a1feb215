"""What subscribers hear of a run that nobody asked us for, and whose it is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.catalog import Catalog, Environment, Service
from bot.core.following import RunChange, RunRecord
from bot.core.pipelines import FILES, Start
from bot.core.rules import WorkflowVerification
from bot.core.runs import RunRef
from bot.core.subscriptions import News, Topic

NO_ENVIRONMENT = ""  # such a run goes to none


@dataclass(frozen=True, slots=True)
class Heard:
    """A change under the topic by which channels ask for it; `aloud` ones are said anew in the thread."""

    change: RunChange
    topic: Topic
    aloud: bool


TOPICS = {
    each.change: each
    for each in (
        Heard(RunChange.STARTED, Topic.STARTED, aloud=False),
        Heard(RunChange.WAITS, Topic.APPROVAL, aloud=True),
        Heard(RunChange.FAILED, Topic.FAILURE, aloud=True),
        Heard(RunChange.SUCCEEDED, Topic.SUCCESS, aloud=False),
        Heard(RunChange.RECOVERED, Topic.RECOVERED, aloud=True),
        Heard(RunChange.CANCELLED, Topic.CANCELLED, aloud=False),
        Heard(RunChange.ENDED_UNKNOWN, Topic.FAILURE, aloud=True),
        Heard(RunChange.VANISHED, Topic.CANCELLED, aloud=False),
    )
}
"""All but `skipped`: nothing ran, and the card that stands says so."""


def services_of(catalog: Catalog, ref: RunRef, path: str) -> tuple[Service, ...]:
    """Those of its repository; where some of them name its workflow as their own, only these."""
    there = services_at(catalog, ref)
    naming = tuple(each for each in there if path in {file for file, _ in _named(each)})
    return naming or there


def told_of_run(catalog: Catalog, record: RunRecord, changes: Sequence[RunChange]) -> tuple[Heard, ...]:
    """What is told beside its record.

    Nothing of what we started ourselves. What may come to a gate of ours is told by the card of a deployment
    once it waits there, so only its end without us is told here.
    """
    if record.about is None or record.deployment is not None:
        return ()
    ways = _ways(catalog, record)
    if record.about.ours and ways - {Start.GATE}:
        return ()
    quiet = {RunChange.STARTED, RunChange.WAITS} if Start.GATE in ways else set()
    return tuple(TOPICS[each] for each in changes if each in TOPICS and each not in quiet)


def news_of(record: RunRecord, service: Service, topic: Topic) -> News:
    """As channels ask for it."""
    branch, path = (record.about.branch, record.about.path) if record.about else ("", "")
    return News(topic, service.name, NO_ENVIRONMENT, branch or None, path or None)


def shows_logs(catalog: Catalog, ref: RunRef, path: str) -> bool:
    """Unless one of those whose it is keeps the logs of its workflow back."""
    return all(
        place.logs if place is not None else service.logs
        for service in services_of(catalog, ref, path)
        for place in _places(service, path) or (None,)
    )


def _places(service: Service, path: str) -> tuple[Environment, ...]:
    return tuple(place for place in service.places if path in {file for file, _ in _named_by(place)})


def _ways(catalog: Catalog, record: RunRecord) -> set[Start]:
    """How its workflow begins where the catalog names it; what is run beside a release is dispatched."""
    path = record.about.path if record.about else ""
    there = services_at(catalog, record.run.ref)
    return {start for service in there for file, start in _named(service) if file == path}


def services_at(catalog: Catalog, ref: RunRef) -> tuple[Service, ...]:
    """All those of its repository, whatever its workflow is."""
    return tuple(
        each
        for each in catalog.services
        if (each.repository.provider, each.repository.full_name) == (ref.provider, ref.repository)
    )


def _named(service: Service) -> Iterator[tuple[str, Start]]:
    """The files of the workflows that a service names, and how each of them begins."""
    for place in service.places:
        yield from _named_by(place)


def _named_by(place: Environment) -> Iterator[tuple[str, Start]]:
    policy = place.policy
    for pipeline in (policy.pipeline, policy.backup, policy.restore):
        if pipeline is not None and pipeline.workflow is not None:
            yield _path(pipeline.workflow), pipeline.start
    for rule in policy.verify:
        if isinstance(rule, WorkflowVerification):
            yield _path(rule.workflow), Start.DISPATCH


def _path(workflow: str) -> str:
    return FILES + workflow.removeprefix(FILES)
