"""What must hold in the smaller rules: checks, freezes, checklist, verifications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from bot.config.build_rules import local_end, local_start
from bot.config.document import Path
from bot.config.findings import Findings
from bot.config.shape import EnvironmentShape
from bot.config.shape_rules import (
    FixedFreezeShape,
    HttpShape,
    MetricShape,
    TickShape,
    VerificationShape,
    WorkflowShape,
)
from bot.core.addresses import is_allowed, literal
from bot.core.durations import format_duration
from bot.core.rules import WITHIN

ITEMS_AT_MOST, LONGEST_ITEM = 20, 150
SOONEST, SELDOMEST = timedelta(minutes=5), timedelta(days=7)


def check_rules(path: Path, shape: EnvironmentShape, findings: Findings) -> None:
    """Each rule by itself."""
    _check_repeats(path, shape, findings)
    for index, freeze in enumerate(shape.freeze):
        where = (*path, "freeze", index)
        findings.people((*where, "override"), freeze.override)
        if isinstance(freeze, FixedFreezeShape) and local_end(freeze.ends) <= local_start(freeze.starts):
            findings.wrong((*where, "to"), "this freeze ends before it starts", "swap `from` and `to`")
    for key, items in (("before", shape.checklist.before), ("after", shape.checklist.after)):
        for index, item in enumerate(items):
            _check_tick((*path, "checklist", key, index), item, findings)
        _check_list((*path, "checklist", key), items, findings)
    for index, verification in enumerate(shape.verify):
        if isinstance(verification, MetricShape):
            _check_metric((*path, "verify", index), verification, findings)
        if isinstance(verification, HttpShape):
            _check_http((*path, "verify", index), verification, findings)
        if verification.every is not None:
            _check_every((*path, "verify", index), verification, verification.every, findings)


def _check_every(path: Path, shape: VerificationShape, every: timedelta, findings: Findings) -> None:
    """One measuring must be over before the next one begins, also where its time begins anew once."""
    where = (*path, "every")
    if isinstance(shape, WorkflowShape):
        hint = "it runs on the tag of a deployment, which is gone later; an address or a query can have it"
        findings.wrong(where, "a workflow is not measured on a schedule", hint)
        return
    if not SOONEST <= every <= SELDOMEST:
        span = f"from {format_duration(SOONEST)} to {format_duration(SELDOMEST)}"
        findings.wrong(where, f"nothing is measured every {format_duration(every)}", f"{span} is possible")
        return
    takes = 2 * (shape.lasting if isinstance(shape, MetricShape) else shape.within or WITHIN)
    if every < takes:
        long = format_duration(takes)
        message = f"it is measured again after {format_duration(every)}, and one time may take {long}"
        findings.wrong(where, message, f"{long} or more")


def _check_repeats(path: Path, shape: EnvironmentShape, findings: Findings) -> None:
    seen: set[str] = set()
    for index, check in enumerate(shape.checks):
        if check.name in seen:
            findings.wrong((*path, "checks", index), f"the check `{check.name}` is named twice", "keep one")
        seen.add(check.name)
        if check.creators and (check.app or check.workflow):
            hint = "`creators` is for commit statuses, `app` and `workflow` for checks"
            findings.wrong((*path, "checks", index), f"`{check.name}` is either one or the other", hint)


def _check_tick(path: Path, item: TickShape, findings: Findings) -> None:
    if (item.text is None) == (item.auto is None):
        findings.wrong(path, "an item is either text or {auto: ...}", "such as {auto: checks}")


def _check_list(path: Path, items: Sequence[TickShape], findings: Findings) -> None:
    """Each item has a button of its own, which carries its text."""
    if len(items) > ITEMS_AT_MOST:
        findings.wrong(path, f"a checklist has at most {ITEMS_AT_MOST} items", "a card has room for no more")
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item.text is not None and item.text in seen:
            findings.wrong((*path, index), f"the item `{item.text}` is named twice", "keep one")
        if item.text is not None and len(item.text) > LONGEST_ITEM:
            hint = "say the rest where it is done"
            findings.wrong((*path, index), f"an item has at most {LONGEST_ITEM} characters", hint)
        seen.add(item.text or "")


def _check_metric(path: Path, metric: MetricShape, findings: Findings) -> None:
    known = findings.names("prometheus")
    if metric.prometheus not in known:
        otherwise = "its address stands under `prometheus:`"
        findings.unknown((*path, "prometheus"), "Prometheus", metric.prometheus, known, otherwise)
    if (metric.below is None) == (metric.above is None):
        findings.wrong(path, "a query needs either `below` or `above`", "such as `below: 0.05`")


def _check_http(path: Path, http: HttpShape, findings: Findings) -> None:
    """Answers are counted once a second at most."""
    if http.within is not None and timedelta(seconds=http.passes) > http.within:
        hint = "give it more time, or ask for fewer"
        findings.wrong((*path, "passes"), f"{http.passes} answers do not fit into `within`", hint)
    address = literal(urlsplit(http.http).hostname or "")
    if address is None or is_allowed(address, private=http.private):
        return
    if is_allowed(address, private=True):
        hint = "write `private: true` if that is meant"
        findings.wrong((*path, "http"), f"{address} is in a network that is closed to the outside", hint)
    else:
        findings.wrong((*path, "http"), f"{address} is never asked", "name the address of the service itself")
