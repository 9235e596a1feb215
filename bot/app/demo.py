"""`slipway demo`: the stand-ins and the real bot, as two processes, with one page in the browser."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.app.demo_folder import fresh_folder
from bot.config.settings import VARIABLES
from bot.core.errors import UserError
from bot.core.ports import Clock
from bot.store.migrate import upgrade

CATALOG = Path("examples/demo/slipway.yml")
PATIENCE = 30.0  # seconds for a child to answer
LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Setting:
    """Who listens where, all on loopback, and where database and logs are."""

    page: int
    github: int
    bot: int
    folder: Path

    @property
    def url(self) -> str:
        """The page for people."""
        return f"http://127.0.0.1:{self.page}"


async def demo(page_port: int, folder: Path, *, browser: bool, clock: Clock) -> None:
    """Run until interrupted; a bot that is killed is started again, and goes on where it was."""
    _must_be_free(page_port)
    _stop_on_signals()
    setting = Setting(page_port, _free_port(), _free_port(), folder)
    environ = _environment(setting)
    database = environ["DATABASE_URL"]
    with fresh_folder(folder, database):
        say(f"A fresh playground in {folder}/ ...")
        await asyncio.to_thread(upgrade, database)
        say("Starting the stand-ins for Slack and GitHub ...")
        playground = await _child("playground", folder, environ)
        try:
            await _answers(clock, playground, f"{setting.url}/_page/bootstrap")
            await _keep_serving(clock, setting, environ, playground, browser=browser)
        finally:
            await _end(playground)


async def _keep_serving(
    clock: Clock,
    setting: Setting,
    environ: Mapping[str, str],
    playground: asyncio.subprocess.Process,
    *,
    browser: bool,
) -> None:
    shown = False
    while playground.returncode is None:
        say("Starting the bot ..." if not shown else "The bot was killed. It starts again and goes on.")
        bot = await _child("serve", setting.folder, environ)
        try:
            await _answers(clock, bot, f"http://127.0.0.1:{setting.bot}/readyz")
            if not shown:
                _show(setting.url, browser=browser)
                shown = True
            first = {asyncio.create_task(each.wait()) for each in (bot, playground)}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            for task in first:
                task.cancel()
            if bot.returncode is not None and bot.returncode >= 0:
                raise UserError(
                    "The bot stopped.", f"Its log is in {setting.folder}/serve.log.", "Start the demo again."
                )
        finally:
            await _end(bot)


def say(text: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _show(url: str, *, browser: bool) -> None:
    hint = "Type /deploy api staging there, or /deploy api production, which a second person approves."
    sys.stdout.write(f"\nSlipway is ready:  {url}\n\n{hint} Ctrl-C ends it.\n")
    sys.stdout.flush()
    if browser:
        webbrowser.open(url)


def _environment(setting: Setting) -> dict[str, str]:
    """Both children get the same; nothing of the person's own settings gets in."""
    own = os.environ.items()
    kept = {name: value for name, value in own if name.removesuffix("_FILE") not in VARIABLES}
    bot = f"http://127.0.0.1:{setting.bot}"
    return kept | {
        "SLIPWAY_CONFIG": str(CATALOG),
        "SLIPWAY_HOST": "127.0.0.1",
        "SLIPWAY_PORT": str(setting.bot),
        "SLIPWAY_PUBLIC_URL": bot,
        "DATABASE_URL": f"sqlite:///{setting.folder / 'slipway.db'}",
        "SLACK_API_URL": f"{setting.url}/api/",
        "SLACK_BOT_TOKEN": f"xoxb-demo-{secrets.token_hex(12)}",
        "SLACK_SIGNING_SECRET": secrets.token_hex(16),
        "GITHUB_API_URL": f"http://127.0.0.1:{setting.github}/api/v3",
        "GITHUB_WEB_URL": f"http://127.0.0.1:{setting.github}",
        "GITHUB_TOKEN": f"ghp_{secrets.token_hex(18)}",
        "GITHUB_WEBHOOK_SECRET": secrets.token_hex(20),
        "GITHUB_CLIENT_ID": f"Ov23li{secrets.token_hex(7)}",
        "GITHUB_CLIENT_SECRET": secrets.token_hex(20),
        "SLIPWAY_PLAY_PAGE_PORT": str(setting.page),
        "SLIPWAY_PLAY_GITHUB_PORT": str(setting.github),
        "PYTHONUNBUFFERED": "1",
    }


async def _child(command: str, folder: Path, environ: Mapping[str, str]) -> asyncio.subprocess.Process:
    with (folder / f"{command}.log").open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", command, env=dict(environ), stdout=output, stderr=output
        )


async def _answers(clock: Clock, child: asyncio.subprocess.Process, url: str) -> None:
    """Wait until the child answers with 200; UserError when it ended or takes too long."""
    async with aiohttp.ClientSession() as session:
        for _ in range(int(PATIENCE / LOOK)):
            if child.returncode is not None:
                break
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass  # not listening yet
            await clock.sleep(LOOK)
    raise UserError("The demo did not start.", f"{url} does not answer.", "Look into the logs in its folder.")


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        child.send_signal(signal.SIGTERM)
        await child.wait()


def _stop_on_signals() -> None:
    """The children are ended before we end; Ctrl-C counts even where a shell in the background ignores it."""
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _must_be_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UserError(
                f"Port {port} is in use.",
                "Another program listens there, perhaps another demo.",
                "Choose another one: make demo PORT=8099",
            ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
