"""What follows a rollback when the process dies in the moment in which it is verified: all of it, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.core.steps import Step
from bot.playground.slack.seed import TEAM
from tests.scenario.catalogs import PRODUCTION, with_rule
from tests.scenario.crash.house import FragileHouse
from tests.scenario.crash.points import Moment, Point
from tests.scenario.test_rollback import CHANNEL, confirms, deployed

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
async def test_killed_while_a_rollback_is_verified(database_url: str, tmp_path: Path, moment: Moment) -> None:
    catalog = with_rule(tmp_path, "rollback: {hold: 4h}", PRODUCTION)
    async with FragileHouse(database_url, factor=8.0, catalog=catalog) as house:  # a preview takes its time
        await deployed(house, "v1.4.0", "v1.4.1")
        await house.says("ada", CHANNEL, "/rollback api production because the checkout fails")
        await house.answered("ada", "Roll back api in production?")
        house.switch.arm(Point(Step.RECORD_END, moment))
        await confirms(house, "ada", "Roll back api in production?")
        await house.dies()
        await house.lives_on()
        await house.reaches(State.SUCCEEDED, 3)
        await house.replied(CHANNEL, "it took these commits away.")
        await house.quiet()
        store = house.app.store
        [kept_out] = await store.quarantines.held(TEAM)
        [hold] = await store.locks.held(TEAM)
        [failure] = await store.failures.of(TEAM, "api", "production")
        undone = await house.deployment(2)
        assert undone is not None
        assert undone.undone_by == 3
        assert kept_out.sha == hold.spares == undone.release_sha
        assert failure.ended_at is not None
        told = [each for each in house.play.slack.messages(CHANNEL) if "took these commits" in each.text]
        assert len(told) == 1
