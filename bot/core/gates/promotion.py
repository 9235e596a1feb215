"""The same release was verified in the earlier environments, not too long ago and for long enough."""

from __future__ import annotations

from datetime import datetime

from bot.core.catalog import Policy
from bot.core.durations import format_duration
from bot.core.gates.model import FactKind, Facts, Gate, GateState, Known, Unreadable, Verdict
from bot.core.promoting import Past, Span, Verified, spans
from bot.core.records import Deployment
from bot.core.rules import Promotion
from bot.core.wall_clock import WallClock

NAME = "promotion"


def judge(deployment: Deployment, policy: Policy, facts: Facts, now: datetime) -> Verdict:
    """Open when every one of them holds; what time alone will mend waits, the rest is refused."""
    fact = facts[FactKind.VERIFIED]
    if isinstance(fact, Unreadable):
        return Verdict(NAME, GateState.WAITING, "It can't be read where it was verified.", fact.why)
    known = _verified(fact)
    closed = [
        verdict
        for rule in policy.promote_from
        if (verdict := _one(deployment, rule, known.of(rule.environment), now)) is not None
    ]
    if not closed:
        names = ", ".join(each.environment for each in policy.promote_from)
        return Verdict(
            NAME, GateState.OPEN, f"Verified in {names}." if names else "It may come from anywhere."
        )
    return next((each for each in closed if each.state is GateState.REFUSED), closed[0])


def _one(deployment: Deployment, rule: Promotion, past: Past, now: datetime) -> Verdict | None:
    """None where the rule holds."""
    found = spans(past.stays)
    recent = [span for span in found if rule.within is None or now - span.verified <= rule.within]
    if any(_soaked(span, rule, now) for span in recent):
        return None
    place = rule.environment
    if rule.soak is not None and recent and recent[-1].until is None:
        began, soak = recent[-1].began, format_duration(rule.soak)
        ready = WallClock("UTC").said(began + rule.soak)
        why = f"It has been live there for {format_duration(now - began)}, and must be for {soak}."
        return _waiting(f"It is not in {place} for long enough.", why, f"It goes on by itself at {ready}.")
    under_way = next((each.number for each in past.stays if each.since is None), None)
    if under_way is not None:
        why = f"#{under_way} brings it there."
        return _waiting(
            f"It is not verified in {place} yet.", why, "It goes on by itself when that is verified."
        )
    return Verdict(
        NAME,
        GateState.REFUSED,
        f"This release may not go to {deployment.wish.environment} yet.",
        _why(rule, found, recent),
        f"Deploy it to {place}, then promote it.",
    )


def _soaked(span: Span, rule: Promotion, now: datetime) -> bool:
    return rule.soak is None or (span.until or now) - span.began >= rule.soak


def _why(rule: Promotion, found: tuple[Span, ...], recent: list[Span]) -> str:
    place = rule.environment
    if not found:
        return f"It was never verified in {place}."
    if not recent and rule.within is not None:
        return f"It was verified in {place} longer than {format_duration(rule.within)} ago."
    soak = format_duration(rule.soak) if rule.soak is not None else ""
    return f"Another release took its place in {place} before it was live for {soak}."


def _waiting(what: str, why: str, next_step: str) -> Verdict:
    return Verdict(NAME, GateState.WAITING, what, why, next_step)


def _verified(fact: Known) -> Verified:
    return fact.value if isinstance(fact.value, Verified) else Verified()


PROMOTION = Gate(NAME, frozenset({FactKind.VERIFIED}), judge)
