"""What is quarantined does not return, nor what is made of it: until that mends it, or somebody ends it."""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict, people_in
from bot.core.mending import Bearing, Kin, Quarantined
from bot.core.overrides import Overridable
from bot.core.passing import how_to_pass, passed_by
from bot.core.records import Deployment
from bot.core.rules import Right
from bot.core.values import Kind, short
from bot.core.voting import names

NAME = "quarantine"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Open while none holds it, or each was overridden for this very request."""
    kept, passed = facts[FactKind.QUARANTINES], facts[FactKind.LIFTERS]
    for fact in (kept, passed):
        if isinstance(fact, Unreadable):
            return Verdict(NAME, GateState.WAITING, "It can't be read what is quarantined.", fact.why)
    found = _kin(kept)
    if deployment.wish.kind is Kind.RESTORE:
        ids = tuple(each.quarantine.id for each in found)
        return Verdict(NAME, GateState.OPEN, "No release comes or goes.", seen=ids)
    seen = tuple(each.quarantine.id for each in found)
    holding = tuple(each for each in found if each.holds)
    if not holding:
        return _open(found, seen)
    people = people_in(passed)
    words = [
        passed_by(Overridable.QUARANTINE, each.quarantine.id, policy, deployment, people) for each in holding
    ]
    closed = tuple(each for each, word in zip(holding, words, strict=True) if word is None)
    if closed:
        return _closed(deployment, policy, closed, seen)
    given = [word for word in words if word is not None]
    by = " and ".join(dict.fromkeys(word.name for word in given))
    why = f"The reason: {'; '.join(dict.fromkeys(word.reason for word in given))}."
    return Verdict(NAME, GateState.OVERRIDDEN, f"{_what(holding)} {by} let this one pass.", why, seen=seen)


def _open(found: tuple[Kin, ...], seen: tuple[str, ...]) -> Verdict:
    mended = [each for each in found if each.bearing is Bearing.MENDED]
    if not mended:
        return Verdict(NAME, GateState.OPEN, "This release is not quarantined.", seen=seen)
    what = " ".join(f"It mends {each.quarantine.named}, which is quarantined." for each in mended)
    return Verdict(NAME, GateState.OPEN, what, " ".join(each.words for each in mended), seen=seen)


def _closed(
    deployment: Deployment, policy: Policy, closed: tuple[Kin, ...], seen: tuple[str, ...]
) -> Verdict:
    ways = [_way_out(deployment, closed[0]), how_to_pass(Overridable.QUARANTINE, policy, deployment)]
    return Verdict(
        NAME,
        GateState.WAITING,
        _what(closed),
        " ".join(f"{each.words} {each.quarantine.story}".strip() for each in closed),
        " ".join(way for way in ways if way),
        names((*policy.owners, *policy.rights.of(Right.OVERRIDE_QUARANTINE))),
        held=tuple(each.quarantine.id for each in closed),
        seen=seen,
    )


def _what(holding: tuple[Kin, ...]) -> str:
    return " ".join(dict.fromkeys(_said(each) for each in holding))


def _said(kin: Kin) -> str:
    kept = kin.quarantine
    match kin.bearing:
        case Bearing.ITSELF | Bearing.APART | Bearing.MENDED:
            return f"{kept.named} is quarantined: {kept.scope}."
        case Bearing.MADE_OF:
            return f"It is made of {kept.named}, which is quarantined: {kept.scope}."
        case Bearing.CUT_OFF:
            return f"Nobody can say whether it mends {kept.named}, which is quarantined: {kept.scope}."
        case Bearing.UNREAD:
            return f"Nobody can say whether it is made of {kept.named}, which is quarantined: {kept.scope}."


def _way_out(deployment: Deployment, kin: Kin) -> str:
    """What ends it for all that comes after; of several, the first is enough to begin with."""
    typed, resolution = kin.quarantine.typed, deployment.resolution
    release = short(resolution.release.sha) if resolution else ""
    lift = f"If that is fine after all, its owners lift it: `/quarantine {typed} lift because ...`."
    match kin.bearing:
        case Bearing.MADE_OF | Bearing.CUT_OFF:
            fixed = f"`/quarantine {typed} fixed by {release} because ...`"
            return f"Revert what came with it, or let its owners say that this one mends it: {fixed}. {lift}"
        case Bearing.ITSELF | Bearing.UNREAD | Bearing.APART | Bearing.MENDED:
            return f"Ask for a release that mends it. {lift}"


def _kin(fact: Known | Unreadable) -> tuple[Kin, ...]:
    return fact.value.kin if isinstance(fact, Known) and isinstance(fact.value, Quarantined) else ()


QUARANTINE = Gate(NAME, frozenset({FactKind.QUARANTINES, FactKind.LIFTERS}), judge)
