"""A deployment for later, from the words in the chat to what runs and what does not, on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.core.due import GRACE, Due
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.playground.github.names import ActName
from bot.playground.slack.seed import ADA, LINUS
from tests.scenario.catalogs import with_rule
from tests.scenario.house import House

CHANNEL = "#api-deploys"


def due_of(deployment: Deployment) -> Due:
    assert deployment.wish.due is not None
    return deployment.wish.due


def leap_to(house: House, deployment: Deployment, late: timedelta = timedelta()) -> None:
    """The time comes, or has passed."""
    house.clock.leap((due_of(deployment).at + late - house.clock.now()).total_seconds())


async def scheduled(house: House, words: str, number: int = 1, person: str = "linus") -> Deployment:
    await house.says(person, CHANNEL, words)
    return await house.reaches(State.SCHEDULED, number)


async def in_two_hours(house: House, number: int = 1, person: str = "linus") -> Deployment:
    at = f"{house.clock.now() + timedelta(hours=2):%Y-%m-%d %H:%M} UTC"
    return await scheduled(house, f"/deploy api staging v1.4.1 at {at}", number, person)


async def test_it_waits_for_its_time_and_starts_by_itself(database_url: str) -> None:
    async with House(database_url) as house:
        waiting = await in_two_hours(house)
        due = due_of(waiting)
        await house.answered("linus", f"It starts on {due.said}")
        await house.card_says(f"Starts on {due.said}.")
        assert waiting.request is not None
        assert waiting.request.expires_at == due.at + GRACE
        await house.says("ada", CHANNEL, "/state api")
        await house.answered("ada", "#1 is scheduled for")
        assert house.play.github.dispatches() == []
        leap_to(house, waiting)
        ended = await house.reaches(State.SUCCEEDED)
        assert ended.attempted_at is not None
        assert ended.attempted_at >= due.at
        assert len(house.play.github.dispatches()) == 1


async def test_others_do_not_wait_for_what_is_due_later(database_url: str) -> None:
    async with House(database_url) as house:
        waiting = await in_two_hours(house)
        await house.says("ada", CHANNEL, "/deploy api staging")
        await house.reaches(State.SUCCEEDED, 2)
        leap_to(house, waiting)
        await house.reaches(State.SUCCEEDED, 1)


async def test_cancelled_before_its_time_it_never_runs(database_url: str) -> None:
    async with House(database_url) as house:
        waiting = await in_two_hours(house)
        await house.press("linus", CHANNEL, "cancel")
        await house.reaches(State.WITHDRAWN)
        leap_to(house, waiting)
        await house.quiet()
        assert house.play.github.dispatches() == []


async def test_every_rule_is_asked_again_when_it_is_due(database_url: str) -> None:
    async with House(database_url) as house:
        waiting = await in_two_hours(house)
        house.play.slack.world.people[LINUS].deleted = True
        leap_to(house, waiting)
        refused = await house.reaches(State.REFUSED)
        assert "may not deploy to staging any more" in refused.note
        assert house.play.github.dispatches() == []


async def test_a_tag_that_was_moved_meanwhile_does_not_run(database_url: str) -> None:
    async with House(database_url) as house:
        waiting = await in_two_hours(house)
        await house.act(ActName.MOVE_TAG, repository="acme/api", tag="v1.4.1", to="main")
        leap_to(house, waiting)
        await house.reaches(State.STALE)
        assert house.play.github.dispatches() == []


async def test_what_is_frozen_then_says_so_before_and_gives_up_past_the_grace(
    database_url: str, tmp_path: Path
) -> None:
    always = 'freeze: [{cron: "0 * * * *", lasts: 1d, zone: UTC, reason: stocktaking, override: [sre]}]'
    async with House(database_url, catalog=with_rule(tmp_path, always)) as house:
        waiting = await in_two_hours(house)
        told = await house.sees(lambda found: "stocktaking" in found.next_step)
        assert told.next_step.startswith("As things stand it will not start then: staging is frozen")
        leap_to(house, waiting)
        await house.card_says("waiting. staging is frozen")
        leap_to(house, waiting, late=GRACE)
        expired = await house.reaches(State.EXPIRED)
        assert "did not start within 30m, so it does not run. What held it: staging is frozen" in expired.note
        assert LINUS in str((await house.replied(CHANNEL, "expired")).blocks)
        assert house.play.github.dispatches() == []


async def test_a_freeze_may_be_overridden_when_it_is_due(database_url: str, tmp_path: Path) -> None:
    always = 'freeze: [{cron: "0 * * * *", lasts: 1d, zone: UTC, reason: stocktaking, override: [sre]}]'
    async with House(database_url, catalog=with_rule(tmp_path, always)) as house:
        waiting = await in_two_hours(house)
        await house.says("ada", CHANNEL, "/override #1 because it must")
        await house.answered("ada", "does not wait: it is scheduled")
        leap_to(house, waiting)
        await house.card_says("waiting. staging is frozen")
        await house.says("ada", CHANNEL, "/override #1 because it must")
        ended = await house.reaches(State.SUCCEEDED)
        assert [each.person for each in ended.overrides] == [ADA]


async def test_within_an_hour_of_its_time_the_card_says_anew_what_would_stand_in_the_way(
    database_url: str,
) -> None:
    async with House(database_url) as house:
        waiting = await in_two_hours(house)
        await house.sees(lambda found: found.next_step == "Every rule is asked again then.")
        await house.looks_away()
        house.play.slack.world.people[LINUS].deleted = True  # nobody tells us of it
        leap_to(house, waiting, late=timedelta(minutes=-50))
        told = await house.sees(lambda found: "As things stand it will not start" in found.next_step)
        assert told.state is State.SCHEDULED


async def test_a_bot_that_was_away_past_the_grace_does_not_run_it(database_url: str) -> None:
    async with House(database_url) as house:
        waiting = await in_two_hours(house)
        await house.app.stop()
        leap_to(house, waiting, late=GRACE)
        await house.start_bot()
        expired = await house.reaches(State.EXPIRED)
        assert "so it does not run" in expired.note
        await house.replied(CHANNEL, "expired")
        assert house.play.github.dispatches() == []


async def test_a_bot_that_was_away_for_less_runs_it_late(database_url: str) -> None:
    async with House(database_url) as house:
        waiting = await in_two_hours(house)
        await house.app.stop()
        leap_to(house, waiting, late=GRACE / 3)
        await house.start_bot()
        await house.reaches(State.SUCCEEDED)


async def test_a_code_host_that_is_away_at_asking_and_past_the_grace(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.OUTAGE, seconds=86_400)
        at = f"{house.clock.now() + timedelta(hours=2):%Y-%m-%d %H:%M} UTC"
        await house.says("linus", CHANNEL, f"/deploy api staging at {at}")
        await house.answered("linus", "does not answer yet")
        asked = await house.reaches(State.REQUESTED)
        leap_to(house, asked, late=GRACE)
        expired = await house.reaches(State.EXPIRED)
        assert "so it does not run" in expired.note


async def test_a_time_is_read_back_in_full_before_anything_is_stored(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("linus", CHANNEL, "/deploy api staging v1.4.1 at tomorrow 09:00 because it is early")
        told = await house.answered("linus", "Nothing is scheduled yet.")
        assert "09:00 (Europe/Helsinki)" in told
        assert await house.deployment() is None
        (asked,) = [each for each in house.play.slack.ephemerals("linus") if each.text == told]
        done = await house.play.slack.click("linus", asked, "say_in_full")
        assert done["ok"], done
        waiting = await house.reaches(State.SCHEDULED)
        assert due_of(waiting).said in told
        assert (waiting.wish.ref, waiting.wish.reason) == ("v1.4.1", "it is early")
        await house.play.slack.click("linus", asked, "say_in_full")
        await house.answered("linus", "You have asked for that already: #1.")
        leap_to(house, waiting)
        await house.reaches(State.SUCCEEDED)


async def test_what_runs_there_is_promoted_later(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("ada", CHANNEL, "/deploy api staging v1.4.1")
        await house.reaches(State.SUCCEEDED)
        await house.says("ada", CHANNEL, "/promote api staging -> production at tomorrow 09:00")
        told = await house.answered("ada", "Nothing is scheduled yet.")
        (asked,) = [each for each in house.play.slack.ephemerals("ada") if each.text == told]
        await house.play.slack.click("ada", asked, "say_in_full")
        waiting = await house.reaches(State.SCHEDULED, 2)
        leap_to(house, waiting)
        promoted = await house.reaches(State.SUCCEEDED, 2)
        assert promoted.resolution is not None
        assert promoted.resolution.ref_name == "v1.4.1"
