"""Channels that subscribed hear of it, once each and no others; judged by what stands in the chat."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.core.values import ActorKind
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import ActName
from bot.playground.slack.seed import ADA, TEAM
from bot.playground.slack.world import Message
from tests.scenario.house import PATIENCE, House

SUBSCRIBE = Path(__file__).parent / "subscribe.yml"
SILENCE = "#general"


def of_ours(house: House, channel: str) -> list[Message]:
    """What Slipway said there, for all to see."""
    bot = house.play.slack.backend.world.identity.bot_user
    return [each for each in house.play.slack.messages(channel) if each.user == bot]


async def subscribes(house: House, channel: str, words: str, person: str = "linus") -> None:
    await house.says(person, channel, f"/subscribe {words}")
    await house.answered(person, "is subscribed: ")


async def fails(house: House, number: int = 1) -> None:
    """Ada asks for a deployment, and its run fails."""
    await house.act(ActName.FAIL_NEXT, job="deploy")
    await house.says("ada", "#api-deploys", "/deploy api staging")
    await house.reaches(State.FAILED, number)


async def test_a_failure_is_a_copy_with_one_mention_in_each_channel(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await subscribes(house, "#deploys", "api on=failure,success")
        await subscribes(house, "#web-deploys", "* on=failure", "ada")
        await subscribes(house, "#api-deploys", "api on=failure", "grace")
        await fails(house)
        await house.quiet()
        for channel in ("#deploys", "#web-deploys"):
            copy, reply, _ = of_ours(house, channel)  # and how it failed
            assert copy.text.startswith("#1 api to staging: failed.")
            assert not copy.is_reply
            assert reply.is_reply
            assert "failed." in reply.text
            assert str(reply.blocks).count(ADA) == 1
            buttons = [each for each in copy.blocks if each["type"] == "actions"]
            assert [one["text"]["text"] for each in buttons for one in each["elements"]] == ["Open the card"]
        card, rung, _ = of_ours(house, "#api-deploys")  # its own channel has the card, and nothing twice
        assert "'Ask again'" in str(card.blocks)
        assert rung.is_reply
        assert of_ours(house, SILENCE) == []


async def test_after_unsubscribing_there_is_silence(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await subscribes(house, "#deploys", "api")
        await fails(house)
        await house.quiet()
        before = len(of_ours(house, "#deploys"))
        await house.says("linus", "#deploys", "/unsubscribe 1")
        await house.answered("linus", "no longer hears")
        await fails(house, 2)
        await house.quiet()
        assert len(of_ours(house, "#deploys")) == before == 3


async def test_what_follows_a_failure_is_a_recovery_and_the_branch_holds_back(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await subscribes(house, "#deploys", "api on=recovered")
        await subscribes(house, "#web-deploys", "api on=* branch=nothing/*", "ada")
        await fails(house)
        await house.says("ada", "#api-deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED, 2)
        await house.quiet()
        copy, reply = of_ours(house, "#deploys")
        assert copy.text.startswith("#2 api to staging: deployed.")
        assert "it works again." in reply.text
        await house.replied("#api-deploys", "it works again.")
        assert of_ours(house, "#web-deploys") == []


async def test_a_burst_is_one_message_that_is_edited_and_posted_again_when_somebody_deletes_it(
    database_url: str,
) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await subscribes(house, "#deploys", "api on=started,success")
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#api-deploys", "/deploy api staging")
        await house.play.slack.until(lambda: len(of_ours(house, "#deploys")) == 1, PATIENCE)
        (copy,) = of_ours(house, "#deploys")
        await house.play.slack.control.acts["delete_message"]({"channel": "#deploys", "ts": copy.ts})
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.SUCCEEDED)
        await house.quiet()
        (again,) = of_ours(house, "#deploys")
        assert again.ts != copy.ts
        assert again.text.startswith("#1 api to staging: deployed.")


async def test_no_copy_and_no_reply_is_said_twice_when_answers_are_lost(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await subscribes(house, "#deploys", "api on=failure")
        faults = house.play.slack.control.faults
        faults.append(Fault("chat.postMessage", FaultKind.LOSE_ANSWER, 4))
        await fails(house)
        await house.quiet()
        assert not any(each.times for each in faults)
        assert [each.is_reply for each in of_ours(house, "#deploys")] == [False, True, True]
        assert [each.is_reply for each in of_ours(house, "#api-deploys")] == [False, True, True]


async def test_locks_are_one_message_and_the_catalog_subscribes_too(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await subscribes(house, "#deploys", "* on=lock")
        await house.says("linus", "#api-deploys", "/lock staging for 2h because incident 4711")
        await house.answered("linus", "Locked: every service in staging")
        await house.says("linus", "#api-deploys", "/unlock staging")
        await house.answered("linus", "Unlocked")
        await house.says("ada", "#deploys", "/deploy worker staging")
        await house.reaches(State.SUCCEEDED)
        await house.quiet()
        locked, unlocked, _ = of_ours(house, "#deploys")
        assert locked.text.startswith("Linus has locked every service in staging until ")
        assert "incident 4711" in locked.text
        assert unlocked.text.startswith("Linus has unlocked every service in staging.")
        (copy,) = of_ours(house, "#web-deploys")
        assert copy.text.startswith("#1 worker to staging: deployed.")
        await house.says("linus", "#web-deploys", "/unsubscribe worker on=success")
        await house.answered("linus", "Only a change of the file ends it.")


async def test_nothing_goes_where_other_organisations_read(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await house.says("linus", "#payments", "/subscribe api")
        await house.answered("linus", "shared with people of other organisations")
        await subscribes(house, "#deploys", "api")
        house.play.slack.backend.world.channels["C0DEPLOYS1"].is_shared = True
        house.clock.leap(600)  # what is known of channels is minutes old at most
        await fails(house)
        await house.quiet()
        assert of_ours(house, "#deploys") == of_ours(house, "#payments") == []


async def test_an_archived_channel_is_off_and_its_maker_told_once(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await subscribes(house, "#deploys", "api")
        await subscribes(house, "#web-deploys", "api on=failure")
        house.play.slack.backend.world.channels["C0DEPLOYS1"].is_archived = True  # and no event comes
        await house.play.slack.control.acts["archive"]({"channel": "#web-deploys"})
        for number in (1, 2):
            await fails(house, number)
        await house.quiet()
        kept = await house.app.store.subscriptions.subscriptions(TEAM)
        assert [bool(each.off) for each in kept] == [True, True]
        told = [each.text for each in house.play.slack.direct_messages("linus") if "is off." in each.text]
        assert len(told) == 2
        assert [
            any(f"subscribed {name} to" in each for each in told) for name in ("#deploys", "#web-deploys")
        ] == [True] * 2


async def test_who_left_hands_them_to_the_owners(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await subscribes(house, "#deploys", "api")
        await house.play.slack.control.acts["deactivate"]({"person": "linus"})
        await house.play.slack.until(lambda: "has left" in str(of_ours(house, "#deploys")), PATIENCE)
        (kept,) = await house.app.store.subscriptions.subscriptions(TEAM)
        assert (kept.maker.kind, kept.maker.id) == (ActorKind.OWNERS, "api")
        await house.says("grace", "#deploys", "/unsubscribe api")
        await house.answered("grace", "no longer hears")
