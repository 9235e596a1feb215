"""A real Prometheus and its Alertmanager, fed by an exporter whose numbers a test sets.

Where they are not installed, tests are skipped (in CI: they fail).
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest
from aiohttp import web

from tests.fakes.ports import free_port
from tests.fakes.prometheus import Series

PATIENCE = 60.0
SOON = 0.02
INTERVAL = "400ms"  # also the patience of a scrape: a busy machine takes its time


def installed(program: str) -> str:
    """The path of a program; skips the test when it is not there."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"no {program}: install the package of that name")
    return found


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait for a condition of another process."""
    for _ in range(int(PATIENCE / SOON)):
        if await holds():
            return
        await asyncio.sleep(SOON)
    raise AssertionError(f"never happened: {what}")


def thread_states(pid: int) -> set[str]:
    """What the threads of a process do, in the letters of Linux: T is stopped."""
    threads = Path(f"/proc/{pid}/task").glob("*/stat")
    return {each.read_text().rpartition(")")[2].split()[0] for each in threads}


class Exporter:
    """Shows numbers to whoever scrapes it."""

    def __init__(self) -> None:
        self._series: dict[str, Series] = {}
        self._scraped = asyncio.Condition()
        self._scrapes = 0
        self.target = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.target = f"{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def show(self, name: str, series: Series) -> None:
        """Show these series, until they have been scraped."""
        self._series[name] = series
        await self.scraped(2)

    async def scraped(self, times: int) -> None:
        """So many scrapes from now; with the second one, what the first one saw is stored."""
        wanted = self._scrapes + times
        async with asyncio.timeout(PATIENCE), self._scraped:
            await self._scraped.wait_for(lambda: self._scrapes >= wanted)

    def lines(self) -> list[str]:
        """What a scrape sees."""
        return [
            f'{name}{{place="{place}"}} {value}'
            for name, series in self._series.items()
            for place, value in series.items()
        ]

    def count(self) -> None:
        """What changes with every scrape."""

    async def _metrics(self, _: web.Request) -> web.Response:
        async with self._scraped:
            self._scrapes += 1
            self.count()
            self._scraped.notify_all()
        return web.Response(text="".join(f"{line}\n" for line in self.lines()))


class Traffic(Exporter):
    """TaskFlow's requests: a hundred more with every scrape, of which so many fail or are slow."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = self.slow = 0
        self._failed = self._late = self._all = 0

    def count(self) -> None:
        """Counters only grow."""
        self._all += 100
        self._failed += self.failing
        self._late += self.slow

    def lines(self) -> list[str]:
        """As TaskFlow exports them."""
        of, fast = 'service="backend",environment="staging"', self._all - self._late
        buckets = {"1": fast, "5": fast, "20": self._all, "+Inf": self._all}
        return [
            f'http_requests_total{{{of},status="200"}} {self._all - self._failed}',
            f'http_requests_total{{{of},status="503"}} {self._failed}',
            *(
                f'http_request_duration_seconds_bucket{{{of},le="{bound}"}} {count}'
                for bound, count in buckets.items()
            ),
        ]


class Process:
    """A server of another program, on a port of its own."""

    program = ""
    ready = "/-/ready"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = installed(self.program)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def arguments(self) -> list[str]:
        """What it is started with."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._log = (self._folder / f"{self.program}.log").open("wb")
        arguments = self.arguments()
        self._process = await asyncio.create_subprocess_exec(
            self._path, *arguments, cwd=self._folder, stdout=self._log, stderr=self._log
        )
        try:
            async with aiohttp.ClientSession() as session:
                await until(lambda: self._answers(session), f"{self.program} is ready")
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
        await self._process.wait()
        self._log.close()

    async def freeze(self) -> None:
        """Connections are taken by the system and nothing is answered, once every thread stands still."""
        self._process.send_signal(signal.SIGSTOP)

        async def still() -> bool:
            return thread_states(self._process.pid) == {"T"}

        await until(still, f"{self.program} stands still")

    def thaw(self) -> None:
        """It answers again."""
        self._process.send_signal(signal.SIGCONT)

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        log = self._folder / f"{self.program}.log"
        assert self._process.returncode is None, log.read_text()[-4000:]
        try:
            async with session.get(self.url + self.ready) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


class PrometheusServer(Process):
    """Scrapes one exporter several times a second."""

    program = "prometheus"

    def __init__(self, folder: Path, target: str, **more: Any) -> None:
        super().__init__(folder)
        self._target = target
        self._more = more

    def arguments(self) -> list[str]:
        """JSON is YAML."""
        config = {
            "global": {
                "scrape_interval": INTERVAL,
                "scrape_timeout": INTERVAL,
                "evaluation_interval": INTERVAL,
            },
            "scrape_configs": [{"job_name": "taskflow", "static_configs": [{"targets": [self._target]}]}],
            **self._more,
        }
        (self._folder / "prometheus.yml").write_text(json.dumps(config))
        return [
            "--config.file=prometheus.yml",
            f"--storage.tsdb.path={self._folder / 'prometheus-data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=warn",
        ]


class AlertmanagerServer(Process):
    """Groups what it is told and sends it on at once."""

    program = "prometheus-alertmanager"

    def __init__(self, folder: Path, hook: str, repeat: str) -> None:
        super().__init__(folder)
        self._hook = hook
        self._repeat = repeat

    def arguments(self) -> list[str]:
        """One receiver, which is also told what is over."""
        config = {
            "route": {
                "receiver": "slipway",
                "group_by": ["alertname"],
                "group_wait": "50ms",
                "group_interval": INTERVAL,
                "repeat_interval": self._repeat,
            },
            "receivers": [{"name": "slipway", "webhook_configs": [{"url": self._hook}]}],
        }
        (self._folder / "alertmanager.yml").write_text(json.dumps(config))
        return [
            "--config.file=alertmanager.yml",
            f"--storage.path={self._folder / 'alertmanager-data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ]


@asynccontextmanager
async def alerting(
    folder: Path, exporter: Exporter, rules: str, hook: str, repeat: str = "1h"
) -> AsyncIterator[Alerting]:
    """Both, with these rules; `hook` is where deliveries go."""
    (folder / "rules.yml").write_text(rules)
    async with AlertmanagerServer(folder, hook, repeat) as manager:
        target = {"static_configs": [{"targets": [f"127.0.0.1:{manager.port}"]}]}
        more = {"rule_files": ["rules.yml"], "alerting": {"alertmanagers": [target]}}
        async with PrometheusServer(folder, exporter.target, **more) as prometheus:
            yield Alerting(prometheus, manager)


@dataclass(frozen=True)
class Alerting:
    """The two of them."""

    prometheus: PrometheusServer
    manager: AlertmanagerServer
