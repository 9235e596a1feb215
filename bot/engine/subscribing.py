"""Makes and ends subscriptions, inside the unit of work that also keeps the answer and the audit record."""

from __future__ import annotations

from bot.core.effects import Tell
from bot.core.errors import UserError
from bot.core.intents import CloseChannel, Subscribe, Unsubscribe
from bot.core.locks import owners_of
from bot.core.ports import UnitOfWork, Units
from bot.core.steps import Step
from bot.core.subscription_events import (
    SubscriptionEnded,
    SubscriptionMade,
    SubscriptionOff,
    SubscriptionPassed,
)
from bot.core.subscriptions import Subscription
from bot.core.text import bold, code, line
from bot.core.values import SLIPWAY, Actor, ActorKind


async def subscribe(uow: UnitOfWork, intent: Subscribe, actor: Actor) -> None:
    """The channel hears of it from now on; UserError when somebody else was quicker."""
    made = await uow.subscriptions.put(intent.channel, intent.name, intent.filter, actor)
    if made is None:
        raise UserError(
            "This channel hears of that already.",
            "Somebody was a moment quicker.",
            "`/subscriptions` shows who.",
        )
    await uow.record(SubscriptionMade(made.number, made.channel, made.filter.said), actor)


async def unsubscribe(uow: UnitOfWork, intent: Unsubscribe, actor: Actor) -> None:
    """Whoever made it is told when somebody else ends it."""
    ended = intent.subscription
    if not await uow.subscriptions.end(ended.number):
        raise UserError(
            "This subscription is no more.",
            "Somebody was a moment quicker.",
            "`/subscriptions` shows the rest.",
        )
    said = ended.filter.said
    await uow.record(SubscriptionEnded(ended.number, ended.channel, said, ended.maker.name), actor)
    if ended.maker.kind is ActorKind.PERSON and ended.maker.id != actor.id:
        text = line(f"{actor.name} has ended your subscription of {_where(ended)}: ", code(said))
        text += line("If it is still wanted, talk to them and make it again there: ", code(_again(ended)))
        await uow.show(Tell(ended.maker.id, text))


async def switch_off(uow: UnitOfWork, intent: CloseChannel) -> bool:
    """Nothing can be said there any more. Each who made something there hears of it once.

    False where nobody did: only the catalog may name it, or they have been told.
    """
    gone = await uow.subscriptions.switch_off(intent.channel, intent.why)
    for each in gone:
        off = SubscriptionOff(each.number, each.channel, each.filter.said, intent.why)
        await uow.record(off, SLIPWAY)
    makers = {each.maker.id: each.maker for each in gone if each.maker.kind is ActorKind.PERSON}
    for maker in makers.values():
        theirs = [each for each in gone if each.maker == maker]
        text = line(bold(f"What you subscribed {_where(theirs[0])} to is off."))
        text += line(f"Why: {intent.why}")
        for each in theirs:
            text += line("Off from now on: ", code(_again(each)))
        text += line("When the channel is open again, type that there. You are told of it only this once.")
        await uow.show(Tell(maker.id, text))
    return bool(makers)


async def close_channel(units: Units, workspace: str, channel: str, why: str) -> bool:
    """The same for whoever finds out while saying something there."""
    async with units.begin(workspace, Step.CLOSE_CHANNEL) as uow:
        return await switch_off(uow, CloseChannel(channel, why))


async def pass_on(uow: UnitOfWork, leaver: Actor) -> int:
    """How many somebody who left had made. The channels go on hearing; the owners answer for it now."""
    theirs = [each for each in await uow.subscriptions.all() if each.maker.id == leaver.id]
    for each in theirs:
        await uow.subscriptions.pass_on(each, _heirs(each))
        passed = SubscriptionPassed(each.number, each.channel, each.filter.said, leaver.name)
        await uow.record(passed, SLIPWAY)
    return len(theirs)


def _heirs(subscription: Subscription) -> Actor:
    """Of one service its owners; of several or all no one team, but each owner may still end it."""
    services = subscription.filter.services
    return owners_of(services[0]) if len(services) == 1 else Actor(ActorKind.OWNERS, "", "the owners")


def _where(subscription: Subscription) -> str:
    return subscription.name or "a channel"


def _again(subscription: Subscription) -> str:
    return f"/subscribe {subscription.filter.said}"
