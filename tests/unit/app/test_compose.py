"""What the settings change in what is put together."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from bot.app.compose import App
from bot.app.outside import Outside
from bot.config.settings import Settings
from bot.core.catalog import Catalog
from bot.core.lifecycle import State
from bot.engine.rehearsing import rehearse
from tests.databases import Backend
from tests.fakes.alarms import FakeAlarms
from tests.fakes.chat import FakeChannels, FakeChat, FakeDirectory, FakeHomes, FakeOpener
from tests.fakes.metrics import FakeMetrics
from tests.fakes.probe import FakeProbe
from tests.fakes.queues import StillClock
from tests.scenario.house import CATALOG, PATIENCE, House

SECRETS = {"SLACK_BOT_TOKEN": "xoxb-" + "1" * 20, "SLACK_SIGNING_SECRET": "2" * 32}


async def test_commands_are_understood_under_their_prefix(tmp_path: Path) -> None:
    given = {"DATABASE_URL": f"sqlite:///{tmp_path / 'slipway.db'}", "SLIPWAY_COMMAND_PREFIX": "x-"}
    app = App(Settings.load(SECRETS | given), Catalog(), StillClock())
    talk = (cast(Any, FakeChat()), FakeOpener(), FakeDirectory(), FakeChannels(), FakeHomes())
    outside = Outside({}, *talk, FakeProbe(), FakeMetrics(), FakeAlarms())
    assert app._surroundings(outside, None, partial(rehearse, app._world(outside))).prefix == "x-"
    await app.stop()


@pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
async def test_a_bad_catalog_is_told_in_the_audit_channel(database_url: str, tmp_path: Path) -> None:
    catalog = tmp_path / "slipway.yml"
    good = CATALOG.read_text().replace(
        'channel: "#deploys"', 'channel: "#deploys"\n  audit_channel: "#audit"'
    )
    catalog.write_text(good)
    async with House(database_url, catalog=catalog) as house:
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        catalog.write_text(good.replace("repository:", "repositry:"))
        house.app.reload()
        await house.play.slack.until(lambda: bool(house.cards("#audit")), PATIENCE)
        (told,) = house.cards("#audit")
        assert "The last good one stays in force" in told.text
        assert "repositry" in told.text
        assert house.app.catalog.service("api") is not None
