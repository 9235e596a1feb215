"""A bot that does nothing but deliver: the real relay, messenger and client, which can be killed."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from bot.engine.clock import waker
from bot.engine.outbox import LONGEST, OutboxRelay
from bot.slack.messenger import SlackMessenger
from bot.store.store import Store
from bot.store.wakeups import Wake
from integrations.slack import SlackChannels, SlackChat, make_client
from tests.fakes.clock import ScaledClock
from tests.scenario.crash.connections import Connections
from tests.scenario.crash.switch import Life


@dataclass
class Homes:
    """Nobody opens one here."""

    async def show(self, workspace: str, person: str) -> None:
        """Never called."""
        raise AssertionError(f"nobody opened the home tab of {person} in {workspace}")


class Replica:
    """One life of it; the next one is another replica."""

    def __init__(self, url: str, name: str, clock: ScaledClock, api_url: str, token: str) -> None:
        self.store = Store(url, clock, owner=name, database_time=False)
        self._clock, self._api_url, self._token = clock, api_url, token
        database = self.store.database
        self._connections = Connections(database._writer, database._reader)
        self._life = Life()

    def start(self, session: aiohttp.ClientSession) -> None:
        """Deliver from now on."""
        self._life.begin(self._run(session))

    async def _run(self, session: aiohttp.ClientSession) -> None:
        client = make_client(self._token, self._api_url, session)
        channels = SlackChannels(client, self._clock.now)
        chat, links = SlackChat(client, session), self.store.links
        messenger = SlackMessenger(chat, self.store.queries, Homes(), channels, links)
        ear = waker(self.store.wakeup(Wake.OUTBOX).wait, self._clock)
        longest = LONGEST / self._clock.factor
        relay = OutboxRelay(self.store.outbox, messenger, self._clock, ear, longest=longest)
        await relay.run()

    async def die(self) -> None:
        """Where it stands; what it was about to hear, nobody hears."""
        self._life.end()
        await self._life.over()
        await self._connections.close()
