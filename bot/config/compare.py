"""Two catalogs held against each other: which environments get stricter, looser, or merely different."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from bot.core.catalog import Catalog, Policy, Tier
from bot.core.durations import format_duration
from bot.core.people import Who
from bot.core.pipelines import Pin, Pipeline
from bot.core.rules import Approvals, Checklist, Freeze, Promotion, Right, UnknownAuthors


class Direction(StrEnum):
    """What a change does to the care that a release gets."""

    STRICTER = "stricter"
    LOOSER = "looser"
    DIFFERENT = "different"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in one environment."""

    service: str
    environment: str
    direction: Direction
    what: str

    def __str__(self) -> str:
        return f"{self.service} {self.environment}: {self.direction}: {self.what}"


Step = tuple[Direction, str]
_MORE, _LESS = Direction.STRICTER, Direction.LOOSER


def compare(old: Catalog, new: Catalog) -> tuple[Change, ...]:
    """Every difference, in the order of the new catalog and then of the old one."""
    before, after = _policies(old), _policies(new)
    changes: list[Change] = []
    for place, policy in after.items():
        if place not in before:
            changes.append(Change(*place, Direction.ADDED, "a new environment"))
            continue
        changes += [Change(*place, *step) for step in _steps(before[place], policy)]
    gone = [place for place in before if place not in after]
    return (*changes, *(Change(*place, Direction.REMOVED, "no longer there") for place in gone))


def _policies(catalog: Catalog) -> dict[tuple[str, str], Policy]:
    return {
        (service.name, environment.name): environment.policy
        for service in catalog.services
        for environment in service.places
    }


def _steps(old: Policy, new: Policy) -> Iterator[Step]:
    if old.tier is not new.tier:
        yield (_MORE if new.tier is Tier.PRODUCTION else _LESS), f"tier {new.tier}"
    yield from _who("who may deploy", old.who, new.who)
    yield from _approvals("approvals", old.approvals, new.approvals)
    if _own_rollback(old) or _own_rollback(new):
        yield from _approvals("rollback approvals", old.rollback.approvals, new.rollback.approvals)
    yield from _sets("reference", old.refs, new.refs, grows=_LESS)
    yield from _reachable(old.reachable_from, new.reachable_from)
    yield from _sets("check", _names(old.checks), _names(new.checks), grows=_MORE)
    yield from _promotions(old.promote_from, new.promote_from)
    yield from _sets("freeze", _freezes(old.freezes), _freezes(new.freezes), grows=_MORE)
    yield from _sets("checklist item", _items(old.checklist), _items(new.checklist), grows=_MORE)
    yield from _sets("verification", _names(old.verify), _names(new.verify), grows=_MORE)
    yield from _sets("guarded path", old.migrations, new.migrations, grows=_MORE)
    yield from _pins(old.pipeline, new.pipeline)
    yield from _rights(old, new)
    yield from _others(old, new)


def _own_rollback(policy: Policy) -> bool:
    """Whether a rollback asks for other approvals than a deploy."""
    return policy.rollback.approvals != policy.approvals


def _sets(what: str, old: tuple[str, ...], new: tuple[str, ...], *, grows: Direction) -> Iterator[Step]:
    shrinks = _LESS if grows is _MORE else _MORE
    for item in sorted(set(new) - set(old)):
        yield grows, f"{what} added: {item}"
    for item in sorted(set(old) - set(new)):
        yield shrinks, f"{what} taken out: {item}"


def _who(what: str, old: Who, new: Who) -> Iterator[Step]:
    was, now = {each.name: each.rule for each in old}, {each.name: each.rule for each in new}
    yield from _sets(what, tuple(was), tuple(now), grows=_LESS)
    for name in sorted(was.keys() & now.keys()):
        if was[name] != now[name]:
            yield Direction.DIFFERENT, f"{what}: `{name}` stands for other people"


