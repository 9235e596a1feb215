"""Production in the demo: one person asks, another one decides, and both see the same card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Locator, Page, expect

from bot.playground.slack.seed import ADA, MARGARET
from tests.e2e.browser import PHONE, fresh_page, open_playground, sideways
from tests.e2e.demo import CHANNEL, RUN_MS, Demo, become, card_of, type_command

DEPLOYS = "%23deploys"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]


@asynccontextmanager
async def asked(demo: Demo) -> AsyncIterator[tuple[Page, Page, str]]:
    """Ada at her desk has asked for production; Margaret looks on from her phone."""
    async with fresh_page(demo.browser) as desk, fresh_page(demo.browser, PHONE) as phone:
        await open_playground(desk, demo.url, ADA, CHANNEL)
        await open_playground(phone, demo.url, MARGARET, CHANNEL)
        words = "/deploy api production because it fixes the refunds"
        title = await demo.ask(desk, words, "api to production")
        for page in (desk, phone):
            await expect(button(page, title, "Approve")).to_be_visible(timeout=RUN_MS)
        yield desk, phone, title


def button(page: Page, title: str, name: str) -> Locator:
    """A button of the card."""
    return card_of(page, title).get_by_role("button", name=name, exact=True)


def answer(page: Page, words: str) -> Locator:
    """What was said to this person alone."""
    return page.locator("li.message", has_text="Only visible to you").filter(has_text=words)


async def test_the_requester_may_not_approve_and_a_second_person_may(demo: Demo) -> None:
    async with asked(demo) as (desk, phone, title):
        await expect(card_of(phone, title)).to_contain_text("Waiting for 1 approval of sre")
        await button(desk, title, "Approve").click()
        await expect(answer(desk, "You asked for it yourself")).to_be_visible(timeout=RUN_MS)
        await expect(card_of(desk, title)).to_contain_text("Waiting for 1 approval of sre")
        await button(phone, title, "Approve").click()
        for page in (desk, phone):
            card = card_of(page, title)
            await expect(card).to_contain_text("Approved by Margaret", timeout=RUN_MS)
            await expect(card).to_contain_text("Deployed", timeout=RUN_MS)
            await expect(button(page, title, "Approve")).to_have_count(0)
            assert await sideways(page) == []


async def test_one_browser_is_enough_to_be_everybody(demo: Demo) -> None:
    async with asked(demo) as (desk, _, title):
        await become(desk, "Linus Berg")
        await button(desk, title, "Reject").click()
        told = answer(desk, "That is for sre, and you are in none of these.")
        await expect(told).to_be_visible(timeout=RUN_MS)
        await expect(desk.get_by_role("dialog")).to_have_count(0)
        await become(desk, "Margaret Heath")
        await button(desk, title, "Approve").click()
        await expect(answer(desk, "You approved api to production.")).to_be_visible(timeout=RUN_MS)
        await expect(card_of(desk, title)).to_contain_text("Deployed", timeout=RUN_MS)


async def test_reject_wants_a_reason_and_is_an_end_for_both(demo: Demo) -> None:
    async with asked(demo) as (desk, phone, title):
        await button(phone, title, "Reject").click()
        form = phone.get_by_role("dialog")
        number = title.rpartition("#")[2]
        await expect(form).to_contain_text(f"#{number} api to production, main at")
        await expect(form.get_by_label("Reason")).to_be_focused()
        await form.get_by_role("button", name="Reject").click()
        await expect(form).to_contain_text("This field is required")
        assert await sideways(phone) == []
        await form.get_by_label("Reason").fill("the migration is not reviewed")
        await form.get_by_role("button", name="Reject").click()
        for page in (desk, phone):
            card = card_of(page, title)
            await expect(card).to_contain_text("the migration is not reviewed", timeout=RUN_MS)
            await expect(button(page, title, "Approve")).to_have_count(0)
            await expect(button(page, title, "Ask again")).to_be_visible()


async def test_an_emergency_from_the_typed_name_to_its_review(demo: Demo) -> None:
    async with fresh_page(demo.browser) as desk, fresh_page(demo.browser, PHONE) as phone:
        await open_playground(desk, demo.url, ADA, DEPLOYS)
        await open_playground(phone, demo.url, MARGARET, DEPLOYS)
        title = await broken_glass(demo, desk)
        card, theirs = card_of(desk, title), card_of(phone, title)
        await expect(theirs).to_contain_text("Not ticked yet: the queue is drained.", timeout=RUN_MS)
        await expect(button(phone, title, "Approve")).to_have_count(0)
        await button(phone, title, "Tick “the queue is drained”").click()
        for each in (card, theirs):
            await expect(each).to_contain_text("the queue is drained · Margaret", timeout=RUN_MS)
            await expect(each).to_contain_text("Review · 0 of 2", timeout=RUN_MS)  # as it starts
        assert await sideways(phone) == []
        await reviewed(desk, phone, title)


async def broken_glass(demo: Demo, desk: Page) -> str:
    """The form takes no other name than the environment's; the title of the card."""
    await type_command(desk, "/deploy worker production emergency because nobody gets mail")
    form = desk.get_by_role("dialog")
    name = form.get_by_label("Environment's name")
    await expect(form).to_contain_text("It waits neither for approvals nor for the end of a freeze.")
    await expect(name).to_be_focused()
    await name.fill("staging")
    await form.get_by_role("button", name="Emergency").click()
    await expect(form).to_contain_text("This is about production.")
    await expect(desk.locator("li.message", has_text="broke the glass")).to_have_count(0)
    await name.fill("production")
    await form.get_by_role("button", name="Emergency").click()
    await expect(form).to_have_count(0)
    return demo.asks("worker to production")


async def reviewed(desk: Page, phone: Page, title: str) -> None:
    """Who asked may not review it; two others close it, and both cards say how."""
    card, theirs = card_of(desk, title), card_of(phone, title)
    review = f"/review #{title.rpartition('#')[2]}"
    await type_command(desk, f"{review} ok because I know best")
    await expect(answer(desk, "You can't review")).to_be_visible(timeout=RUN_MS)
    await type_command(phone, f"{review} ok because nobody got mail")
    for each in (card, theirs):
        await expect(each).to_contain_text("Review · 1 of 2", timeout=RUN_MS)
    await become(desk, "Grace Murray")
    await type_command(desk, f"{review} not-ok because it could wait")
    for each in (card_of(desk, title), theirs):
        await expect(each).to_contain_text("Review · closed: not right", timeout=RUN_MS)
        await expect(each).to_contain_text("nobody got mail")
        await expect(each).to_contain_text("Grace · not-ok")
