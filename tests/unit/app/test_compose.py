"""What the settings change in what is put together."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from bot.app.compose import App, Outside
from bot.config.settings import Settings
from bot.core.catalog import Catalog
from tests.fakes.chat import FakeChannels, FakeChat, FakeDirectory, FakeOpener
from tests.fakes.queues import StillClock

SECRETS = {"SLACK_BOT_TOKEN": "xoxb-" + "1" * 20, "SLACK_SIGNING_SECRET": "2" * 32}


async def test_commands_are_understood_under_their_prefix(tmp_path: Path) -> None:
    given = {"DATABASE_URL": f"sqlite:///{tmp_path / 'slipway.db'}", "SLIPWAY_COMMAND_PREFIX": "x-"}
    app = App(Settings.load(SECRETS | given), Catalog(), StillClock())
    outside = Outside({}, cast(Any, FakeChat()), FakeOpener(), FakeDirectory(), FakeChannels())
    assert app._surroundings(outside).prefix == "x-"
    await app.stop()
