"""/lock and /unlock, from the words in the chat to whoever waits, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.engine.judging import JUDGED_FOR
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import Where
from bot.playground.slack.seed import GRACE, LINUS, MARGARET, TEAM
from integrations.slack.people import FRESH
from tests.scenario.house import CATALOG, PATIENCE, House


async def test_a_lock_stops_others_and_unlocking_lets_them_go_on_at_once(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("linus", "#deploys", "/lock staging for 2h because incident 4711")
        assert "for 2h, until" in await house.answered("linus", "Locked: every service in staging")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.card_says("Linus has locked every service in staging.")
        waiting = await house.reaches(State.WAITING)
        assert "“incident 4711”, from" in waiting.note
        assert "`/unlock staging`" in waiting.next_step
        assert house.play.github.dispatches() == []
        await house.says("linus", "#deploys", "/unlock staging")
        await house.answered("linus", "Unlocked: every service in staging.")
        await house.reaches(State.SUCCEEDED)
        assert len(house.play.github.dispatches()) == 1


async def test_the_owner_of_a_lock_may_deploy(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("linus", "#deploys", "/lock api staging because I move the tables")
        await house.answered("linus", "Locked: api in staging")
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED)


async def test_who_waits_for_a_lock_does_not_keep_its_owner_waiting(database_url: str) -> None:
    """Else each would wait for the other."""
    async with House(database_url) as house:
        await house.says("linus", "#deploys", "/lock api staging because I mend it")
        await house.answered("linus", "Locked: api in staging")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.card_says("Linus has locked api in staging.")
        await house.says("linus", "#deploys", "/deploy api staging because this mends it")
        assert "It waits for" not in await house.answered("linus", "It is #2")
        await house.reaches(State.SUCCEEDED, 2)
        await house.reaches(State.WAITING)


async def test_what_was_locked_during_an_outage_is_not_sent_after_it(database_url: str) -> None:
    """The slot was taken before; everything is judged once more before anything is sent."""
    async with House(database_url) as house:
        outage = Fault(Where.REF_CREATE, FaultKind.ERROR_502, 1000)
        house.play.github.control.faults.append(outage)
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.DISPATCHING)
        await house.says("linus", "#deploys", "/lock api staging because incident 4711")
        await house.answered("linus", "Locked: api in staging")
        house.clock.leap(JUDGED_FOR.total_seconds())
        await house.card_says("Linus has locked api in staging.")
        await house.reaches(State.WAITING)
        house.play.github.control.faults.clear()
        assert house.play.github.dispatches() == []
        await house.says("linus", "#deploys", "/unlock api staging")
        await house.reaches(State.SUCCEEDED)
        assert len(house.play.github.dispatches()) == 1


async def test_a_lock_ends_by_itself(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("linus", "#deploys", "/lock api staging for 30s because I move the tables")
        await house.answered("linus", "Locked: api in staging")
        (lock,) = await house.app.store.locks.held(TEAM)
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.card_says("Linus has locked api in staging.")
        ended = await house.reaches(State.SUCCEEDED)
        assert lock.until is not None
        assert ended.attempted_at is not None
        assert ended.attempted_at >= lock.until
        assert await house.app.store.locks.held(TEAM) == ()


async def test_breaking_a_lock_takes_the_right_and_a_reason_and_its_owner_is_told(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("linus", "#deploys", "/lock api staging because I move the tables")
        await house.answered("linus", "Locked: api in staging")
        await house.says("margaret", "#deploys", "/unlock api staging")
        assert "I move the tables" in await house.answered("margaret", "Why do you break the lock of Linus?")
        await house.says("grace", "#deploys", "/unlock api staging because I want to")
        assert "sre" in await house.answered("grace", "You can't break locks on api in staging.")
        assert len(await house.app.store.locks.held(TEAM)) == 1
        await house.says("ada", "#deploys", "/unlock api staging because Linus is away")
        await house.answered("ada", "Linus is told")
        assert await house.app.store.locks.held(TEAM) == ()
        (told,) = await told_to(house, LINUS, "broken your lock")
        assert "Ada has broken your lock on api in staging" in told
        assert "Linus is away" in told
        await house.quiet()
        trail = b"".join([line async for line in house.app.store.audit.export(TEAM)])
        assert trail.count(b"LockTaken") == 1
        assert trail.count(b"LockEnded") == 1
        assert trail.count(b"RequestRefused") == 2


async def test_two_may_not_hold_the_same(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("ada", "#deploys", "/lock api because incident 4711")
        await house.answered("ada", "Locked: api in every environment")
        await house.says("grace", "#deploys", "/lock api staging because me too")
        told = await house.answered("grace", "Ada has locked api in every environment already.")
        assert "incident 4711" in told
        await house.says("grace", "#deploys", "/state api")
        assert "incident 4711" in await house.answered("grace", "What runs where")


@pytest.mark.parametrize("place", ["web", "api production", "everything"])
async def test_who_may_not_deploy_may_not_lock(database_url: str, place: str) -> None:
    async with House(database_url) as house:
        await house.says("gus", "#deploys", f"/lock {place} because I can")
        assert "you are in none of these" in await house.answered("gus", "You can't lock")
        assert await house.app.store.locks.held(TEAM) == ()


async def test_who_waits_for_a_lock_is_told_when_it_is_their_turn(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("linus", "#deploys", "/lock api staging because I move the tables")
        await house.answered("linus", "Locked: api in staging")
        await house.says("grace", "#deploys", "/lock api staging because me too")
        await house.answered("grace", "Linus has locked api in staging already.")
        (offer,) = [each for each in house.play.slack.ephemerals("grace") if "already" in each.text]
        assert "Tell me when it is free" in str(offer.blocks)
        await house.play.slack.click("grace", offer, "tell_me")
        await house.answered("grace", "You will be told when api in staging is free.")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.press("margaret", "#api-deploys", "tell_me")
        assert "Before you: @Grace." in await house.answered("margaret", "You will be told")
        await house.says("linus", "#deploys", "/unlock")
        assert "Waiting for it: Grace, Margaret." in await house.answered("linus", "What is locked")
        await house.says("linus", "#deploys", "/unlock api staging")
        (first,) = await told_to(house, GRACE, "api in staging is free")
        (second,) = await told_to(house, MARGARET, "api in staging is free")
        assert "It is your turn" in first
        assert "It is your turn" not in second
        assert "These asked before you, so talk to them first: @Grace." in second
        await house.reaches(State.SUCCEEDED)
        await house.quiet()
        assert await house.app.store.locks.waiters(TEAM) == ()
        trail = b"".join([line async for line in house.app.store.audit.export(TEAM)])
        assert trail.count(b"LockAwaited") == 2
        assert trail.count(b"WaiterTold") == 2


async def test_who_waits_is_told_of_an_end_by_time_too(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("linus", "#deploys", "/lock staging for 2m because I move the tables")
        await house.answered("linus", "Locked: every service in staging")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.press("grace", "#api-deploys", "tell_me")
        await house.answered("grace", "You will be told when api in staging is free.")
        (told,) = await told_to(house, GRACE, "is free")
        assert "It is your turn: api in staging" in told
        await house.quiet()
        assert await house.app.store.locks.waiters(TEAM) == ()


async def test_a_deployment_that_was_asked_for_is_told_of_the_lock(database_url: str) -> None:
    async with House(database_url) as house:
        await house.says("linus", "#deploys", "/lock api because I move the tables")
        await house.answered("linus", "Locked: api in every environment")
        await house.says("ada", "#deploys", "/deploy api staging")
        assert "I move the tables" in await house.answered("ada", "Linus has locked api in every environment")


async def told_to(house: House, person: str, words: str) -> list[str]:
    """The direct messages that say so, as soon as there is one."""

    def found() -> list[str]:
        channel = house.play.slack.world.app_channel(person)
        return [each.text for each in channel.messages.values() if words in each.text]

    await house.play.slack.until(lambda: bool(found()), PATIENCE)
    return found()


async def test_whoever_moved_on_ends_their_own_lock(database_url: str, tmp_path: Path) -> None:
    """Neither may they deploy there any more, nor know of one of the services."""
    catalog = tmp_path / "slipway.yml"
    catalog.write_text(CATALOG.read_text().replace("  web:\n", "  web:\n    visible_to: [sre]\n"))
    async with House(database_url, catalog=catalog) as house:
        await house.says("margaret", "#deploys", "/lock api production because I move the tables")
        await house.answered("margaret", "Locked: api in production")
        await house.says("margaret", "#deploys", "/lock web because the site moves")
        await house.answered("margaret", "Locked: web in every environment")
        house.play.slack.world.usergroups["S0SRE00001"].users.remove(MARGARET)
        house.clock.leap(FRESH.total_seconds())
        await house.says("margaret", "#deploys", "/unlock api production")
        await house.answered("margaret", "Unlocked: api in production.")
        await house.says("margaret", "#deploys", "/unlock web")
        await house.answered("margaret", "Unlocked: web in every environment.")
        assert await house.app.store.locks.held(TEAM) == ()
        await house.says("linus", "#deploys", "/unlock web")
        assert "Unlocked" not in await house.answered("linus", "web")
