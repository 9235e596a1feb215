"""An installed Chromium, driven by Playwright; tests without one are skipped (in CI: they fail)."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

# The shell has no window of its own, and needs half the processor time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 10_000


@dataclass(frozen=True)
class Viewport:
    """The size of the window, and what the system prefers."""

    width: int = 1280
    height: int = 800
    dark: bool = False

    def __str__(self) -> str:
        return f"{self.width}{'-dark' if self.dark else ''}"


DESKTOP, PHONE = Viewport(), Viewport(390, 844)


def chromium() -> str:
    """The path of an installed Chromium; skips the test when there is none."""
    named = os.environ.get("CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no Chromium: install one of {', '.join(NAMES)}, or name it in CHROMIUM")
    return found


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """A running Chromium."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(SWITCHES))
        yield browser
        await browser.close()


@asynccontextmanager
async def fresh_page(browser: Browser, viewport: Viewport = DESKTOP) -> AsyncIterator[Page]:
    """A page that remembers nothing; what the browser complained about fails the test at the end."""
    problems: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            problems.append(f"{message.type}: {message.text}")

    context = await browser.new_context(
        viewport={"width": viewport.width, "height": viewport.height},
        color_scheme="dark" if viewport.dark else "light",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", listen)
    page.on("pageerror", lambda error: problems.append(f"uncaught: {error}"))
    yield page
    await context.close()
    assert not problems, "\n".join(problems)


async def open_playground(page: Page, url: str, person: str, channel: str, **query: str) -> None:
    """Look at a channel as a person and wait until everything is drawn."""
    extra = "".join(f"&{name}={value}" for name, value in query.items())
    await page.goto(f"{url}/?as={person}&channel={channel}{extra}")
    await page.wait_for_selector("html[data-ready]", state="attached")


async def sideways(page: Page) -> list[str]:
    """Everything that is wider than its place, so that one would have to scroll sideways."""
    script = """() => [document.documentElement, ...document.querySelectorAll(
        ".scroller, .panel-body, .modal-body, .message-main, .blocks")]
        .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1)
        .map((one) => `${one.tagName}.${one.className}: ${one.scrollWidth} > ${one.clientWidth}`)"""
    found: list[str] = await page.evaluate(script)
    return found
