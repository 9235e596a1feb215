"""A push at GitHub, and what channels see of its runs; nobody asked Slipway for any of them."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.core.linking import Account, Link
from bot.core.steps import Step
from bot.core.subscriptions import Topic, made
from bot.core.values import Actor, ActorKind
from bot.playground.github.names import ActName, WebhookMode
from bot.playground.slack.seed import GRACE, LINUS, TEAM
from bot.playground.slack.world import Message
from tests.scenario.house import PATIENCE, House
from tests.scenario.test_subscribe import SUBSCRIBE, of_ours, subscribes

SMOKE = Path(__file__).parent / "smoke.yml"
CI = "CI on main of acme/api"


async def links(house: House, login: str, person: str) -> None:
    account = Account("github", str(house.play.github.world.users[login].id), login)
    async with house.app.store.units.begin(TEAM, Step.LINK_TURN) as uow:
        await uow.links.put(Link(person, account, house.clock.now()))


def cards(house: House, channel: str, name: str = CI) -> list[Message]:
    found = [each for each in of_ours(house, channel) if not each.is_reply]
    return [each for each in found if each.text.startswith(f"{name}:")]


async def test_a_push_whose_test_fails_is_a_card_and_a_reply_for_its_author(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE, stages=True, speed=2.0) as house:
        await links(house, "grace", GRACE)
        await subscribes(house, "#deploys", "api on=* branch=main")
        await subscribes(house, "#web-deploys", "api", "ada")
        await subscribes(house, "#general", "api env=staging on=*")  # deployments alone
        await house.act(ActName.FAIL_NEXT, job="test")
        await house.act(ActName.ADD_COMMIT, repository="api", message="Add refunds", login="grace")
        for channel in ("#deploys", "#web-deploys"):
            reply = await house.replied(channel, f"{CI} failed")
            assert "in test at “" in reply.text
            assert str(reply.blocks).count(GRACE) == 1
            wrote = await house.replied(channel, f"{CI}: how test › ")
            assert "Error: Process completed with exit code 1." in str(wrote.blocks)
            assert (wrote.thread_ts, wrote.broadcast, GRACE in str(wrote.blocks)) == (
                reply.thread_ts,
                False,
                False,
            )
        await house.act(ActName.ADD_COMMIT, repository="api", message="Mend them", login="grace")
        await house.replied("#web-deploys", f"{CI} works again")
        await house.quiet()
        for channel in ("#deploys", "#web-deploys"):
            first, second = cards(house, channel)
            assert first.text.startswith(f"{CI}: failed in test at “")
            assert "Add refunds, by grace" in first.text
            assert (second.text.startswith(f"{CI}: succeeded."), "Mend them" in second.text) == (True, True)
            assert "'Open the run'" in str(first.blocks)
        replies = [each for each in of_ours(house, "#web-deploys") if each.is_reply]
        assert len(replies) == 3
        assert of_ours(house, "#general") == []
        assert await house.deployment() is None


async def test_what_we_start_ourselves_has_no_second_card(database_url: str) -> None:
    """A deployment and the workflow that looks at it, whether webhooks or the listing tell of them."""
    async with House(database_url, catalog=SMOKE, stages=True, speed=2.0) as house:
        who = Actor(ActorKind.PERSON, LINUS, "Linus")
        async with house.app.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            await uow.subscriptions.put("C0DEPLOYS1", "#deploys", made(["api"], topics=Topic), who)
        for number, mode in enumerate((WebhookMode.ON, WebhookMode.DROP), start=1):
            await house.act(ActName.WEBHOOKS, mode=mode)
            await house.says("ada", "#api-deploys", "/deploy api staging")
            await house.reaches(State.SUCCEEDED, number)
            house.clock.leap(60)
        await house.quiet()
        texts = [each.text for each in of_ours(house, "#deploys") if not each.is_reply]
        assert [each.partition(":")[0] for each in texts] == ["#1 api to staging", "#2 api to staging"]


async def test_each_attempt_is_seen_on_one_card_that_comes_back_when_somebody_deletes_it(
    database_url: str,
) -> None:
    async with House(database_url, catalog=SUBSCRIBE, stages=True, speed=2.0) as house:
        await subscribes(house, "#deploys", "api on=failure")
        await house.act(ActName.FAIL_NEXT, job="test")
        await house.act(ActName.ADD_COMMIT, repository="api", message="Add refunds", login="grace")
        await house.replied("#deploys", f"{CI} failed")
        await house.quiet()
        (card,) = cards(house, "#deploys")
        await house.play.slack.control.acts["delete_message"]({"channel": "#deploys", "ts": card.ts})
        api = house.play.github.world.repository("acme/api")
        assert api is not None
        (run,) = [
            each for each in api.runs.values() if each.path.endswith("ci.yml") and each.title == "Add refunds"
        ]
        await house.act(ActName.RERUN, run=run.id)
        again = f"{CI}, attempt 2: succeeded."
        await house.play.slack.until(
            lambda: any(each.text.startswith(again) for each in of_ours(house, "#deploys")), PATIENCE
        )
        await house.quiet()
        standing = [each for each in of_ours(house, "#deploys") if not each.is_reply]
        assert len(standing) == 1
