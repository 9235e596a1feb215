"""The whole of Slipway in one loop, with stand-ins over real HTTP and a clock that runs fast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from bot.app.compose import App, build
from bot.config.settings import Settings
from bot.core.lifecycle import ENDS, State
from bot.core.records import Deployment
from bot.playground.github import AppKey
from bot.playground.github.company.build import Company, acme
from bot.playground.github.names import ActName
from bot.playground.serve import Playground
from bot.playground.slack.seed import TEAM
from bot.playground.slack.views import View
from bot.playground.slack.world import Message
from bot.store.store import Store
from tests.fakes.clock import ScaledClock, Unhurried
from tests.fakes.ports import free_port
from tests.scenario.rest import left_to_do, left_to_tell, looks_under_way, version_of

CATALOG = Path(__file__).parent / "catalog.yml"
MANIFEST = Path("app-manifest.yml")
PATIENCE = 30.0
SOON = 0.01
LOOK = 0.08  # seconds between two looks at the record: often enough, and a look costs
SELDOM = 10  # looks


class House:
    """`async with House(url) as house`: a person types, the house answers."""

    def __init__(
        self,
        database_url: str,
        *,
        factor: float = 20.0,
        catalog: Path = CATALOG,
        socket_mode: bool = False,
        manifest: Path = MANIFEST,
        prefix: str = "",
        app: bool = False,
        stages: bool = False,
        speed: float = 1.0,
        environ: Mapping[str, str] | None = None,
        company: Company = acme,
    ) -> None:
        """Runs have their job that deploys, and with `stages` those before and after it too."""
        self._environ = dict(environ or {})
        self._prefix = prefix
        self.clock = ScaledClock(factor)
        self._patience = Unhurried(self.clock)
        self._port = free_port()
        self._database_url = database_url
        self._catalog = catalog
        self.play = Playground(
            manifest_path=manifest,
            bot_url=f"http://127.0.0.1:{self._port}",
            clock=self.clock,
            slack_clock=self._patience,
            socket_mode=socket_mode,
            app=AppKey.fresh() if app else None,
            speed=speed,
            company=company,
        )
        self.play.github.site.brief = not stages
        self.play.slack.backend.triggers.seconds = PATIENCE * factor
        self._app: App | None = None
        self.slack_answers = True  # or else the bot does not learn which workspace it is in

    @property
    def url(self) -> str:
        """Where the bot listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def app(self) -> App:
        """The bot that runs now."""
        assert self._app is not None, "the bot does not run"
        return self._app

    @property
    def record(self) -> Store:
        """Where the test reads what is on record."""
        return self.app.store

    async def __aenter__(self) -> Self:
        await self.play.start()
        try:
            await self.start_bot()
        except BaseException:
            await self.play.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._app is not None:
            await self.app.stop()
        await self.play.stop()

    def environment(self) -> dict[str, str]:
        """What is set where the bot runs."""
        return self.play.environment() | {
            "DATABASE_URL": self._database_url,
            "SLIPWAY_CONFIG": str(self._catalog),
            "SLIPWAY_PORT": str(self._port),
            "SLIPWAY_COMMAND_PREFIX": self._prefix,
            **self._environ,
        }

    async def start_bot(self) -> None:
        """Start it, with the settings that a real one would have."""
        self._app = build(Settings.load(self.environment()), self.clock)
        self._app.store.database.lease *= (
            self.clock.factor
        )  # this machine is as slow as it is, however fast time goes
        await self._app.start()
        if not self.slack_answers:
            return
        for _ in range(int(PATIENCE / SOON)):  # GitHub is turned away until then, and does not come again
            if self._app.workspace is not None:
                break
            await self._patience.sleep(SOON)
        else:
            raise AssertionError("the bot never learned which workspace it is in")
        if self.play.socket_mode:
            await self.play.slack.until(lambda: self.play.slack.connected, PATIENCE)

    async def says(self, person: str, channel: str, words: str) -> None:
        """A person types a command; it must be acknowledged."""
        done = await self.play.slack.command(person, channel, words)
        assert done["ok"], done

    async def breaks_the_glass(self, person: str, channel: str, words: str, name: str = "production") -> None:
        """A person types it, and confirms it in the form that opens."""
        await self.says(person, channel, words)
        done = await self.play.slack.submit(person, await self.form(person, "emergency"), {"name": name})
        assert done["ok"], done

    async def form(self, person: str, command: str) -> View:
        """Wait until the form of this command is open, and its fields are there."""

        def found() -> list[View]:
            opened = self.play.slack.opened_views(person)
            filled = [each for each in opened if each.payload.get("submit")]
            return [each for each in filled if each.payload["callback_id"] == command]

        await self.play.slack.until(lambda: bool(found()), PATIENCE)
        return found()[-1]

    async def deployment(self, number: int = 1) -> Deployment | None:
        """What is on record."""
        return await self.record.queries.deployment(TEAM, number)

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
        found, seen = None, None
        for turn in range(int(PATIENCE / LOOK)):
            version = await version_of(self.record, TEAM, number)
            if version != seen or turn % SELDOM == 0:  # what is described of its run changes no version
                seen, found = version, await self.deployment(number)
                if found is not None and wanted(found):
                    return found
            await self._patience.sleep(LOOK)
        told = [each.text for name in ("ada", "linus") for each in self.play.slack.ephemerals(name)]
        raise AssertionError(f"waited for #{number} {what}, but it is {found}; people were told {told}")

    async def act(self, name: ActName, /, **body: Any) -> None:
        """Something happens at GitHub."""
        done = await self.play.github.acts.perform(name, **body)
        assert done["ok"], done

    def cards(self, channel: str) -> list[Message]:
        """The messages that stand for themselves, outside threads."""
        return [each for each in self.play.slack.messages(channel) if not each.is_reply]

    async def press(self, person: str, channel: str, action: str, number: int = 1) -> None:
        """Press a button of a card, as soon as it shows it."""
        await self.play.slack.until(lambda: f"'{action}'" in str(self._card(channel, number)), PATIENCE)
        card = self._card(channel, number)
        assert card is not None
        done = await self.play.slack.click(person, card, action)
        assert done["ok"], done

    async def replied(self, channel: str, words: str) -> Message:
        """Wait for a new message in a thread."""

        def found() -> list[Message]:
            replies = [each for each in self.play.slack.messages(channel) if each.is_reply]
            return [each for each in replies if words in each.text]

        await self.play.slack.until(lambda: bool(found()), PATIENCE)
        return found()[0]

    async def quiet(self) -> None:
        """Wait until no work and no effect is left to do."""
        for _ in range(int(PATIENCE / LOOK)):
            if await left_to_do(self.app.store) == 0:
                return
            await self._patience.sleep(LOOK)
        raise AssertionError("it never came to rest")

    async def looks_away(self) -> None:
        """Wait until nobody looks at anything: whoever leaps before that changes when the next look comes."""
        for _ in range(int(PATIENCE / SOON)):
            if await looks_under_way(self.app.store) == 0:
                return
            await self._patience.sleep(SOON)
        raise AssertionError("somebody looked all the time")

    async def leaps(self, seconds: float) -> None:
        """So much later; not in the middle of an effect, whose lease would end, so that it is repeated."""
        for _ in range(int(PATIENCE / LOOK)):
            if await left_to_tell(self.app.store) == 0:
                self.clock.leap(seconds)
                return
            await self._patience.sleep(LOOK)
        raise AssertionError("there was always something to tell")

    def tags_of_ours(self, repository: str) -> list[str]:
        """The tags that pin a dispatch and were not taken away."""
        found = self.play.github.world.repository(repository)
        assert found is not None
        return [name for name in found.git.refs if name.startswith("refs/tags/slipway/")]

    def _card(self, channel: str, number: int) -> Message | None:
        return next((each for each in self.cards(channel) if each.text.startswith(f"#{number} ")), None)

    async def card_says(self, words: str, channel: str = "#api-deploys", number: int = 1) -> None:
        """Wait until the card says so."""

        def said() -> bool:
            card = self._card(channel, number)
            return card is not None and words in card.text

        await self.play.slack.until(said, PATIENCE)

    async def answered(self, person: str, words: str) -> str:
        """Wait until the person was told so, for their eyes only."""

        def told() -> bool:
            return any(words in each.text for each in self.play.slack.ephemerals(person))

        await self.play.slack.until(told, PATIENCE)
        return next(each.text for each in self.play.slack.ephemerals(person) if words in each.text)
