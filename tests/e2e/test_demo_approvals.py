"""Production in the demo: one person asks, another one decides, and both see the same card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from bot.playground.slack.seed import ADA, MARGARET
from tests.e2e.browser import PHONE, fresh_page, open_playground, running_browser, sideways
from tests.e2e.demo import CHANNEL, RUN_MS, become, card_of, running_demo, type_command

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

TITLE = "api to production · #1"


@asynccontextmanager
async def asked(folder: Path) -> AsyncIterator[tuple[Page, Page]]:
    """Ada at her desk has asked for production; Margaret looks on from her phone."""
    async with (
        running_demo(folder / "demo") as demo,
        running_browser() as browser,
        fresh_page(browser) as desk,
        fresh_page(browser, PHONE) as phone,
    ):
        await open_playground(desk, demo.url, ADA, CHANNEL)
        await open_playground(phone, demo.url, MARGARET, CHANNEL)
        await type_command(desk, "/deploy api production because it fixes the refunds")
        for page in (desk, phone):
            await expect(button(page, "Approve")).to_be_visible(timeout=RUN_MS)
        yield desk, phone


def button(page: Page, name: str) -> Locator:
    """A button of the card."""
    return card_of(page, TITLE).get_by_role("button", name=name, exact=True)


def answer(page: Page, words: str) -> Locator:
    """What was said to this person alone."""
    return page.locator("li.message", has_text="Only visible to you").filter(has_text=words)


async def test_the_requester_may_not_approve_and_a_second_person_may(tmp_path: Path) -> None:
    async with asked(tmp_path) as (desk, phone):
        await expect(card_of(phone, TITLE)).to_contain_text("Waiting for 1 approval of sre")
        await button(desk, "Approve").click()
        await expect(answer(desk, "You asked for it yourself")).to_be_visible(timeout=RUN_MS)
        await expect(card_of(desk, TITLE)).to_contain_text("Waiting for 1 approval of sre")
        await button(phone, "Approve").click()
        for page in (desk, phone):
            card = card_of(page, TITLE)
            await expect(card).to_contain_text("Approved by Margaret", timeout=RUN_MS)
            await expect(card).to_contain_text("Deployed", timeout=RUN_MS)
            await expect(button(page, "Approve")).to_have_count(0)
            assert await sideways(page) == []


async def test_one_browser_is_enough_to_be_everybody(tmp_path: Path) -> None:
    async with asked(tmp_path) as (desk, _):
        await become(desk, "Linus Berg")
        await button(desk, "Reject").click()
        told = answer(desk, "That is for sre, and you are in none of these.")
        await expect(told).to_be_visible(timeout=RUN_MS)
        await expect(desk.get_by_role("dialog")).to_have_count(0)
        await become(desk, "Margaret Heath")
        await button(desk, "Approve").click()
        await expect(answer(desk, "You approved api to production.")).to_be_visible(timeout=RUN_MS)
        await expect(card_of(desk, TITLE)).to_contain_text("Deployed", timeout=RUN_MS)


async def test_reject_wants_a_reason_and_is_an_end_for_both(tmp_path: Path) -> None:
    async with asked(tmp_path) as (desk, phone):
        await button(phone, "Reject").click()
        form = phone.get_by_role("dialog")
        await expect(form).to_contain_text("#1 api to production, main at")
        await expect(form.get_by_label("Reason")).to_be_focused()
        await form.get_by_role("button", name="Reject").click()
        await expect(form).to_contain_text("This field is required")
        assert await sideways(phone) == []
        await form.get_by_label("Reason").fill("the migration is not reviewed")
        await form.get_by_role("button", name="Reject").click()
        for page in (desk, phone):
            card = card_of(page, TITLE)
            await expect(card).to_contain_text("the migration is not reviewed", timeout=RUN_MS)
            await expect(button(page, "Approve")).to_have_count(0)
            await expect(button(page, "Ask again")).to_be_visible()
