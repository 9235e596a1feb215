"""/approvals: what waits for whom, over real HTTP on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.playground.slack.world import Message
from tests.databases import Backend
from tests.scenario.house import PATIENCE, House

CATALOG = Path(__file__).parent / "approvals.yml"
CHANNEL = "#api-deploys"
ONE_KIND = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


async def list_of(house: House, person: str, words: str) -> Message:
    """Ask for the list, which must say so."""
    before = len(house.play.slack.ephemerals(person))

    def heard() -> list[Message]:
        return house.play.slack.ephemerals(person)[before:]

    await house.says(person, "#deploys", "/approvals")
    await house.play.slack.until(lambda: any(words in each.text for each in heard()), PATIENCE)
    return heard()[-1]


async def test_one_decides_in_the_list(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/deploy api staging because it is Monday")
        await house.card_says("Waiting for 1 approval of sre")
        await house.says("ada", "#deploys", "/deploy api production")
        await house.card_says("Waiting for 2 approvals", number=2)
        (first, second) = house.cards(CHANNEL)
        shown = await list_of(house, "ada", "Waits for you")
        own, others = shown.text.split("Waits for others")
        assert f"#1 ({house.play.slack.url}/archives/C0APIDEPLO/p{first.ts.replace('.', '')})" in own
        assert "asked by @Linus" in own
        assert f"p{second.ts.replace('.', '')}) api to production · asked by @Ada" in others
        assert (await house.play.slack.click("ada", shown, "approve"))["ok"]
        await house.answered("ada", "You approved api to staging")
        await list_of(house, "ada", "Nothing waits for your decision.")


async def test_a_rejection_from_the_list_asks_for_its_reason(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG, factor=2) as house:
        slack = house.play.slack
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.card_says("Waiting for 1 approval of sre")
        shown = await list_of(house, "ada", "Waits for you")
        assert (await slack.click("ada", shown, "reject"))["ok"]
        await slack.until(lambda: any("reason" in str(each.blocks) for each in slack.opened_views("ada")))
        done = await slack.submit("ada", slack.opened_views("ada")[-1], {"reason": "not today"})
        assert done["ok"], done
        ended = await house.reaches(State.REJECTED)
        assert ended.note == "Rejected by Ada: not today"


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The catalog with one line written otherwise."""
    assert old in CATALOG.read_text()
    path = tmp_path / "slipway.yml"
    path.write_text(CATALOG.read_text().replace(old, new, 1))
    return path


@ONE_KIND
async def test_a_guest_has_nothing_to_decide(database_url: str, tmp_path: Path) -> None:
    """Not even where the catalog names one."""
    named = changed(tmp_path, "{slack_group: sre}", "{slack_group: sre, users: [U0GUEST001]}")
    async with House(database_url, catalog=named) as house:
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.card_says("Waiting for 1 approval of sre")
        await house.says("gus", "#deploys", "/approvals")
        told = await house.answered("gus", "Nothing waits for your decision.")
        assert "Waits for others" in told
        assert "'approve'" not in str(house.play.slack.ephemerals("gus")[-1].blocks)


@ONE_KIND
async def test_a_hidden_service_is_in_no_list(database_url: str, tmp_path: Path) -> None:
    hidden = changed(tmp_path, "    owners:", "    visible_to: [sre]\n    owners:")
    async with House(database_url, catalog=hidden) as house:
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.card_says("Waiting for 1 approval of sre")
        await house.says("linus", "#deploys", "/approvals")
        assert await house.answered("linus", "Nothing waits") == "Nothing waits for your decision."
