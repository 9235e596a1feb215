"""A newer request takes the place of an older one, by itself or by its owners' word, on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import ActName, Where
from bot.playground.slack.seed import TEAM
from tests.scenario.house import PATIENCE, House

CATALOG = Path(__file__).parent / "approvals.yml"
CHANNEL = "#api-deploys"


async def trail(house: House, event: str) -> list[str]:
    """The audit records of this kind."""
    return [str(each) async for each in house.app.store.audit.export(TEAM) if event in str(each)]


async def waits(house: House, number: int) -> Deployment:
    """It waits for people, and says so."""
    await house.card_says("approval", number=number)
    return await house.reaches(State.WAITING, number)


async def asks(house: House, person: str, words: str, number: int) -> Deployment:
    await house.says(person, "#deploys", f"/deploy api {words}")
    return await waits(house, number)


async def test_a_newer_one_of_the_same_person_retires_what_it_contains(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await asks(house, "linus", "production v1.4.1", 1)
        await house.says("ada", CHANNEL, "/approve #1 production")
        await house.card_says("Waiting for 1 approval")
        second = await asks(house, "linus", "production v1.5.0", 2)
        await house.answered("linus", "It contains your #1, which gives way to it")
        first = await house.reaches(State.SUPERSEDED)
        assert first.note == "Superseded by #2, which contains it."
        assert first.next_step == "Its votes are void: they don't count for #2."
        assert second.votes == ()
        assert not any("It waits for" in each.text for each in house.play.slack.ephemerals("linus"))
        await house.card_says("superseded. Superseded by #2")
        await house.says("margaret", CHANNEL, "/approve #1 production")
        await house.answered("margaret", "has been decided: it is superseded")
        (event,) = await trail(house, "RequestSuperseded")
        assert '"by":2' in event.replace("\\", "")
        await house.says("ada", CHANNEL, "/approve #2 production")
        await house.says("margaret", CHANNEL, "/approve #2 production")
        await house.reaches(State.SUCCEEDED, 2)
        assert len(house.play.github.dispatches()) == 1


async def test_nothing_else_retires_anything(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await asks(house, "linus", "staging feature/refund-webhooks", 1)
        await asks(house, "linus", "staging v1.5.0", 2)  # beside it
        await asks(house, "linus", "staging v1.4.1", 3)  # before it
        await asks(house, "margaret", "staging main", 4)  # somebody else's
        await house.answered("margaret", "It waits for #1 by @Linus, #2 by @Linus, #3 by @Linus")
        await asks(house, "linus", "production v1.5.0", 5)  # another line
        at = "at tomorrow 09:00 Europe/London"
        await house.says("linus", "#deploys", f"/deploy api staging main {at}")
        await house.answered("linus", "Nothing is scheduled yet.")
        for number in range(1, 6):
            found = await house.deployment(number)
            assert found is not None
            assert found.state is State.WAITING, number
        assert await trail(house, "RequestSuperseded") == []


async def test_what_cannot_be_compared_is_not_retired(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await asks(house, "linus", "staging v1.4.1", 1)
        house.play.github.control.faults.append(Fault(Where.COMPARE, FaultKind.ERROR_502, 20))
        await asks(house, "linus", "staging v1.5.0", 2)
        await house.answered("linus", "It waits for #1 by @Linus")
        first = await house.deployment()
        assert first is not None
        assert first.state is State.WAITING


async def test_what_is_read_late_retires_as_well(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await asks(house, "linus", "staging v1.4.1", 1)
        await house.act(ActName.OUTAGE, seconds=60)
        await house.says("linus", "#deploys", "/deploy api staging v1.5.0")
        await house.answered("linus", "does not answer yet")
        await house.reaches(State.SUPERSEDED)
        await waits(house, 2)


async def test_what_has_begun_and_an_emergency_stay(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await asks(house, "linus", "staging v1.4.1", 1)
        await house.press("ada", CHANNEL, "approve")
        await house.reaches(State.RUNNING)
        await asks(house, "linus", "staging v1.5.0", 2)
        await house.says("grace", CHANNEL, "/handover #1 to #2 because it is newer")
        await house.answered("grace", "#1 does not wait in line: it is running.")
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.SUCCEEDED)


async def test_an_owner_hands_a_place_over_and_nobody_else(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await asks(house, "linus", "staging v1.4.1", 1)
        await asks(house, "ada", "staging v1.5.0", 2)
        told = await house.answered("ada", "It waits for #1 by @Linus")
        assert "Its owners (payments) may let it replace #1: `/handover #1 to #2 because ...`" in told
        await house.says("ada", CHANNEL, "/handover #1 to #2 because mine is better")
        await house.answered("ada", "You can't hand over a place in the line for api in staging.")
        await house.says("grace", CHANNEL, "/handover #1 to #2")
        await house.answered("grace", "Which reason?")
        await house.says("grace", CHANNEL, "/handover #2 to #1 because I mixed them up")
        await house.answered("grace", "#1 does not wait behind #2.")
        await waits(house, 1)
        await house.says("grace", CHANNEL, "/handover #1 to #2 because the fix is urgent")
        await house.answered("grace", "You handed the place of #1 over.")
        first = await house.reaches(State.SUPERSEDED)
        assert first.note == "Grace handed its place over to #2: the fix is urgent"
        reply = await house.replied(CHANNEL, "#1 api to staging: replaced by a newer request.")
        assert "'user_id': 'U0LINUS001'" in str(reply.blocks)
        assert "the fix is urgent" in str(reply.blocks)
        (event,) = await trail(house, "RequestSuperseded")
        assert "the fix is urgent" in event
        assert [each for each in await trail(house, "RequestRefused") if "hand over a place" in each]
        await house.press("margaret", CHANNEL, "approve", 2)
        await house.reaches(State.SUCCEEDED, 2)
        assert len(house.play.github.dispatches()) == 1


async def test_the_answer_offers_it_to_an_owner_by_a_button(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG, factor=2) as house:
        slack = house.play.slack
        await asks(house, "ada", "staging v1.4.1", 1)
        await asks(house, "grace", "staging v1.5.0", 2)
        await house.answered("grace", "You may let it replace #1")
        offer = next(each for each in slack.ephemerals("grace") if "hand_over" in str(each.blocks))
        assert (await slack.click("grace", offer, "hand_over"))["ok"]
        await slack.until(
            lambda: any("gives way" in str(v.blocks) for v in slack.opened_views("grace")), PATIENCE
        )
        view = slack.opened_views("grace")[-1]
        assert "asked for by Ada, gives way to #2." in str(view.blocks)
        done = await slack.submit("grace", view, {"reason": "it has the fix"})
        assert done["ok"], done
        ended = await house.reaches(State.SUPERSEDED)
        assert ended.note == "Grace handed its place over to #2: it has the fix"


async def test_two_at_once_have_one_effect(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await asks(house, "linus", "staging v1.4.1", 1)
        await asks(house, "ada", "staging v1.5.0", 2)
        words = "/handover #1 to #2 because it is urgent"
        await asyncio.gather(*(house.says(each, CHANNEL, words) for each in ("grace", "linus", "grace")))
        await house.reaches(State.SUPERSEDED)
        for person in ("grace", "linus"):
            await house.says(person, CHANNEL, words)
            await house.answered(person, "#1 has ended already: superseded.")
        await house.reaches(State.WAITING, 2)  # it goes on as it was
        await house.press("ada", CHANNEL, "cancel", 2)
        await house.reaches(State.WITHDRAWN, 2)
        await house.quiet()
        assert len(await trail(house, "RequestSuperseded")) == 1
        told = [each for each in house.play.slack.messages(CHANNEL) if "replaced by a newer" in each.text]
        assert len(told) == 1
