"""A frozen environment, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.gates.model import GateState
from bot.core.lifecycle import State
from bot.playground.slack.seed import ADA, TEAM
from tests.scenario.catalogs import with_rule
from tests.scenario.house import House


def stocktaking(folder: Path) -> Path:
    """Staging is frozen for some hours from now."""
    now = datetime.now(UTC)
    span = f"from: {now - timedelta(days=1):%Y-%m-%d}, to: '{now + timedelta(hours=6):%Y-%m-%d %H:%M}'"
    return with_rule(folder, f"freeze: [{{{span}, zone: UTC, reason: stocktaking, override: [sre]}}]")


async def test_it_waits_for_the_end_of_a_freeze_and_starts_by_itself(
    database_url: str, tmp_path: Path
) -> None:
    async with House(database_url, catalog=stocktaking(tmp_path)) as house:
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.card_says("staging is frozen until")
        waiting = await house.reaches(State.WAITING)
        assert "stocktaking" in waiting.note
        assert "Somebody of sre" in waiting.next_step
        (said,) = [each for each in waiting.verdicts if each.gate == "freeze"]
        assert said.state is GateState.WAITING
        assert house.play.github.dispatches() == []
        house.clock.leap(6 * 3600)
        await house.reaches(State.SUCCEEDED)
        assert len(house.play.github.dispatches()) == 1


async def test_somebody_whom_the_freeze_names_lets_one_pass(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=stocktaking(tmp_path)) as house:
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.card_says("staging is frozen until")
        await house.says("linus", "#api-deploys", "/override #1 because I can't wait")
        await house.answered("linus", "You can't override the freeze of staging.")
        await house.says("ada", "#api-deploys", "/override #1")
        await house.answered("ada", "Which reason?")
        assert house.play.github.dispatches() == []
        await house.says("ada", "#api-deploys", "/override #1 because customers can't pay")
        await house.answered("ada", "You let api to staging pass the freeze.")
        ended = await house.reaches(State.SUCCEEDED)
        assert [(each.person, each.reason) for each in ended.overrides] == [(ADA, "customers can't pay")]
        (card,) = house.cards("#api-deploys")
        assert "overridden by" in str(card.blocks)
        assert "customers can't pay" in str(card.blocks)
        trail = [str(each) async for each in house.app.store.audit.export(TEAM)]
        assert len([each for each in trail if "GateOverridden" in each]) == 1
        assert [each for each in trail if "RequestRefused" in each and "override the freeze" in each]
        await house.says("ada", "#api-deploys", "/override #1 because again")
        await house.answered("ada", "#1 has ended already")


async def test_a_subscribed_channel_is_told_when_it_begins_and_when_it_ends(
    database_url: str, tmp_path: Path
) -> None:
    catalog = stocktaking(tmp_path)
    wanted = 'subscriptions: [{channel: "#web-deploys", services: [api], on: [freeze]}]'
    catalog.write_text(f"{catalog.read_text()}{wanted}\n")
    async with House(database_url, catalog=catalog) as house:

        def told() -> list[str]:
            return [each.text for each in house.cards("#web-deploys") if "rozen" in each.text]

        await ticks(house)
        await house.quiet()
        [begins] = told()
        assert "Frozen: staging of api." in begins
        assert "Why: stocktaking." in begins
        assert "Somebody of sre may let one pass" in begins
        await house.app.stop()  # and another process goes on
        await house.start_bot()
        await ticks(house)
        await house.quiet()
        assert told() == [begins]
        await house.leaps(6 * 3600)
        await ticks(house)
        await ticks(house)
        await house.quiet()
        [_, ends] = told()
        assert "No longer frozen: staging of api." in ends


async def ticks(house: House) -> None:
    assert house.app.metronome is not None
    await house.app.metronome.tell_of_freezes()
