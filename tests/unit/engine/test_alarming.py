"""From a delivery to the card: only what its source confirms is pinned, once, and it ends when it is over."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.alert_rules import AlertKeeper, AlertRule, AlertSource
from bot.core.alerts import Alert
from bot.core.catalog import Catalog, Environment
from bot.core.effects import Announce, Announcement, Effect, Posted, ShowCard
from bot.core.errors import Transient
from bot.core.ingress import Outcome, Tally
from bot.core.lifecycle import State, Trigger
from bot.core.ports import UnitOfWork, Units
from bot.core.records import Attempt, Delivery, Deployment, Lane, Receipt, Source
from bot.core.steps import Step
from bot.core.values import SLIPWAY
from bot.engine.again import NEVER, Again
from bot.engine.alarming import RECENT, SLOWEST, SOONEST, AlertHandler, key
from bot.engine.changes import move
from bot.engine.reconciler import Reconciler
from bot.engine.world import World, work_key
from bot.store.database import LEASE
from bot.store.inbox import SqlInbox
from bot.store.receipts import ReceiptWriter
from bot.store.sealing import Seal
from integrations.prometheus.webhooks import labels, letter
from tests.contract.store_support import TO_RUNNING, follow, new, rows
from tests.fakes.alarms import FakeAlarms
from tests.fakes.queues import Bell
from tests.fakes.samples import TEAM, catalog, frozen, policy, service
from tests.fakes.world import world_of
from tests.unit.slack.room import Room, room

MAIN = AlertSource("main", "https://prometheus.test", AlertKeeper.PROMETHEUS)
RULE = AlertRule((("service", "backend"),), MAIN, fails_verification=True)
LABELS = {"alertname": "HighErrorRate", "service": "backend"}
KNOWN = catalog(service("api", Environment("staging", policy(alerts=RULE)), channel="#api-deploys"))
PLACE = key("api", "staging")


@dataclass
class Tower:
    """Who looks at alerts, over a real database."""

    here: Room
    alarms: FakeAlarms
    tally: Tally
    world: World
    known: Catalog = KNOWN
    count: int = 0

    async def hears(self, *told: dict[str, str], body: bytes = b"") -> list[str]:
        """A delivery tells of alerts with these labels; the keys that are wanted now."""
        self.count += 1
        alerts = [{"labels": each, "startsAt": str(self.count)} for each in told]
        body = body or json.dumps({"alerts": alerts}).encode()
        handler = AlertHandler(self.world.units, lambda: self.known, labels, self.tally)
        await handler(await self._delivered(body))
        leases = await self.world.queue.claim(9)
        for lease in leases:
            await self.world.queue.requeue(lease, None)
        return sorted(lease.key for lease in leases)

    async def _delivered(self, body: bytes) -> Delivery:
        sent = letter(body)
        writer = ReceiptWriter(self.here.url, Seal([]), self.here.clock)
        writer.write([Receipt(TEAM, Source.ALERTMANAGER, Lane.EVENTS, sent.kind, sent.key, "", body)])
        writer.close()
        [found] = await SqlInbox(self.here.store.database, Seal([])).claim((Lane.EVENTS,), 1)
        return found

    async def looks(self) -> tuple[Again, list[Effect]]:
        """One look at the place: when the next one is, and what is shown."""
        await self.world.queue.want(TEAM, PLACE)
        found = [each for each in await self.world.queue.claim(9) if each.key == PLACE]
        again = await Reconciler(self.world, Bell()).look(found[0])
        await self.world.queue.requeue(found[0], None)
        return again, await self._shown()

    async def _shown(self) -> list[Effect]:
        """In order: a card comes before what is said below it."""
        outbox, shown = self.here.store.outbox, []
        while parcels := await outbox.claim(9):
            for parcel in parcels:
                await outbox.delivered(parcel, Posted("C1", "1.1"))
                shown.append(parcel.effect)
        return shown

    def fires(self, name: str = "HighErrorRate", minutes: float = 0, **changes: Any) -> Alert:
        """Since so many minutes from now."""
        told = (("alertname", name), ("service", "backend"))
        since = self.here.clock.now() + timedelta(minutes=minutes)
        alert = replace(Alert(name, told, since, "0.07", "7 % fail"), **changes)
        self.alarms.alerts.append(alert)
        return alert

    async def deploys(self, *triggers: Trigger) -> Deployment:
        """Somebody deployed, as far as this."""
        async with self.world.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            added = await uow.deployments.add(new())
            sent = await uow.deployments.save(
                replace(added, attempt=Attempt.SENT, attempted_at=self.here.clock.now())
            )
            done = await follow(uow, sent, *TO_RUNNING, *triggers)
        await self._shown()
        return done

    async def moves(self, deployment: Deployment, trigger: Trigger) -> None:
        async with self.world.units.begin(TEAM, Step.VERIFY) as uow:
            await uow.deployments.move(await uow.deployments.get(deployment.id), trigger, SLIPWAY, "so")
        await self._shown()

    async def now(self, number: int = 1) -> Deployment:
        found = await self.here.deployment(number)
        assert found is not None
        return found

    async def trail(self) -> list[str]:
        kinds = [str(each["event"]) for each in await self.here.records()]
        return [each for each in kinds if each.startswith("Alert")]

    async def failures(self) -> list[tuple[str, bool]]:
        found = await rows(self.here.store, "SELECT summary, ended_at FROM failures ORDER BY id")
        return [(each.summary, each.ended_at is not None) for each in found]


@pytest.fixture
async def tower(database_url: str) -> AsyncIterator[Tower]:
    async with room(database_url) as here:
        alarms = FakeAlarms()
        world = world_of(here.store, here.forge, here.clock, lambda: KNOWN, alarms=alarms)
        yield Tower(here, alarms, Tally(), world)


SUCCEEDED = (Trigger.RUN_SUCCEEDED, Trigger.VERIFY)


async def test_a_delivery_wants_a_look_at_each_place_once(tower: Tower) -> None:
    assert await tower.hears(LABELS, LABELS | {"alertname": "Other"}) == [PLACE]
    assert await tower.hears() == []
    assert tower.alarms.asked == []  # that is for the look


async def test_what_belongs_to_no_service_is_logged_and_counted(
    tower: Tower, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    odd = {"alertname": "Other\nline", "service": "elsewhere"}
    assert await tower.hears(odd, {}, LABELS) == [PLACE]
    assert tower.tally.count(Source.ALERTMANAGER, Outcome.UNPLACED) == 2
    assert r"2 alerts of a delivery are of no service of the catalog, such as 'Other\nline'" in caplog.text


async def test_what_its_source_does_not_confirm_is_pinned_nowhere(tower: Tower) -> None:
    await tower.deploys(*SUCCEEDED)
    assert await tower.hears(LABELS) == [PLACE]
    again, shown = await tower.looks()
    assert (again, shown) == (Again(SOONEST), [])
    assert (await tower.now()).alerts == ()
    assert tower.alarms.asked == ["main"]


@pytest.mark.parametrize("triggers", [SUCCEEDED, SUCCEEDED[:1]], ids=["succeeded", "verifying"])
async def test_what_fires_is_pinned_told_once_and_ends(tower: Tower, triggers: tuple[Trigger, ...]) -> None:
    made = await tower.deploys(*triggers)
    tower.fires()
    again, shown = await tower.looks()
    assert again == Again(SOONEST)
    assert shown == [ShowCard(made.id), Announce(made.id, Announcement.ALERT)]
    [pinned] = (await tower.now()).alerts
    assert (pinned.name, pinned.value, pinned.fires, pinned.fails) == ("HighErrorRate", "0.07", True, True)
    assert (await tower.looks())[1] == []  # a repeat
    tower.alarms.alerts.clear()
    assert (await tower.looks())[1] == [ShowCard(made.id)]
    assert not (await tower.now()).alerts[0].fires
    assert await tower.trail() == ["AlertPinned", "AlertEnded"]
    assert (await tower.now()).state is made.state


async def test_after_success_it_is_a_failure_on_record_and_no_other_state(tower: Tower) -> None:
    await tower.deploys(*SUCCEEDED)
    tower.fires()
    await tower.looks()
    assert await tower.failures() == [("HighErrorRate: 7 % fail", False)]
    alerts = tower.alarms.alerts[:]
    tower.alarms.alerts.clear()
    await tower.looks()
    assert await tower.failures() == [("HighErrorRate: 7 % fail", True)]
    tower.alarms.alerts += alerts
    assert [type(each) for each in (await tower.looks())[1]] == [ShowCard]
    assert await tower.failures() == [("HighErrorRate: 7 % fail", False)]
    assert (await tower.now()).state is State.SUCCEEDED


async def test_while_it_verifies_its_next_look_comes_at_once_and_nothing_is_a_failure_yet(
    tower: Tower,
) -> None:
    made = await tower.deploys(Trigger.RUN_SUCCEEDED)
    tower.fires()
    await tower.looks()
    assert work_key(made.id) in [each.key for each in await tower.world.queue.claim(9)]
    assert await tower.failures() == []


async def test_one_that_does_not_count_is_no_failure(tower: Tower) -> None:
    mild = policy(alerts=replace(RULE, fails_verification=False))
    other = catalog(service("api", Environment("staging", mild)))
    tower.world = replace(tower.world, catalog=lambda: other)
    await tower.deploys(*SUCCEEDED)
    tower.fires()
    await tower.looks()
    assert len((await tower.now()).alerts) == 1
    assert await tower.failures() == []


async def test_however_many_wait_what_runs_is_watched(tower: Tower) -> None:
    await tower.deploys(*SUCCEEDED)
    async with tower.world.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
        for _ in range(RECENT + 1):
            await uow.deployments.add(new())
    tower.fires()
    again, _ = await tower.looks()
    assert again == Again(SOONEST)
    assert len((await tower.now()).alerts) == 1


async def test_a_source_that_can_not_say_ends_nothing(tower: Tower, caplog: pytest.LogCaptureFixture) -> None:
    await tower.deploys(*SUCCEEDED)
    tower.fires()
    await tower.looks()
    tower.alarms.fails = "main: it did not answer within 5 seconds"
    assert await tower.looks() == (Again(SOONEST), [])
    assert (await tower.now()).alerts[0].fires
    assert "the alerts of api in staging can't be read: main: it did not answer" in caplog.text


async def test_alerts_of_others_are_left_alone(tower: Tower) -> None:
    await tower.deploys(*SUCCEEDED)
    tower.fires(labels=(("alertname", "HighErrorRate"), ("service", "frontend")))
    assert (await tower.looks())[1] == []


async def test_while_it_runs_it_waits_for_where_it_belongs(tower: Tower) -> None:
    made = await tower.deploys()
    tower.fires()
    assert await tower.looks() == (Again(SOONEST), [])
    await tower.moves(made, Trigger.RUN_SUCCEEDED)
    assert len((await tower.looks())[1]) == 2


async def test_looks_get_rare_and_end_with_the_watch(tower: Tower) -> None:
    await tower.deploys(*SUCCEEDED)
    tower.here.clock.time += timedelta(minutes=29)
    assert (await tower.looks())[0] == Again(timedelta(minutes=29) / 20)
    asked = len(tower.alarms.asked)
    tower.here.clock.time += timedelta(minutes=2)
    assert (await tower.looks())[0] == NEVER
    assert len(tower.alarms.asked) == asked


async def test_what_is_pinned_is_looked_at_until_it_ends(tower: Tower) -> None:
    await tower.deploys(*SUCCEEDED)
    tower.fires()
    await tower.looks()
    tower.here.clock.time += timedelta(days=2)
    assert (await tower.looks())[0] == Again(SLOWEST)
    tower.alarms.alerts.clear()
    await tower.looks()
    assert (await tower.looks())[0] == NEVER


@pytest.mark.parametrize("end", [Trigger.RUN_SUCCEEDED, Trigger.RUN_FAILED, Trigger.RUN_CANCELLED])
@pytest.mark.parametrize(("known", "keys"), [(KNOWN, [PLACE]), (catalog(), [])], ids=["alerts", "none"])
async def test_the_end_of_a_run_is_reason_enough_to_look(
    tower: Tower, known: Catalog, keys: list[str], end: Trigger
) -> None:
    made = await tower.deploys()
    async with tower.world.units.begin(TEAM, Step.RECORD_PROGRESS) as uow:
        under = replace(await uow.deployments.get(made.id), policy=frozen(known=known).policy)
        await move(uow, under, end, "It is through.")
    assert [each.key for each in await tower.world.queue.claim(9)] == keys


async def test_what_never_started_is_no_reason_to_look(tower: Tower) -> None:
    async with tower.world.units.begin(TEAM, Step.RECORD_PROGRESS) as uow:
        added = await uow.deployments.add(new())
        await move(uow, replace(added, policy=frozen(known=KNOWN).policy), Trigger.REFUSE, "No.")
    assert await tower.world.queue.claim(9) == ()


class Brittle:
    """Units of work that break at the end: before the commit, or when it is done."""

    def __init__(self, units: Units, *, done: bool) -> None:
        self._units, self._done = units, done

    @asynccontextmanager
    async def begin(self, workspace: str, step: Step, **more: Any) -> AsyncIterator[UnitOfWork]:
        async with self._units.begin(workspace, step, **more) as uow:
            yield uow
            if not self._done:
                raise Transient("the power went.")
        raise Transient("the power went.")


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
async def test_a_death_around_the_commit_pins_and_rings_once(tower: Tower, done: bool) -> None:
    await tower.deploys(*SUCCEEDED)
    tower.fires()
    sound = tower.world
    tower.world = replace(sound, units=Brittle(sound.units, done=done))
    with pytest.raises(Transient):
        await tower.looks()
    assert bool((await tower.now()).alerts) is done
    tower.here.clock.time += LEASE + timedelta(seconds=1)
    tower.world = sound
    shown = (await tower.looks())[1]
    assert len((await tower.now()).alerts) == 1
    assert [type(each) for each in shown].count(Announce) == 1
    assert await tower.trail() == ["AlertPinned"]


async def test_a_place_that_is_no_more_is_not_looked_at(tower: Tower) -> None:
    await tower.deploys(*SUCCEEDED)
    for known in (catalog(), Catalog()):
        tower.world = replace(tower.world, catalog=lambda known=known: known)  # type: ignore[misc]
        assert await tower.looks() == (NEVER, [])
    assert tower.alarms.asked == []


async def test_what_fires_ends_where_nobody_asks_for_it_any_more(tower: Tower) -> None:
    """Else the card says for ever that it fires, and the failure never ends."""
    await tower.deploys(*SUCCEEDED)
    tower.fires()
    await tower.looks()
    tower.world = replace(tower.world, catalog=Catalog)
    again, shown = await tower.looks()
    assert (again, [type(each) for each in shown]) == (NEVER, [ShowCard])
    (pinned,) = (await tower.now()).alerts
    assert not pinned.fires
    assert (await tower.trail())[-1] == "AlertEnded"
    assert await tower.looks() == (NEVER, [])
