"""What was given up is listed, and tried again when somebody asks for it, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.core.catalog import BUDGET
from bot.core.dead_letters import OWN, notice, what_of
from bot.core.effects import Answer, Effect, Notice, Posted, ShowCard, ShowRun, Tell, TellRun
from bot.core.errors import Transient
from bot.core.following import RunChange
from bot.core.runs import RunRef
from bot.core.steps import Step
from bot.core.text import line
from bot.engine.outbox import GIVE_UP_AFTER, OutboxRelay
from bot.store.store import Store
from tests.contract.store_support import HandClock, new
from tests.fakes.queues import Bell

T1 = "T1"
VAULT = RunRef("github", "acme/vault", "77")


class Broken:
    """A messenger that reaches nobody."""

    def __init__(self) -> None:
        self.shown: list[Effect] = []
        self.works = False

    async def deliver(
        self, workspace: str, operation: str, effect: Effect, known: Posted | None, *, repeated: bool = False
    ) -> Posted | None:
        if not self.works:
            raise Transient("it can't be reached.", system="Slack")
        self.shown.append(effect)
        return known or Posted("C1", operation + workspace + str(repeated))

    async def look_up(self, *_: object) -> Posted | None:
        return None

    async def instead(self, *_: object) -> Tell | None:
        return None


async def says(store: Store, *words: str) -> None:
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        for each in words:
            await uow.show(Answer("U1", "C1", line(each)))


async def tries(store: Store, broken: Broken, clock: HandClock) -> None:
    """The relay works until nothing is due."""
    bell = Bell()
    relay = OutboxRelay(store.outbox, broken, clock, bell, operators=lambda: "#audit")
    running = asyncio.create_task(relay.run())
    await bell.idle.wait()
    running.cancel()
    await relay.settle()


async def give_up(store: Store, broken: Broken, clock: HandClock) -> None:
    await tries(store, broken, clock)
    clock.move((GIVE_UP_AFTER + timedelta(minutes=1)).total_seconds())
    await tries(store, broken, clock)


async def test_what_is_given_up_is_listed_with_its_reason(store: Store, clock: HandClock) -> None:
    assert await store.dead_letters.all(10) == ()
    await says(store, "hello", "and again")
    await give_up(store, Broken(), clock)
    found = await store.dead_letters.all(10)
    assert [(each.what, each.where, each.why) for each in found] == 2 * [
        ("an answer to a person", "U1", "it can't be reached.")
    ]


async def test_operators_hear_of_it_once_an_hour(store: Store, clock: HandClock) -> None:
    broken = Broken()
    await says(store, "hello", "and again")
    await give_up(store, broken, clock)
    broken.works = True
    await tries(store, broken, clock)
    (told,) = broken.shown
    assert isinstance(told, Tell)
    assert told.person == "#audit"
    assert "`slipway outbox list`" in told.text.plain()
    assert "U1" in told.text.plain()
    assert "U1" not in told.discreet.plain()


def test_operators_read_of_no_repository() -> None:
    """Not everybody in their channel may know of it."""
    for effect in (ShowRun(VAULT, "C1"), TellRun(VAULT, 1, RunChange.FAILED, "C1")):
        assert "vault" not in notice(effect, "why", "#audit").text.plain()
        assert "vault" in what_of(effect)[0], "the host lists it"


async def test_nothing_tells_of_what_tells_of_it(store: Store, clock: HandClock) -> None:
    broken = Broken()
    await says(store, "hello")
    await give_up(store, broken, clock)
    await give_up(store, broken, clock)
    found = await store.dead_letters.all(10)
    assert len(found) == 2
    assert sum(each.id.startswith(OWN) for each in found) == 1
    assert await store.outbox.claim(50) == ()


async def test_what_a_summary_says_was_not_given_up(store: Store, clock: HandClock) -> None:
    """A channel that is told too much gets one message: nothing of it may be said once more."""
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        for number in range(BUDGET + 3):
            await uow.show(Notice("#loud", line(f"lock {number}")))
    broken = Broken()
    broken.works = True
    await tries(store, broken, clock)
    assert len(broken.shown) == BUDGET
    assert await store.dead_letters.all(10) == ()
    assert await store.dead_letters.revive() == 0


@pytest.mark.parametrize("one", [True, False])
async def test_it_is_tried_again(store: Store, clock: HandClock, one: bool) -> None:
    broken = Broken()
    await says(store, "hello", "and again")
    await give_up(store, broken, clock)
    letters = [each for each in await store.dead_letters.all(10) if not each.id.startswith(OWN)]
    assert await store.dead_letters.revive(letters[0].id if one else None) == (1 if one else 2)
    assert await store.dead_letters.revive("nobody") == 0
    broken.works = True
    await tries(store, broken, clock)
    assert sum(isinstance(each, Answer) for each in broken.shown) == (1 if one else 2)
    assert len(await store.dead_letters.all(10)) == (1 if one else 0)


async def test_a_card_that_was_given_up_is_shown_again(store: Store, clock: HandClock) -> None:
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        made = await uow.deployments.add(new())
        await uow.show(ShowCard(made.id))
    broken = Broken()
    await give_up(store, broken, clock)
    await store.dead_letters.revive()
    broken.works = True
    await tries(store, broken, clock)
    assert ShowCard(made.id) in broken.shown
