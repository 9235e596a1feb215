"""What became of subscriptions; a part of `bot.core.events`. `said` is a subscription in its words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SubscriptionMade:
    """Also when one that was off is switched on again."""

    subscription: int
    channel: str
    said: str


@dataclass(frozen=True, slots=True)
class SubscriptionEnded:
    """By whoever made it, or by somebody else who may."""

    subscription: int
    channel: str
    said: str
    maker: str


@dataclass(frozen=True, slots=True)
class SubscriptionOff:
    """Its channel can't be written to any more."""

    subscription: int
    channel: str
    said: str
    why: str


@dataclass(frozen=True, slots=True)
class SubscriptionPassed:
    """Its maker left: the owners of its services answer for it now."""

    subscription: int
    channel: str
    said: str
    maker: str


SubscriptionEvent = SubscriptionMade | SubscriptionEnded | SubscriptionOff | SubscriptionPassed
