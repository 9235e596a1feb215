"""Killed while something is measured on a schedule: what has turned is told, and only once."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.core.steps import Step
from bot.slack.messenger import REPEAT
from tests.fakes.website import Website, broken
from tests.scenario.crash.house import FragileHouse
from tests.scenario.crash.points import Call, Moment, Point
from tests.scenario.crash.scenes import TAG, WITH_SMOKE, ask, judge
from tests.scenario.house import PATIENCE

# What a killed process had open, the system closes; here the garbage collector does.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
HOURS = 4 * 3600.0
PROBE, POST = Call("Probe", "get"), Call("Chat", "post")
POINTS = (
    *(Point(Step.TAKE_TURN, moment) for moment in (Moment.BEFORE, Moment.AFTER)),
    *(Point(Step.KEEP_READING, moment) for moment in (Moment.BEFORE, Moment.AFTER)),
    *(Point(Step.KEEP_READING, moment, nth=3) for moment in (Moment.BEFORE, Moment.AFTER)),
    Point(PROBE, Moment.DURING, nth=2),
    *(Point(POST, moment) for moment in Moment),
)


async def ticks(house: FragileHouse) -> None:
    """The clock of this life ticks; a life that ends meanwhile takes it along."""
    life, metronome = house.switch.life, house.app.metronome
    assert life is not None
    assert metronome is not None
    await asyncio.wait({life.begin(metronome.measure())})


@pytest.mark.parametrize("point", POINTS, ids=str)
async def test_killed_while_it_is_measured_on_a_schedule(
    database_url: str, tmp_path: Path, point: Point
) -> None:
    async with Website() as site:
        catalog = tmp_path / "slipway.yml"
        rule = f'{{http: "{site.url}", passes: 2, within: 10s, private: true, every: 4h}}'
        catalog.write_text(re.sub(r"verify: \[.*\]", f"verify: [{rule}]", WITH_SMOKE.read_text()))
        async with FragileHouse(database_url, catalog=catalog) as house:
            await ask(house, TAG)
            await house.reaches(State.SUCCEEDED)
            await house.quiet()
            site.says = broken
            house.clock.leap(HOURS)
            house.switch.arm(point)
            await ticks(house)
            await house.dies()
            await house.lives_on()
            await ticks(house)

            def told() -> list[str]:
                return [each.text for each in house.cards(TAG.channel) if "verification fails" in each.text]

            await house.play.slack.until(lambda: bool(told()), PATIENCE)
            await judge(house, TAG)
            plain = [each for each in told() if REPEAT not in each]
            if point.target == POST:  # nobody can look for it: it may be said again, and says so
                assert len(plain) <= 1 <= len(told()) <= 2
            else:
                assert told() == plain
                assert len(plain) == 1
