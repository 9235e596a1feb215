"""A frozen environment, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.gates.model import GateState
from bot.core.lifecycle import State
from tests.scenario.catalogs import with_rule
from tests.scenario.house import House


async def test_it_waits_for_the_end_of_a_freeze_and_starts_by_itself(
    database_url: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    span = f"from: {now - timedelta(days=1):%Y-%m-%d}, to: '{now + timedelta(hours=6):%Y-%m-%d %H:%M}'"
    catalog = with_rule(tmp_path, f"freeze: [{{{span}, zone: UTC, reason: stocktaking, override: [sre]}}]")
    async with House(database_url, catalog=catalog) as house:
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
