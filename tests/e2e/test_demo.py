"""`slipway demo` as a newcomer meets it: the command is typed in the page, and the card lives there.

`README_PICTURES=docs/pictures` keeps the screenshots for the README.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from bot.playground.director import DirectorActName
from bot.playground.slack.seed import ADA, LINUS
from tests.e2e.browser import DESKTOP, PHONE, Viewport, fresh_page, open_playground, sideways
from tests.e2e.demo import CHANNEL, RUN_MS, Demo, card_of, picture, type_command

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]


@asynccontextmanager
async def playing(demo: Demo, viewport: Viewport) -> AsyncIterator[Page]:
    """Linus in front of #api-deploys."""
    async with fresh_page(demo.browser, viewport) as page:
        await open_playground(page, demo.url, LINUS, CHANNEL)
        yield page


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=str)
async def test_the_typed_command_becomes_a_card_that_ends_deployed(demo: Demo, viewport: Viewport) -> None:
    async with playing(demo, viewport) as page:
        words = "/deploy api staging because it fixes the checkout"
        card = card_of(page, await demo.ask(page, words, "api to staging"))
        await expect(card).to_contain_text("Running", timeout=RUN_MS)
        await expect(card.locator(".task")).to_have_count(3, timeout=RUN_MS)
        await picture(page, f"running-{viewport}")
        await expect(card).to_contain_text("Deployed", timeout=RUN_MS)
        await expect(card.locator('.task[data-status="complete"]')).to_have_count(3)
        await expect(card.get_by_role("button", name="Cancel")).to_have_count(0)
        assert await sideways(page) == []
        await picture(page, f"deployed-{viewport}")


async def test_a_failure_is_told_in_the_thread_and_the_form_does_the_same_as_words(demo: Demo) -> None:
    async with playing(demo, DESKTOP) as page:
        await type_command(page, "/deploy")
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Environment")
        await dialog.get_by_role("button", name="Deploy").click()
        await expect(dialog).to_contain_text("This field is required")
        await _choose(page, "Service", "api")
        await _choose(page, "Environment", "staging")
        await _fail_next(demo, page)
        await dialog.get_by_role("button", name="Deploy").click()
        card = card_of(page, demo.asks("api to staging"))
        await expect(card).to_contain_text("Failed", timeout=RUN_MS)
        await expect(card.get_by_role("button", name="Ask again")).to_be_visible()
        reply = page.locator("li.message", has_text="@Linus").filter(has_text="smoke test failed")
        await expect(reply.first).to_be_visible(timeout=RUN_MS)
        await picture(page, "failed-1280")
        await card.get_by_role("button", name=re.compile("replies")).click()
        thread = page.get_by_role("complementary", name="Thread")
        await expect(thread.get_by_text("smoke test failed").first).to_be_visible()
        await expect(thread.get_by_text("how it failed")).to_be_visible(timeout=RUN_MS)
        await expect(thread.locator("pre")).to_contain_text("Process completed with exit code 1")
        await expect(thread.locator("pre")).not_to_contain_text("ghp_")
        await expect(thread.get_by_text(re.compile(r"\d+ tests"))).to_be_visible()
        await picture(page, "failed-thread-1280")
        assert await sideways(page) == []


async def test_a_channel_that_asked_to_hear_sees_how_ci_failed(demo: Demo) -> None:
    async with fresh_page(demo.browser, DESKTOP) as page:
        await open_playground(page, demo.url, ADA, "%23deploys")
        await type_command(page, "/subscribe api on=failure,recovered branch=main workflow=ci")
        await expect(page.get_by_text("#deploys is subscribed").first).to_be_visible(timeout=RUN_MS)
        await _direct(demo, page, DirectorActName.FAIL_DEPLOY, job="test")
        await _direct(demo, page, DirectorActName.PUSH_COMMIT, repository="api", message="Add refunds")
        card = card_of(page, "CI on main · acme/api")
        await expect(card).to_contain_text("test failed at “Test”", timeout=RUN_MS)
        await card.get_by_role("button", name=re.compile("repl")).click(timeout=RUN_MS)
        thread = page.get_by_role("complementary", name="Thread")
        await expect(thread.locator("pre")).to_contain_text(
            "Process completed with exit code 1", timeout=RUN_MS
        )
        await expect(thread.get_by_text(re.compile(r"\d+ tests"))).to_be_visible()
        await picture(page, "ci-failed-1280")
        assert await sideways(page) == []


async def test_the_home_tab_has_what_waits_what_runs_and_ones_own_settings(demo: Demo) -> None:
    async with playing(demo, DESKTOP) as page:
        title = await demo.ask(page, "/deploy api staging because it fixes the checkout", "api to staging")
        await expect(card_of(page, title)).to_contain_text("Deployed", timeout=RUN_MS)
        await page.locator(".room", has_text="Slipway").click()
        home = page.get_by_role("region", name="Home tab")
        for heading in ("Waits for you", "Your services", "My settings"):
            await expect(home.get_by_role("heading", name=heading)).to_be_visible(timeout=RUN_MS)
        await picture(page, "home-1280")
        assert await sideways(page) == []


async def _choose(page: Page, label: str, option: str) -> None:
    await page.get_by_role("dialog").get_by_label(label).fill(option)
    await page.keyboard.press("Enter")


async def _fail_next(demo: Demo, page: Page) -> None:
    """What the director's panel does when its button is pressed."""
    await _direct(demo, page, DirectorActName.FAIL_DEPLOY, job="smoke test")


async def _direct(demo: Demo, page: Page, act: DirectorActName, **args: str) -> None:
    asked = {"name": act.value, "args": args}
    answer = await page.request.post(f"{demo.url}/_page/director", data=asked)
    assert (await answer.json())["ok"]
