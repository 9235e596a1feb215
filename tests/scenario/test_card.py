"""What a card says of the release, from what runs to what shall run, on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.playground.github.names import ActName
from tests.scenario.house import PATIENCE, House

CATALOG = Path(__file__).parent / "approvals.yml"
CHANNEL = "#api-deploys"


async def approved(house: House, number: int) -> None:
    """Two people let it go to production, and it arrives."""
    for person in ("ada", "grace"):
        await house.card_says("Waiting for", number=number)
        await house.says(person, CHANNEL, f"/approve #{number} production")
    await house.reaches(State.SUCCEEDED, number)


async def shows(house: House, number: int, words: str) -> str:
    """Wait until the card has this in one of its blocks; all of them then."""

    def shown() -> str:
        found = [str(each.blocks) for each in house.cards(CHANNEL) if each.text.startswith(f"#{number} ")]
        return "".join(found)

    await house.play.slack.until(lambda: words in shown(), PATIENCE)
    return shown()


async def test_it_names_the_commits_details_has_them_all_and_the_end_is_short(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/deploy api production")
        await shows(house, 1, "nothing ran there before")
        await approved(house, 1)
        for number in range(1, 8):
            await house.act(
                ActName.ADD_COMMIT, repository="acme/api", message=f"Change {number} (#{900 + number})"
            )
        await house.says("linus", "#deploys", "/deploy api production")
        card = await shows(house, 2, "… and 2 more")
        assert "7 commits, 7 pull requests since #1" in card
        assert [n for n in range(1, 8) if f"Change {n}" in card] == [3, 4, 5, 6, 7]
        assert "/acme/api/pull/907" in card
        assert "/acme/api/compare/" in card
        await house.press("margaret", CHANNEL, "details", number=2)
        told = await house.answered("margaret", "What it brings")
        assert [n for n in range(1, 8) if f"Change {n}" in told] == list(range(1, 8))
        assert "#2 api to production: waiting" in told
        await approved(house, 2)
        await house.card_says("deployed", number=2)
        card = await shows(house, 2, "7 commits")
        assert "Change 6" not in card
        assert "'details'" in card


async def test_it_warns_of_what_would_be_taken_back(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await house.says("linus", "#deploys", "/deploy api production")
        await approved(house, 1)
        await house.says("linus", "#deploys", "/deploy api production v1.4.0 dry-run")
        told = await house.answered("linus", "Dry run")
        assert "it would take #1's commit back" in told
        await house.act(ActName.FORCE_PUSH, repository="acme/api", branch="main")
        await house.says("linus", "#deploys", "/deploy api production")
        card = await shows(house, 2, "was rewritten by force since #1")
        assert "it would take #1's commit back." in card