def _approvals(what: str, old: Approvals, new: Approvals) -> Iterator[Step]:
    if old.count != new.count:
        yield (_MORE if new.count > old.count else _LESS), f"{what}: {new.count} instead of {old.count}"
    elif len(old.rules) != len(new.rules):
        yield Direction.DIFFERENT, f"{what}: other rules"
    if old.rules and new.rules:
        yield from _who(f"{what}, voters", _voters(old), _voters(new))
    yield from _sets(f"{what}, excluded", tuple(old.exclude), tuple(new.exclude), grows=_MORE)
    if old.unknown_authors is not new.unknown_authors:
        closed = new.unknown_authors is UnknownAuthors.CLOSED
        yield (_MORE if closed else _LESS), f"{what}: unknown authors {new.unknown_authors}"
    if old.confirm is not new.confirm:
        yield (_MORE if new.confirm else _LESS), f"{what}: confirm {'on' if new.confirm else 'off'}"
    if old.expires != new.expires:
        sooner = new.expires < old.expires
        yield (_MORE if sooner else _LESS), f"{what} expire after {format_duration(new.expires)}"


def _voters(approvals: Approvals) -> Who:
    return tuple({each.name: each for rule in approvals.rules for each in rule.voters}.values())


def _reachable(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[Step]:
    """Naming no branch means the default branch alone, so the two can't be ordered."""
    if bool(old) != bool(new):
        yield Direction.DIFFERENT, f"reachable from {', '.join(new) or 'the default branch'}"
    else:
        yield from _sets("branch a release may be on", old, new, grows=_LESS)


def _promotions(old: tuple[Promotion, ...], new: tuple[Promotion, ...]) -> Iterator[Step]:
    was, now = {each.environment: each for each in old}, {each.environment: each for each in new}
    yield from _sets("promotion from", tuple(was), tuple(now), grows=_MORE)
    for name in sorted(was.keys() & now.keys()):
        if was[name].within != now[name].within:
            yield _longer(was[name], now[name], "within"), f"promotion from {name}: another `within`"
        if was[name].soak != now[name].soak:
            yield _longer(was[name], now[name], "soak"), f"promotion from {name}: another `soak`"


def _longer(old: Promotion, new: Promotion, what: str) -> Direction:
    if what == "soak":
        return _MORE if old.soak is None or (new.soak is not None and new.soak > old.soak) else _LESS
    return _LESS if new.within is None or (old.within is not None and new.within > old.within) else _MORE


def _pins(old: Pipeline | None, new: Pipeline | None) -> Iterator[Step]:
    if old is None or new is None or old.pin is new.pin:
        return
    if Pin.CHECK in (old.pin, new.pin):
        yield (_LESS if new.pin is Pin.CHECK else _MORE), f"pin {new.pin} instead of {old.pin}"
    else:
        yield Direction.DIFFERENT, f"pin {new.pin} instead of {old.pin}"


def _rights(old: Policy, new: Policy) -> Iterator[Step]:
    for right in Right:
        yield from _who(f"right {right}", old.rights.of(right), new.rights.of(right))


_ORDERED = frozenset(
    {
        "tier",
        "who",
        "approvals",
        "refs",
        "reachable_from",
        "promote_from",
        "checklist",
        "migrations",
        "rights",
    }
)


def _others(old: Policy, new: Policy) -> Iterator[Step]:
    """What has no more and less: that it differs is all that can be said."""
    for item in fields(Policy):
        was, now = (getattr(_rest(policy), item.name) for policy in (old, new))
        if item.name not in _ORDERED and was != now and not _told(item.name, was, now):
            yield Direction.DIFFERENT, item.name.replace("_", " ")


def _rest(policy: Policy) -> Policy:
    """Without the parts of a rollback and a pipeline that are compared by themselves."""
    pipeline = policy.pipeline and replace(policy.pipeline, pin=Pin.CHECK)
    return replace(policy, pipeline=pipeline, rollback=replace(policy.rollback, approvals=Approvals()))


def _told(name: str, was: object, now: object) -> bool:
    """Whether a named addition or removal has said it already."""
    match name, was, now:
        case "checks" | "verify", tuple(), tuple():
            return set(_names(was)) != set(_names(now))
        case "freezes", tuple(), tuple():
            return set(_freezes(was)) != set(_freezes(now))
        case _:
            return False


def _names(rules: tuple[object, ...]) -> tuple[str, ...]:
    keys = ("name", "url", "query", "workflow")
    return tuple(next(str(getattr(rule, key)) for key in keys if hasattr(rule, key)) for rule in rules)


def _freezes(freezes: tuple[Freeze, ...]) -> tuple[str, ...]:
    return tuple(each.reason for each in freezes)


def _items(checklist: Checklist) -> tuple[str, ...]:
    return tuple(
        str(getattr(item, "text", getattr(item, "item", ""))) for item in checklist.before + checklist.after
    )
