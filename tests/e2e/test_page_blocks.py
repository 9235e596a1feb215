"""Each block and element as the stand-in's page shows it, sent through the real client."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.e2e import gallery
from tests.e2e.browser import DESKTOP, PHONE, Viewport, sideways
from tests.e2e.scene import DEPLOYS, Scene

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
SIZES = pytest.mark.parametrize("viewport", [DESKTOP, PHONE, Viewport(dark=True)], ids=str)

# What a reader must find in each message of the gallery.
SAID: dict[str, tuple[str, ...]] = {
    "texts": (
        "Deployment #128",
        "bold italic struck code",
        "a link",
        "@Ada",
        "#deploys",
        "@sre",
        "@here",
        "2026-03-02 at 9:40 AM",
        "3 < 4 & 5",
        "quoted",
        "first point",
        "make deploy",
        "*not bold* <b>not markup</b>",
        "staging",
        "4f2a9c1",
        "The harbour",
        "asked by",
    ),
    "rich": (
        "rich bold",
        "rich link",
        "@channel",
        "2026-03-02",
        "rich point",
        "rich quote",
        "rich preformatted",
        "Notes",
        "strong",
        "linked",
        "nested",
        "said",
    ),
    "actions": ("Approve", "Cancel", "Open the run", "Europe/London", "Helpful", "Not helpful", "Remove"),
    "choices": ("Development", "needs two approvals"),
    "plan": (
        "api to staging",
        "2 of 5",
        "Complete",
        "In progress",
        "Pending",
        "Error",
        "412 tests",
        "step 2 of 3",
        "log",
    ),
    "task": ("Roll out", "In progress"),
    "table": ("Service", "State", "live"),
    "data_table": ("Deployments this week", "1–5 of 6", "worker"),
    "lines": ("Line of the week", "Area of the week", "staging", "production"),
    "bars": ("Bars of the week", "How they ended", "Succeeded: 42 (84%)"),
    "cards": ("Live since this morning.", "Details", "Approvals", "1 of 2", "Waiting for @sre"),
    "video": ("How a release sails", "Harbour TV", "Two minutes.", "Watch"),
}


async def test_the_gallery_knows_what_each_message_must_say() -> None:
    assert SAID.keys() == gallery.MESSAGES.keys()


def said(text: str) -> gallery.Json:
    """A section of mrkdwn."""
    return {"type": "section", "text": gallery.mrkdwn(text)}


@SIZES
async def test_every_block_is_shown(scene: Scene, viewport: Viewport) -> None:
    stamps = {name: await scene.post(*blocks) for name, blocks in gallery.MESSAGES.items()}
    await scene.open()
    for name, blocks in gallery.MESSAGES.items():
        shown = scene.message(stamps[name])
        for text in SAID[name]:
            await expect(shown).to_contain_text(text, use_inner_text=True)
        for block in blocks:
            await expect(shown.locator(f'[data-block="{block["type"]}"]').first).to_be_visible()
    await expect(scene.page.locator(".unknown, .unknown-inline")).to_have_count(0)
    assert await sideways(scene.page) == [], viewport


async def test_an_unknown_block_is_a_warning_and_breaks_nothing(scene: Scene) -> None:
    await scene.open()
    said = await scene.page.evaluate(
        """async () => {
            const { renderBlocks } = await import("/static/js/blocks/index.js");
            const { Surface } = await import("/static/js/surface.js");
            const lever = { type: "actions", elements: [{ type: "lever" }] };
            const blocks = [{ type: "hologram" }, lever, { type: "divider" }];
            const node = renderBlocks(blocks, new Surface("message", {}));
            const count = (name) => node.querySelectorAll(name).length;
            return [node.innerText, count(".unknown"), count("hr")];
        }"""
    )
    assert said == ["Unknown block: hologramUnknown element: lever", 2, 1]


async def test_text_never_becomes_markup_and_hidden_characters_show(scene: Scene) -> None:
    wicked = "<img src=x onerror=alert(1)> \u202eevil\u200b *<b>bold</b>*"
    ts = await scene.post(
        {"type": "section", "text": gallery.mrkdwn(wicked)}, {"type": "markdown", "text": wicked}
    )
    await scene.open()
    shown = scene.message(ts)
    await expect(shown).to_contain_text("[U+202E]evil[U+200B]")
    await expect(shown.locator("img, b")).to_have_count(0)
    await expect(shown.locator("strong")).to_have_text(["<b>bold</b>"])


async def test_links_lead_outside_and_nowhere_else(scene: Scene) -> None:
    rich = gallery.rich({"type": "link", "url": "javascript:alert(1)", "text": "trap"})
    ts = await scene.post(
        {"type": "section", "text": gallery.mrkdwn("<https://example.com/?a=1&amp;b=2|there>")}, rich
    )
    await scene.open()
    links = scene.message(ts).locator("a")
    await expect(links).to_have_count(1)
    await expect(links).to_have_attribute("href", "https://example.com/?a=1&b=2")
    await expect(links).to_have_attribute("rel", "noopener noreferrer")


async def test_a_date_is_read_in_the_readers_zone(scene: Scene) -> None:
    text = "<!date^1772444400^{date_short} at {time}^https://example.com|no> <!date^1^{nothing}|the fallback>"
    ts = await scene.post(said(text))
    await scene.open("U0GRACE001")
    await expect(scene.message(ts)).to_have_text("Mar 2, 2026 at 4:40 AM the fallback")


async def test_a_status_is_an_icon_a_word_and_a_colour(scene: Scene) -> None:
    ts = await scene.post(*gallery.progress())
    await scene.open()
    tasks = scene.message(ts).locator(".task")
    await expect(tasks).to_have_count(5)
    colours = set()
    for task in await tasks.all():
        await expect(task.locator(".status-sign svg")).to_be_visible()
        word = task.locator(".status-word")
        assert await word.inner_text() in {"Complete", "In progress", "Pending", "Error"}
        colours.add(await word.evaluate("(node) => getComputedStyle(node).color"))
    assert len(colours) == 4


async def test_a_chart_says_its_figures(scene: Scene) -> None:
    ts = await scene.post(gallery.chart("bar", "Bars"), gallery.chart("pie", "Pie"))
    await scene.open()
    charts = scene.message(ts).locator("svg.chart")
    await expect(charts.nth(0)).to_have_accessible_name(
        "Bars staging: Mon 2, Tue 6, Wed 10, Thu 5, Fri 9. production: Mon 2, Tue 9, Wed 7, Thu 5, Fri 3."
    )
    await expect(charts.nth(0).locator("rect.bar")).to_have_count(10)
    await expect(charts.nth(1).locator("path.slice")).to_have_count(3)


async def test_a_data_table_sorts_and_turns_pages(scene: Scene) -> None:
    ts = await scene.post(*gallery.tables()[1:])
    await scene.open()
    table = scene.message(ts)
    first = table.locator("tbody th").first
    await expect(first).to_have_text("api")
    await table.get_by_role("button", name="Next page").click()
    await expect(first).to_have_text("mail")
    await table.get_by_role("button", name="Deployments").dblclick()
    await expect(first).to_have_text("search")
    await expect(table.get_by_role("columnheader", name="Deployments")).to_have_attribute(
        "aria-sort", "descending"
    )


async def test_a_container_folds(scene: Scene) -> None:
    ts = await scene.post(gallery.cards()[2])
    await scene.open()
    inside = scene.message(ts).get_by_text("Waiting for")
    await expect(inside).to_be_visible()
    await scene.message(ts).get_by_role("button", name="Hide").click()
    await expect(inside).to_be_hidden()


async def test_attachments_files_and_reactions_are_shown(scene: Scene) -> None:
    attachment = {
        "title": "An unfurl",
        "title_link": "https://example.com/u",
        "text": "*inside*",
        "color": "#2f8f5b",
        "fallback": "unfurl",
    }
    answer = await scene.acme.client.chat_postMessage(channel=DEPLOYS, text="see", attachments=[attachment])
    await scene.acme.client.reactions_add(channel=DEPLOYS, timestamp=answer["ts"], name="rocket")
    await scene.acme.client.files_upload_v2(
        channel=DEPLOYS, content="line", filename="run.log", title="The log"
    )
    await scene.open()
    shown = scene.message(answer["ts"])
    await expect(shown.locator(".attachment a")).to_have_text("An unfurl")
    await expect(scene.page.locator(".reaction")).to_have_text("1")
    await expect(scene.page.locator(".file-card a").last).to_have_text("The log")
