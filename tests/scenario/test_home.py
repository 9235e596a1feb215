"""The home tab over real HTTP, on both databases: it shows what waits, and one decides in it."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from tests.scenario.house import PATIENCE, House

CATALOG = Path(__file__).parent / "approvals.yml"


async def home_says(house: House, person: str, words: str) -> str:
    """Wait until their tab says so."""
    slack = house.play.slack

    def text() -> str:
        view = slack.home(person)
        return str(view.blocks) if view is not None else ""

    await slack.until(lambda: words in text(), PATIENCE)
    return text()


async def test_one_decides_on_the_home_tab(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        slack = house.play.slack
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.card_says("Waiting for 1 approval of sre")
        await slack.open_home("linus")
        assert "'approve'" not in await home_says(house, "linus", "You asked for")
        await slack.open_home("ada")
        assert "/archives/C0APIDEPLO/" in await home_says(house, "ada", "'approve'")
        view = slack.home("ada")
        assert view is not None
        assert (await slack.click("ada", view, "approve"))["ok"]
        await house.reaches(State.SUCCEEDED)
        await home_says(house, "ada", "Nothing waits for your decision.")
        await slack.until(lambda: "approved api to staging" in str(slack.direct_messages("ada")), PATIENCE)
        await slack.open_home("linus")
        await slack.until(lambda: "You asked for" not in str(slack.home("linus")), PATIENCE)


async def test_a_rejection_on_the_home_tab_asks_for_its_reason(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG, factor=2) as house:
        slack = house.play.slack
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.card_says("Waiting for 1 approval of sre")
        await slack.open_home("ada")
        await home_says(house, "ada", "'reject'")
        view = slack.home("ada")
        assert view is not None
        assert (await slack.click("ada", view, "reject"))["ok"]
        await slack.until(lambda: any("reason" in str(each.blocks) for each in slack.opened_views("ada")))
        done = await slack.submit("ada", slack.opened_views("ada")[-1], {"reason": "not today"})
        assert done["ok"], done
        ended = await house.reaches(State.REJECTED)
        assert ended.note == "Rejected by Ada: not today"
        await home_says(house, "ada", "Nothing waits for your decision.")
