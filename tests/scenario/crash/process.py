"""The real `slipway serve` in processes of its own, in real time, with the stand-ins in this one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from typing import Self

import aiohttp
from sqlalchemy import select

from bot.core.actions import ActionId
from bot.core.lifecycle import State
from bot.engine.clock import SystemClock
from bot.playground.control import Control, Fault, FaultKind
from bot.playground.serve import Playground
from bot.playground.slack.seed import TEAM
from bot.store.store import Store
from bot.store.tables import leases
from tests.fakes.ports import free_port
from tests.scenario.house import CATALOG, MANIFEST
from tests.scenario.rest import left_to_do

PATIENCE = 60.0


async def until(condition: Callable[[], Awaitable[bool]], what: str, patience: float = PATIENCE) -> None:
    """Look again and again until it holds."""
    deadline = monotonic() + patience
    while not await condition():
        assert monotonic() < deadline, f"waited {patience:.0f} s until {what}"
        await asyncio.sleep(0.05)


class Server:
    """One `slipway serve`."""

    def __init__(self, environ: dict[str, str], port: int, log: Path) -> None:
        self._environ = os.environ | environ | {"SLIPWAY_PORT": str(port)}
        self._port, self._log = port, log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process that runs now."""
        assert self._process is not None, "it does not run"
        return self._process

    @property
    def running(self) -> bool:
        """Whether there is one, and it has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, and wait until it is ready for everything."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "serve", env=self._environ, stdout=log, stderr=log
            )
        async with aiohttp.ClientSession() as session:
            await until(
                lambda: self._ready(session), f"it is ready; it says: {self._log.read_text()[-2000:]}"
            )

    async def kill(self) -> None:
        """As the system does when memory runs out."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> float:
        """SIGTERM; answers with the seconds it took."""
        began = monotonic()
        self.process.send_signal(signal.SIGTERM)
        await self.process.wait()
        return monotonic() - began

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        assert self.process.returncode is None, self._log.read_text()[-4000:]
        try:
            async with session.get(f"http://127.0.0.1:{self._port}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


class Street:
    """`async with Street(url, folder) as street`: stand-ins, and as many servers as wanted."""

    def __init__(self, database_url: str, folder: Path, servers: int = 1, catalog: Path = CATALOG) -> None:
        ports = [free_port() for _ in range(servers)]
        self.play = Playground(manifest_path=MANIFEST, bot_url=f"http://127.0.0.1:{ports[0]}", speed=20)
        self.store = Store(database_url, SystemClock(), owner="the test")
        self.servers: list[Server] = []
        self._ports, self._url, self._folder, self._catalog = ports, database_url, folder, catalog

    async def __aenter__(self) -> Self:
        await self.play.start()
        environ = self.play.environment() | {
            "DATABASE_URL": self._url,
            "SLIPWAY_CONFIG": str(self._catalog),
        }
        self.servers = [Server(environ, port, self._folder / f"{port}.log") for port in self._ports]
        for server in self.servers:
            await server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self.servers:
            if server.running:
                await server.kill()
        await self.store.close()
        await self.play.stop()

    def control(self, where: str) -> Control:
        """The stand-in that knows this call."""
        ours = where in set(self.play.github.names)
        return self.play.github.control if ours else self.play.slack.control

    def hold(self, where: str, kind: FaultKind) -> Control:
        """The next call of this name is held open."""
        control = self.control(where)
        control.faults.append(Fault(where, kind, 1))
        return control

    async def held(self, control: Control) -> None:
        """Wait until a call is held."""

        async def holding() -> bool:
            return control.holding > 0

        await until(holding, "a call is held")

    async def release(self, control: Control) -> None:
        """Whatever is held goes on."""
        await control.acts["release"]({})

    async def killed_at(self, where: str, kind: FaultKind) -> None:
        """A person asks, and the server is killed while this call is held open."""
        control = self.hold(where, kind)
        await self.asks()
        await self.held(control)
        await self.servers[0].kill()
        await self.release(control)

    async def asks(self, service: str = "api") -> None:
        """A person types the command."""
        done = await self.play.slack.command("ada", "#deploys", f"/deploy {service} staging")
        assert done["ok"], done

    async def presses(self, action: ActionId, patience: float = PATIENCE) -> None:
        """A button of the card, as soon as it shows it."""
        slack = self.play.slack

        async def shown() -> bool:
            return any(f"'{action}'" in str(each) for each in slack.messages("#api-deploys"))

        await until(shown, f"the card offers {action}", patience)
        card = next(each for each in slack.messages("#api-deploys") if f"'{action}'" in str(each))
        await slack.click("ada", card, action)

    async def reaches(self, state: State, patience: float = PATIENCE, number: int = 1) -> None:
        """Wait until the deployment is there."""

        async def there() -> bool:
            found = await self.store.queries.deployment(TEAM, number)
            return found is not None and found.state is state

        await until(there, f"#{number} is {state}", patience)

    async def holder(self) -> Server:
        """Whoever works on the deployment now."""
        async with self.store.database.read() as connection:
            query = select(leases.c.owner).where(leases.c.owner.is_not(None))
            owner = str((await connection.execute(query)).scalar_one())
        pid = int(owner.split("-")[-2])
        return next(server for server in self.servers if server.process.pid == pid)

    async def judge(self) -> None:
        """One run, one card, one answer; nothing left to do."""

        async def quiet() -> bool:
            return await left_to_do(self.store) == 0

        await until(quiet, "all is quiet")
        slack = self.play.slack
        cards = [each for each in slack.messages("#api-deploys") if not each.is_reply]
        assert len(cards) == 1, [each.text for each in cards]
        assert "deployed" in cards[0].text
        assert len(self.play.github.dispatches()) == 1
        answers = [each for each in slack.ephemerals("ada") if "Asked for" in each.text]
        assert 1 <= len(answers) <= 2, answers
        repository = self.play.github.world.repository("acme/api")
        assert repository is not None
        assert [name for name in repository.git.refs if "slipway/" in name] == []
        assert (await self.store.audit.verify(TEAM)).broken_at is None
