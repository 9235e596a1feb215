"""Going back in the demo: what would come back is read on a phone, confirmed, and there again."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from bot.playground.slack.seed import ADA
from tests.e2e.browser import DESKTOP, PHONE, fresh_page, open_playground, sideways
from tests.e2e.demo import CHANNEL, RUN_MS, Demo, card_of, picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]


WIDTH = {False: DESKTOP.width, True: PHONE.width}


async def deployed(demo: Demo, page: Page, release: str) -> str:
    """Its card, when it is there."""
    title = await demo.ask(page, f"/deploy api staging {release}", "api to staging")
    await expect(card_of(page, title)).to_contain_text("Deployed", timeout=RUN_MS)
    return title


async def test_what_ran_before_is_looked_at_confirmed_and_back(demo: Demo) -> None:
    """Asked for at the desk, confirmed on the phone."""
    async with fresh_page(demo.browser) as desk, fresh_page(demo.browser, PHONE) as phone:
        for page in (desk, phone):
            await open_playground(page, demo.url, ADA, CHANNEL)
        await deployed(demo, desk, "v1.3.0")
        newer = await deployed(demo, desk, "v1.4.0")
        await card_of(desk, newer).get_by_role("button", name="Roll back", exact=True).click()
        for page in (desk, phone):
            shown = page.locator("li.message", has_text="Roll back api in staging?")
            await expect(shown).to_contain_text("Comes back: v1.3.0", timeout=RUN_MS)
            await expect(shown).to_contain_text("3 commits of #2 leave.")
            await expect(shown).to_contain_text("Nothing has been done yet.")
            await shown.scroll_into_view_if_needed()
            assert await sideways(page) == []
            await picture(page, f"rollback-preview-{WIDTH[page is phone]}")
        await phone.get_by_role("button", name="Roll back to v1.3.0").click()
        title = demo.asks("rollback of api in staging")
        for page in (desk, phone):
            back = card_of(page, title)
            await expect(back).to_contain_text("Rolled back", timeout=RUN_MS)
            await expect(back).to_contain_text("3 commits of #2 leave")
            await back.evaluate("card => card.scrollIntoView()")  # it may be drawn anew any moment
            assert await sideways(page) == []
            await picture(page, f"rolled-back-{WIDTH[page is phone]}")
