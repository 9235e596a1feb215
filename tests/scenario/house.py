"""The whole of Slipway in one loop, with stand-ins over real HTTP and a clock that runs fast."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Self

from bot.app.compose import App, build
from bot.config.settings import Settings
from bot.core.lifecycle import ENDS, State
from bot.core.records import Deployment
from bot.playground.serve import Playground
from bot.playground.slack.seed import TEAM
from tests.fakes.clock import ScaledClock

CATALOG = Path(__file__).parent / "catalog.yml"
MANIFEST = Path("app-manifest.yml")
PATIENCE = 30.0


class House:
    """`async with House(url) as house`: a person types, the house answers."""

    def __init__(self, database_url: str, *, factor: float = 20.0, catalog: Path = CATALOG) -> None:
        self.clock = ScaledClock(factor)
        self._port = _free_port()
        self._database_url = database_url
        self._catalog = catalog
        self.play = Playground(
            manifest_path=MANIFEST, bot_url=f"http://127.0.0.1:{self._port}", clock=self.clock
        )
        self._app: App | None = None

    @property
    def app(self) -> App:
        """The bot that runs now."""
        assert self._app is not None, "the bot does not run"
        return self._app

    async def __aenter__(self) -> Self:
        await self.play.start()
        await self.start_bot()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._app is not None:
            await self.app.stop()
        await self.play.stop()

    async def start_bot(self) -> None:
        """Start it, with the settings that a real one would have."""
        environ = self.play.environment() | {
            "DATABASE_URL": self._database_url,
            "SLIPWAY_CONFIG": str(self._catalog),
            "SLIPWAY_PORT": str(self._port),
        }
        self._app = build(Settings.load(environ), self.clock)
        await self._app.start()

    async def says(self, person: str, channel: str, words: str) -> None:
        """A person types a command; it must be acknowledged."""
        done = await self.play.slack.command(person, channel, words)
        assert done["ok"], done

    async def deployment(self, number: int = 1) -> Deployment | None:
        """What is on record."""
        return await self.app.store.queries.deployment(TEAM, number)

    async def reaches(self, state: State, number: int = 1) -> Deployment:
        """Wait until the deployment is in this state."""
        return await self.sees(lambda found: found.state is state, number, f"to be {state}")

    async def ends(self, number: int = 1) -> Deployment:
        """Wait until it has ended, one way or another."""
        return await self.sees(lambda found: found.state in ENDS, number, "to end")

    async def sees(
        self, wanted: Callable[[Deployment], bool], number: int = 1, what: str = "that"
    ) -> Deployment:
        """Wait for something on record."""
        found: Deployment | None = None
        for _ in range(int(PATIENCE / 0.02)):
            found = await self.deployment(number)
            if found is not None and wanted(found):
                return found
            await self.clock.sleep(0.02 * 20)
        raise AssertionError(f"waited for #{number} {what}, but it is {found}")

    def card(self, channel: str, number: int = 1) -> str:
        """The text of a deployment's card; there is exactly one."""
        texts = [
            each.text for each in self.play.slack.messages(channel) if each.text.startswith(f"#{number} ")
        ]
        assert len(texts) == 1, texts
        return texts[0]

    async def card_says(self, words: str, channel: str = "#api-deploys", number: int = 1) -> None:
        """Wait until the card says so."""

        def said() -> bool:
            texts = [each.text for each in self.play.slack.messages(channel) if not each.thread_ts]
            return any(text.startswith(f"#{number} ") and words in text for text in texts)

        await self.play.slack.until(said, PATIENCE)

    async def answered(self, person: str, words: str) -> str:
        """Wait until the person was told so, for their eyes only."""

        def told() -> bool:
            return any(words in each.text for each in self.play.slack.ephemerals(person))

        await self.play.slack.until(told, PATIENCE)
        return next(each.text for each in self.play.slack.ephemerals(person) if words in each.text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
