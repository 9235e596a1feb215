"""A checklist, from its items on the card to what runs, on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.playground.slack.seed import TEAM
from tests.scenario.catalogs import PRODUCTION, with_rule
from tests.scenario.house import House

CHANNEL = "#api-deploys"
LIST = "checklist: {before: [backup verified, {auto: checks}, team told], after: [metrics watched]}"


async def trail(house: House) -> list[str]:
    return [str(each) async for each in house.app.store.audit.export(TEAM)]


async def test_it_starts_when_the_last_item_is_ticked(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=with_rule(tmp_path, LIST)) as house:
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.card_says("Not ticked yet: backup verified, team told.")
        await house.press("ada", CHANNEL, "tick:0")
        await house.card_says("Not ticked yet: team told.")
        await house.press("linus", CHANNEL, "untick:0")
        await house.card_says("Not ticked yet: backup verified, team told.")
        await house.press("linus", CHANNEL, "tick:1")
        await house.card_says("Not ticked yet: backup verified.")
        assert house.play.github.dispatches() == []
        await house.press("ada", CHANNEL, "tick:0")
        ended = await house.reaches(State.SUCCEEDED)
        assert {(each.item, each.name) for each in ended.ticks} == {
            ("backup verified", "Ada"),
            ("team told", "Linus"),
        }
        assert len(house.play.github.dispatches()) == 1
        await house.press("linus", CHANNEL, "tick:0")
        await house.sees(lambda found: len(found.ticks) == 3, what="to be watched")
        records = await trail(house)
        assert len([each for each in records if "ItemTicked" in each]) == 4
        assert len([each for each in records if "ItemUnticked" in each]) == 1
        await house.quiet()
        (card,) = house.cards(CHANNEL)
        assert "metrics watched" in str(card.blocks)
        assert "by itself" in str(card.blocks)


async def test_who_may_not_tick_and_who_may_let_it_pass(database_url: str, tmp_path: Path) -> None:
    rights = "rights: {override_checklist: [payments]}"
    catalog = with_rule(tmp_path, f"{LIST}\n        {rights}", PRODUCTION)
    catalog.write_text(catalog.read_text().replace("owners: [payments]", "owners: [sre]"))
    async with House(database_url, catalog=catalog) as house:
        await house.says("ada", "#deploys", "/deploy api production v1.5.0")
        await house.card_says("Not ticked yet: backup verified, team told.")
        await house.press("linus", CHANNEL, "tick:0")
        await house.answered("linus", "You can't tick the checklist of api in production.")
        await house.says("ada", CHANNEL, "/override #1 because it burns")
        await house.answered("ada", "You can't override the checklist of production.")
        await house.says("grace", CHANNEL, "/override #1 freeze because it burns")
        await house.answered("grace", "production is not frozen now.")
        waiting = await house.deployment()
        assert waiting is not None
        assert (waiting.state, waiting.ticks, waiting.overrides) == (State.WAITING, (), ())
        await house.says("grace", CHANNEL, "/override #1 checklist because it burns")
        await house.answered("grace", "You let api to production pass the checklist.")
        ended = await house.reaches(State.SUCCEEDED)
        assert [(each.name, each.reason) for each in ended.overrides] == [("Grace", "it burns")]
        (card,) = house.cards(CHANNEL)
        assert "overridden by" in str(card.blocks)
        assert [
            each for each in await trail(house) if "RequestRefused" in each and "tick the checklist" in each
        ]
