"""Rules of an environment from their shapes, with every default worked out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.config.build_people import Directory
from bot.config.shape_rules import (
    ApprovalsShape,
    ChecklistShape,
    CheckShape,
    FixedFreezeShape,
    HttpShape,
    MetricShape,
    RecurringFreezeShape,
    TickShape,
    VerificationShape,
    WorkflowShape,
)
from bot.core.checks import ACTIONS_APP
from bot.core.rules import (
    ApprovalRule,
    Approvals,
    AutoTick,
    Checklist,
    ChecklistItem,
    CheckRule,
    FixedFreeze,
    Freeze,
    HttpVerification,
    JsonPart,
    MetricSource,
    MetricVerification,
    RecurringFreeze,
    Routine,
    Tick,
    Verification,
    WorkflowVerification,
)


def build_approvals(shape: ApprovalsShape, directory: Directory) -> Approvals:
    """`count` and `from` are one rule."""
    rules = tuple(ApprovalRule(each.count, directory.who(each.voters)) for each in shape.rules)
    if shape.count:
        rules = (ApprovalRule(shape.count, directory.who(shape.voters)),)
    built = Approvals(
        rules=rules,
        exclude=tuple(sorted(set(shape.exclude))),
        unknown_authors=shape.unknown_authors,
        confirm=shape.confirm,
    )
    return built if shape.expires is None else replace(built, expires=shape.expires)


def build_check(shape: CheckShape, by_actions: bool) -> CheckRule:
    """In production a check that names no source must come from the Actions app."""
    silent = shape.app is None and not shape.creators
    app = ACTIONS_APP if by_actions and silent else shape.app
    return CheckRule(shape.name, app, shape.workflow, tuple(sorted(set(shape.creators))))


def build_freeze(shape: RecurringFreezeShape | FixedFreezeShape, zone: str, directory: Directory) -> Freeze:
    """A day named by `to` is frozen to its end."""
    override = directory.who(shape.override)
    zone = shape.zone or zone
    if isinstance(shape, RecurringFreezeShape):
        return RecurringFreeze(" ".join(shape.cron.split()), shape.lasts, zone, shape.reason, override)
    return FixedFreeze(local_start(shape.starts), local_end(shape.ends), zone, shape.reason, override)


def build_checklist(shape: ChecklistShape) -> Checklist:
    """Both lists in the order they were written."""
    return Checklist(tuple(map(_item, shape.before)), tuple(map(_item, shape.after)))


def build_verification(shape: VerificationShape, sources: dict[str, MetricSource]) -> Verification:
    """One thing that must hold afterwards."""
    match shape:
        case HttpShape():
            return _http(shape)
        case MetricShape():
            return MetricVerification(
                source=sources[shape.prometheus],
                query=shape.query,
                lasting=shape.lasting,
                below=_exact(shape.below),
                above=_exact(shape.above),
            )
        case WorkflowShape():
            inputs = tuple(sorted(shape.inputs.items()))
            smoke = WorkflowVerification(shape.workflow, inputs)
            return smoke if shape.timeout is None else replace(smoke, timeout=shape.timeout)


def build_routines(
    shapes: Iterable[VerificationShape], sources: dict[str, MetricSource]
) -> tuple[Routine, ...]:
    """Those of the verifications that are measured on a schedule as well."""
    found = []
    for shape in shapes:
        rule = build_verification(shape, sources)
        if shape.every is not None and not isinstance(rule, WorkflowVerification):
            found.append(Routine(rule, shape.every))
    return tuple(found)


def _http(shape: HttpShape) -> HttpVerification:
    ((path, value),) = shape.part.items() if shape.part else ((None, None),)
    built = HttpVerification(
        shape.http,
        shape.status,
        shape.passes,
        contains=shape.contains,
        json=None if path is None or value is None else JsonPart(path, value),
        version_header=shape.version_header,
        private=shape.private,
    )
    return built if shape.within is None else replace(built, within=shape.within)


def local_start(value: date | datetime) -> datetime:
    """The first moment of it."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value.isoformat())


def local_end(value: date | datetime) -> datetime:
    """The first moment after it."""
    return value if isinstance(value, datetime) else local_start(value + timedelta(days=1))


def _item(shape: TickShape) -> ChecklistItem:
    return AutoTick(shape.auto) if shape.auto is not None else Tick(shape.text or "")


def _exact(bound: float | None) -> Decimal | None:
    return None if bound is None else Decimal(repr(bound))
