"""A digest as people read it, at the desk and on a phone: each look that its golden file has."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

from tests.e2e.browser import DESKTOP, PHONE, Viewport, sideways
from tests.e2e.demo import picture
from tests.e2e.scene import Scene
from tests.golden import FOLDER

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
SIZES = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=str)
SAID = {
    "digest-daily": (
        "The day until Mon 9 Nov, 10:00",
        "2 deploys to production",
        "4f2a9c1 (#12)",
        "Leave out",
    ),
    "digest-weekly": ("The week until", "Needs you", "Deploys and failures by day", "8: 4 (2 failed)"),
    "digest-weekly-in-words": ("The week until", "12 deploys, 2 failures", "recovery 1h (p50)"),
}


@SIZES
@pytest.mark.parametrize("name", SAID)
async def test_a_digest_is_read_without_scrolling_sideways(
    scene: Scene, viewport: Viewport, name: str
) -> None:
    made = json.loads((FOLDER / f"{name}.json").read_text())
    ts = await scene.post(*made["blocks"], text=made["text"])
    await scene.open()
    shown = scene.message(ts)
    for words in SAID[name]:
        await expect(shown).to_contain_text(words)
    await shown.scroll_into_view_if_needed()
    assert await sideways(scene.page) == []
    await picture(scene.page, f"{name}-{viewport}")
