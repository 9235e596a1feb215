"""The running demo, and what a person does in its page."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Locator, Page

from tests.fakes.ports import free_port

START_SECONDS = 90
RUN_MS = 90_000
CHANNEL = "%23api-deploys"


@dataclass
class Demo:
    """A running demo with a browser in front of it."""

    url: str
    browser: Browser
    asked: int = 0

    async def ask(self, page: Page, words: str, place: str) -> str:
        """Type a command that asks for a deployment; the title of its card."""
        await type_command(page, words)
        return self.asks(place)

    def asks(self, place: str) -> str:
        """The title that the card of the next deployment has."""
        self.asked += 1
        return f"{place} · #{self.asked}"


@asynccontextmanager
async def running_demo(folder: Path, browser: Browser) -> AsyncIterator[Demo]:
    """The real command in a process of its own; ended as Ctrl-C would."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--no-browser", "--port", str(port), "--folder", str(folder),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            told = b""
            while b"Slipway is ready" not in told:
                told = await process.stdout.readline()
                assert told, "the demo ended instead of starting"
        yield Demo(f"http://127.0.0.1:{port}", browser)
    finally:
        process.send_signal(signal.SIGINT)
        await process.communicate()


async def type_command(page: Page, words: str) -> None:
    """Type into the composer and press Enter."""
    composer = page.get_by_role("combobox", name="Message")
    await composer.fill(words)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")


async def become(page: Page, name: str) -> None:
    """Sit down as somebody else, by the switch in the corner."""
    await page.locator(".me").click()
    await page.get_by_role("menuitemradio", name=name).click()
    await page.locator(".me-name", has_text=name).wait_for()


def card_of(page: Page, title: str) -> Locator:
    """The living message of a deployment."""
    return page.locator("li.message", has_text=title).first


async def picture(page: Page, name: str) -> None:
    """For the README, where `README_PICTURES` says to."""
    folder = os.environ.get("README_PICTURES")
    if folder:
        await page.screenshot(path=str(Path(folder) / f"{name}.png"))
