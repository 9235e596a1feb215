"""What the browser tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.contract.playground_slack import Workspace, just_ok, workspace
from tests.e2e.browser import DESKTOP, Viewport, fresh_page, running_browser
from tests.e2e.demo import Demo, running_demo
from tests.e2e.scene import Scene, Stage


@pytest.fixture
def viewport() -> Viewport:
    """The window of `page` and `scene`; another one by `parametrize("viewport", [PHONE])`."""
    return DESKTOP


@pytest.fixture
async def page(viewport: Viewport) -> AsyncIterator[Page]:
    """A page in a browser of its own."""
    async with running_browser() as browser, fresh_page(browser, viewport) as opened:
        yield opened


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Workspace]:
    """The Slack stand-in with an app that listens, and without rate limits."""
    async with workspace(tmp_path) as made:
        await made.act("rate_limits", on=False)
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One workspace and one browser for a module: starting them takes longer than most tests."""
    async with running_browser() as browser, workspace(tmp_path_factory.mktemp("stage")) as made:
        await made.act("rate_limits", on=False)
        yield Stage(made, browser)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """One running demo for a module, as it takes three processes and a browser."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    async with running_browser() as browser, running_demo(folder, browser) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def scene(stage: Stage, viewport: Viewport) -> AsyncIterator[Scene]:
    """A fresh page on the module's stage; such tests are marked `asyncio(loop_scope="module")`."""
    stage.acme.app.answer = just_ok
    stage.acme.app.heard.clear()
    async with fresh_page(stage.browser, viewport) as page:
        yield Scene(stage.acme, page)
