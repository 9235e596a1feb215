"""Verifications on a schedule over a real database: when they are measured, and what is told, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.core.catalog import Channels
from bot.core.courses import Course
from bot.core.lifecycle import Trigger
from bot.core.metrics import MetricReading
from bot.core.routines import PREFIX, posts_of
from bot.core.verifications import Measured
from bot.core.verify_ports import Answered, HttpReading
from bot.engine.routines import take_turns
from bot.store.store import Store
from tests.fakes.probe import FakeProbe
from tests.fakes.samples import ADA, OWNERS, SRE, TEAM
from tests.unit.engine.routines_desk import (
    BROKEN,
    ENDED,
    ERRORS,
    HEALTH,
    HOURS,
    NO_VALUE,
    RIGHT,
    Tower,
    known_of,
)
from tests.unit.slack.room import room


@pytest.fixture
async def tower(database_url: str) -> AsyncIterator[Tower]:
    async with room(database_url) as here:
        yield Tower(here, here.store, known_of(HEALTH))


async def test_one_that_fails_is_told_once_and_once_when_it_holds_again(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    assert await tower.round() == []
    tower.says(BROKEN)
    [said] = await tower.round()
    assert said.person == "#api"
    text = said.text.plain()
    assert "api in staging: a verification fails." in text
    assert "answered 503, 200 was wanted; never 3 times in a row right within 2m." in text
    assert "it held when it was measured last" in text
    assert "#1 (`aaaaaaa`) runs there, by our record since" in text
    assert "For the owners (sre): @Ada." in text
    assert "`/rollback api staging`" in text
    assert "`/state api staging`" in text
    assert "https://staging.example.com" in text
    assert [await tower.round() for _ in range(3)] == [[], [], []]
    tower.says(RIGHT)
    [again] = await tower.round()
    assert "api in staging: it holds again after 16h" in again.text.plain()
    assert "@Ada" in again.text.plain()
    assert await tower.round() == []
    assert await tower.trail() == ["fails", "holds"]


async def test_one_that_was_never_measured_and_fails_is_told(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    tower.says(BROKEN)
    [said] = await tower.round()
    assert "it has not held so far" in said.text.plain()


async def test_a_moment_in_which_it_stumbles_is_no_failure(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    tower.probe.readings = [BROKEN, RIGHT, BROKEN, RIGHT]
    assert await tower.round() == []
    assert len(tower.probe.asked) == 6, "three right ones in a row, within its time"
    assert await tower.trail() == []


async def test_another_version_than_the_recorded_one_fails(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    tower.says(Answered(200, b"ok", (("x-version", "b" * 40),)))
    [said] = await tower.round()
    assert "X-Version says bbb" in said.text.plain()


async def test_what_failed_on_its_way_there_is_named_too(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    await tower.deploys(Trigger.RUN_SUCCEEDED, Trigger.FAIL_VERIFICATION)
    tower.says(BROKEN)
    [said] = await tower.round()
    assert "#1 (`aaaaaaa`) runs there, by our record" in said.text.plain()
    assert "#2 (`aaaaaaa`) went there after it and is failed." in said.text.plain()


async def test_each_slot_is_measured_once(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    assert await tower.ticks() == 1
    await tower.looks()
    for _ in range(3):
        assert await tower.ticks() == 0
    tower.here.clock.time += 9 * HOURS
    assert await tower.ticks() == 1, "of those that were missed only the last one"
    assert await tower.looks() == 3
    assert await tower.ticks() == 0


async def test_where_nothing_is_deployed_nothing_is_measured(tower: Tower) -> None:
    assert await tower.ticks() == 0
    assert tower.probe.asked == []


async def test_what_nobody_can_tell_is_told_after_two_slots(tower: Tower) -> None:
    tower.known = known_of(ERRORS)
    await tower.deploys(*ENDED)
    assert await tower.round() == []
    tower.metrics.readings = [NO_VALUE]
    assert await tower.round() == []
    [said] = await tower.round()
    assert "a verification could not be measured." in said.text.plain()
    assert "errors below 0.05 for 5m: no series." in said.text.plain()
    assert "fails" not in said.text.plain()
    assert await tower.round() == []
    tower.metrics.readings = [MetricReading(Decimal("0.01"))]
    [again] = await tower.round()
    assert "it could be measured again, and holds, after 12h" in again.text.plain()
    assert await tower.trail() == ["unmeasured", "holds"]


async def test_once_in_between_nobody_hears_of(tower: Tower) -> None:
    """And what failed before goes on failing afterwards, without another word."""
    tower.known = known_of(ERRORS)
    wrong = MetricReading(Decimal("0.5"))
    await tower.deploys(*ENDED)
    tower.metrics.readings = [wrong]
    [said] = await tower.round()
    assert "0.5, below 0.05 was wanted." in said.text.plain()
    for reading in (NO_VALUE, wrong, NO_VALUE, wrong):
        tower.metrics.readings = [reading]
        assert await tower.round() == []


async def test_a_release_on_its_way_silences_it_until_its_end(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    moving = await tower.deploys()
    tower.says(BROKEN)
    assert await tower.round() == []
    assert tower.probe.asked == []
    await tower.moves(moving, *ENDED)
    await tower.ticks()
    await tower.looks()
    [said] = await tower.told()
    assert "#2 (`aaaaaaa`) runs there" in said.text.plain()


async def test_a_release_that_begins_meanwhile_ends_the_measuring(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    tower.says(BROKEN)
    await tower.ticks()
    await tower.looks(most=3)
    asked = len(tower.probe.asked)
    moving = await tower.deploys()
    await tower.looks()
    assert await tower.told() == []
    assert len(tower.probe.asked) == asked
    await tower.moves(moving, *ENDED)
    assert await tower.ticks() == 0, "its slot is over"
    [said] = await tower.round()
    assert "a verification fails." in said.text.plain()


async def test_another_release_that_came_meanwhile_is_measured_anew(tower: Tower) -> None:
    """Even where nobody looked while it was on its way."""
    await tower.deploys(*ENDED)
    await tower.ticks()
    await tower.looks(most=2)
    await tower.deploys(*ENDED)
    await tower.looks()
    (course,) = await tower.store.courses.of(TEAM)
    assert course.number == 2
    assert course.last is not None
    assert course.last.passes == 3
    assert len(tower.probe.asked) == 2 + 3


async def test_a_restart_in_between_repeats_and_loses_nothing(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    tower.says(BROKEN)
    await tower.ticks()
    await tower.looks(most=3)
    after = Tower(tower.here, tower.store, tower.known, tower.probe)
    assert await after.ticks() == 0, "its turn was had, and it is looked at when it is due"
    assert await after.looks() > 1
    assert len(await after.told()) == 1
    assert await Tower(tower.here, tower.store, tower.known, tower.probe).round() == []


async def test_what_left_the_catalog_is_forgotten_without_a_word(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    tower.says(BROKEN)
    assert len(await tower.round()) == 1
    before, tower.known = tower.known, known_of()
    assert await tower.round() == []
    assert await tower.store.courses.of(TEAM) == ()
    tower.known = before
    [said] = await tower.round()
    assert "it has not held so far" in said.text.plain()


async def test_what_leaves_while_it_is_measured_is_left(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    await tower.ticks()
    await tower.looks(most=1)
    tower.known = known_of()
    await tower.looks()
    assert len(tower.probe.asked) == 1


async def test_its_place_in_the_list_and_its_pace_change_nothing(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    tower.says(BROKEN)
    assert len(await tower.round()) == 1
    other = replace(HEALTH, url="https://other.example.com", version_header=None)
    known = known_of(other, HEALTH)
    slower = tuple(replace(each, every=HOURS / 2) for each in known.services[0].environments[0].routines)
    place = replace(known.services[0].environments[0], routines=slower)
    tower.known = replace(known, services=(replace(known.services[0], environments=(place,)),))
    [said] = await tower.round()
    assert "other.example.com" in said.text.plain(), "that one was never measured"


async def test_the_same_rule_twice_is_measured_once(tower: Tower) -> None:
    tower.known = known_of(HEALTH, HEALTH)
    await tower.deploys(*ENDED)
    assert await tower.ticks() == 1


@pytest.mark.parametrize(
    ("more", "person", "discreet"),
    [
        ({}, "#api", True),
        ({"external": True}, "#api", False),
        ({"visible_to": (SRE,)}, "#api", True),
        ({"visible_to": (SRE,), "channel": "#audit"}, ADA.id, False),
        ({"channel": None}, ADA.id, False),
    ],
    ids=["shared", "external", "hidden", "hidden from the auditors", "no channel"],
)
async def test_who_may_not_know_is_not_told(
    tower: Tower, more: dict[str, Any], person: str, discreet: bool
) -> None:
    known = known_of(HEALTH, **more)
    tower.known = replace(known, channels=Channels(None, "#audit"))
    await tower.deploys(*ENDED)
    tower.says(BROKEN)
    [said] = await tower.round()
    assert said.person == person
    assert bool(said.discreet.lines) is discreet
    quiet = said.discreet.plain()
    assert not any(word in quiet for word in ("api", "staging", "503", "Ada"))


async def test_where_nobody_can_be_told_the_trail_has_it(
    tower: Tower, caplog: pytest.LogCaptureFixture
) -> None:
    known = known_of(HEALTH, channel=None, owners=(OWNERS,))
    tower.known = replace(known, channels=Channels())
    await tower.deploys(*ENDED)
    tower.says(BROKEN)
    assert await tower.round() == []
    assert "nobody could be told" in caplog.text
    assert await tower.trail() == ["fails"]


async def test_two_processes_tell_once(tower: Tower) -> None:
    """Both see that the slot has come; one has the turn, and the other finds nothing to look at."""
    await tower.deploys(*ENDED)
    tower.says(BROKEN)
    clock = tower.here.clock
    options = {"owner": "two", "database_time": False, "card_pace": timedelta()}
    async with Store(tower.here.url, clock, **options) as store:  # type: ignore[arg-type]
        other = Tower(tower.here, store, tower.known, tower.probe)
        for _ in range(3):
            clock.time += HOURS
            await asyncio.gather(take_turns(tower.world), take_turns(other.world))
            had = [await each.world.queue.claim(9) for each in (tower, other)]
            keys = [lease.key for leases in had for lease in leases if lease.key.startswith(PREFIX)]
            assert len(keys) == 1, "the other one finds nothing to do"
            for each, leases in zip((tower, other), had, strict=True):
                for lease in leases:
                    again = timedelta() if lease.key in keys else None
                    await each.world.queue.requeue(lease, again)
            while await other.looks(most=1) + await tower.looks(most=1):
                pass  # in turns: whoever comes first has the next reading
    assert len(await tower.told()) == 1


@dataclass
class Early:
    """A CourseBook that was read before anybody had taken the turn."""

    rows: tuple[Course, ...]

    async def of(self, workspace: str) -> tuple[Course, ...]:
        return self.rows if workspace == TEAM else ()

    async def at(self, workspace: str, service: str, environment: str) -> tuple[Course, ...]:
        raise NotImplementedError  # nobody looks with it


async def test_who_looked_a_moment_too_early_has_no_second_turn(tower: Tower) -> None:
    await tower.deploys(*ENDED)
    before = await tower.store.courses.of(TEAM)
    assert await tower.round() == []
    asked = len(tower.probe.asked)
    await take_turns(replace(tower.world, courses=Early(before)))
    await tower.looks()
    assert len(tower.probe.asked) == asked


async def test_a_release_that_begins_during_a_reading_drops_it(tower: Tower) -> None:
    """The look began when nothing was on its way; its commit comes when something is."""

    class Interrupted(FakeProbe):
        async def get(self, url: str, patience: timedelta, *, private: bool) -> HttpReading:
            await tower.deploys()
            return await super().get(url, patience, private=private)

    elsewhere = Answered(302, b"", (("location", "https://elsewhere.example.com"),))
    tower.world = replace(tower.world, probe=Interrupted([elsewhere]))
    await tower.deploys(*ENDED)
    assert await tower.round() == []
    (course,) = await tower.store.courses.of(TEAM)
    assert (course.measured, course.last, course.failing_since) == (None, None, None)


async def test_what_was_taken_up_anew_meanwhile_is_not_overwritten(tower: Tower) -> None:
    """Somebody has taken the next slot while this reading was under way."""

    class Slow(FakeProbe):
        async def get(self, url: str, patience: timedelta, *, private: bool) -> HttpReading:
            tower.here.clock.time += HOURS if not self.asked else timedelta()
            if not self.asked:
                await take_turns(tower.world)
            return await super().get(url, patience, private=private)

    tower.world = replace(tower.world, probe=Slow([RIGHT]))
    await tower.deploys(*ENDED)
    await tower.ticks()
    await tower.looks(most=1)
    (course,) = await tower.store.courses.of(TEAM)
    assert course.measured == Measured("api.example.com/health")
    assert course.number == 0


def test_a_key_says_which_one_it_is() -> None:
    (first,) = posts_of(known_of(HEALTH))
    (same,) = posts_of(known_of(HEALTH, channel="#other"))
    (other,) = posts_of(known_of(replace(HEALTH, passes=4)))
    assert first.key == same.key != other.key
    assert first.key.startswith("routine/api/staging/")
