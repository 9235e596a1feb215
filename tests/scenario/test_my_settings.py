"""Settings on the home tab over real HTTP, on both databases: chosen with a menu, in force from then on."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.core.lifecycle import State
from bot.playground.slack.views import View
from tests.scenario.house import PATIENCE, House
from tests.scenario.rest import left_to_tell


async def choose(house: House, action: str, value: str) -> None:
    """Linus opens his tab, and chooses."""
    slack = house.play.slack
    await slack.open_home("linus")
    await slack.until(lambda: f"'{action}'" in str(_blocks(slack.home("linus"))), PATIENCE)
    view = slack.home("linus")
    assert view is not None
    told = {"selected_time": value} if ":" in value else {"selected_option": _option(view, action, value)}
    assert (await slack.click("linus", view, action, **told))["ok"]


def _blocks(view: View | None) -> list[object]:
    return list(view.blocks) if view is not None else []


def _option(view: View, action: str, value: str) -> object:
    menus = [block["accessory"] for block in view.blocks if block.get("accessory")]
    menu = next(each for each in menus if each["action_id"] == action)
    return next(each for each in menu["options"] if each["value"] == value)


async def test_what_somebody_chooses_holds_from_the_next_message_on(database_url: str) -> None:
    """They hear of their own ends at once, and while they have quiet hours in one message after them."""
    async with House(database_url) as house:
        slack = house.play.slack
        await choose(house, "tell_my_ends", "always")
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        await slack.until(lambda: "deployed" in str(slack.direct_messages("linus")), PATIENCE)
        assert "Its card" in str(slack.direct_messages("linus")[0].blocks)
        await choose(house, "quiet", "on")
        begins, ends = around_now(house)
        await choose(house, "quiet_from", begins)
        await choose(house, "quiet_until", ends)
        await slack.until(lambda: f"from {begins} to {ends}" in str(_blocks(slack.home("linus"))), PATIENCE)
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED, 2)
        while await left_to_tell(house.app.store) != 1:
            await house.clock.sleep(1)
        assert len(slack.direct_messages("linus")) == 1
        house.clock.leap(4 * 3600)
        await slack.until(lambda: len(slack.direct_messages("linus")) == 2, PATIENCE)
        later = str(slack.direct_messages("linus")[1].blocks)
        assert "While you had quiet hours:" in later
        assert "#2 api to staging: deployed." in later


def around_now(house: House) -> tuple[str, str]:
    """From two hours ago to three hours ahead, by the clock on his wall."""
    person = house.play.slack.world.person("linus")
    assert person is not None
    now = house.clock.now().astimezone(ZoneInfo(person.tz))
    return f"{now - timedelta(hours=2):%H:00}", f"{now + timedelta(hours=3):%H:00}"
