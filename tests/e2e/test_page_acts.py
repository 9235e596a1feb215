"""What one does on the stand-in's page, and what the app hears of it."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.playground.slack.seed import GRACE, STRANGER
from tests.contract.playground_slack import Json, modal
from tests.e2e import gallery
from tests.e2e.browser import PHONE, sideways
from tests.e2e.scene import DEPLOYS, Scene

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


def actions(*elements: Json) -> Json:
    """An actions block with an id."""
    return {"type": "actions", "block_id": "acts", "elements": list(elements)}


def section(text: str) -> Json:
    """A section of mrkdwn."""
    return {"type": "section", "text": gallery.mrkdwn(text)}


async def test_a_confirmation_stands_before_a_dangerous_click(scene: Scene) -> None:
    ts = await scene.post(actions(*gallery.buttons()))
    await scene.open()
    button = scene.message(ts).get_by_role("button", name="Cancel")
    dialog = scene.page.get_by_role("dialog")
    await button.click()
    await expect(dialog).to_contain_text("staging may be left half way", use_inner_text=True)
    await expect(dialog.get_by_role("button", name="Keep going")).to_be_focused()
    await scene.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(button).to_be_focused()
    assert scene.acme.app.heard == []
    await button.click()
    await dialog.get_by_role("button", name="Cancel it").click()
    heard = await scene.heard("block_actions")
    assert [one["action_id"] for one in heard["actions"]] == ["cancel"]
    assert heard["container"]["message_ts"] == ts


async def test_choices_arrive_as_slack_sends_them(scene: Scene) -> None:
    picked = gallery.ENVIRONMENTS[1]
    boxes = {"type": "checkboxes", "action_id": "boxes", "options": gallery.ENVIRONMENTS}
    ts = await scene.post(
        actions(gallery.pickers()[0], boxes), actions(gallery.buttons()[3]) | {"block_id": "b"}
    )
    await scene.open()
    shown = scene.message(ts)
    await shown.get_by_role("combobox").fill("stag")
    await scene.page.keyboard.press("Enter")
    chosen = await scene.heard("block_actions")
    assert chosen["actions"][0]["selected_option"] == picked
    assert chosen["state"]["values"]["acts"]["environment"] == {
        "type": "static_select",
        "selected_option": picked,
    }
    scene.acme.app.heard.clear()
    await shown.get_by_role("checkbox", name="Staging").check()
    assert (await scene.heard("block_actions"))["actions"][0]["selected_options"] == [picked]
    scene.acme.app.heard.clear()
    await shown.get_by_role("button", name="More options").click()
    await scene.page.get_by_role("menuitem", name="Mute this card").click()
    heard = await scene.heard("block_actions")
    assert heard["actions"][0]["selected_option"]["value"] == "mute this card"


async def test_an_edit_keeps_the_place_and_the_focus(scene: Scene) -> None:
    ts = await scene.post(section("running"), actions(gallery.buttons()[0]))
    await scene.open()
    await scene.message(ts).get_by_role("button", name="Approve").focus()
    blocks = [section("finished"), actions(gallery.buttons()[0])]
    await scene.acme.client.chat_update(channel=DEPLOYS, ts=ts, text="finished", blocks=blocks)
    await expect(scene.message(ts)).to_contain_text("finished")
    await expect(scene.message(ts).get_by_role("button", name="Approve")).to_be_focused()
    await scene.acme.client.chat_delete(channel=DEPLOYS, ts=ts)
    await expect(scene.message(ts)).to_have_count(0)


async def test_a_form_says_what_is_missing_and_sends_what_was_filled_in(scene: Scene) -> None:
    await scene.open()
    blocks = [*gallery.ALERTS, *gallery.inputs()]
    dialog = await scene.open_modal(modal(*blocks, callback_id="form", private_metadata="kept"))
    await expect(dialog.locator(".unknown")).to_have_count(0)
    go = dialog.get_by_role("button", name="Go")
    await go.click()
    await expect(dialog.get_by_text("This field is required.")).to_be_visible()
    reason = dialog.get_by_label("Reason")
    await expect(reason).to_be_focused()
    await reason.fill("the hook times out")
    await dialog.get_by_label("Count").fill("12")
    await go.click()
    await expect(dialog.locator(".input-error:visible")).to_have_count(1)
    await dialog.get_by_label("Count").fill("3")
    await dialog.get_by_label("Environments").fill("prod")
    await scene.page.keyboard.press("Enter")
    await scene.page.keyboard.press("Escape")
    await dialog.get_by_label("Moment").fill("2026-03-02T09:40")
    scene.answer({"response_action": "errors", "errors": {"static_select": "Choose one."}})
    await go.click()
    await expect(dialog.get_by_text("Choose one.")).to_be_visible()
    scene.acme.app.heard.clear()
    scene.answer({})
    await go.click()
    await expect(dialog).to_have_count(0)
    view = (await scene.heard("view_submission"))["view"]
    values = {block: held["value"] for block, held in view["state"]["values"].items()}
    assert view["private_metadata"] == "kept"
    assert values["plain_text_input"]["value"] == "the hook times out"
    assert values["number_input"]["value"] == "3"
    assert [one["value"] for one in values["multi_static_select"]["selected_options"]] == ["production"]
    assert values["multi_users_select"]["selected_users"] == ["U0ADA00001"]
    assert values["datetimepicker"]["selected_date_time"] == 1772444400
    assert values["checkboxes"]["selected_options"] == []


@pytest.mark.parametrize("viewport", [PHONE], ids=str)
async def test_forms_stack_keep_what_was_typed_and_close_by_escape(scene: Scene) -> None:
    await scene.open()
    reason = [one for one in gallery.inputs() if one["block_id"] == "plain_text_input"]
    branch = [one for one in gallery.inputs() if one["block_id"] == "external_select"]
    dialog = await scene.open_modal(modal(*reason, *branch, callback_id="first", notify_on_close=True))
    await dialog.get_by_label("Reason").fill("half a sen")
    scene.answer({"options": [gallery.option("main"), gallery.option("fix/timeout")]})
    await dialog.get_by_label("Branch").click()
    await dialog.get_by_role("option", name="fix/timeout").click()
    scene.answer({})
    assert await sideways(scene.page) == []
    (view,) = scene.acme.slack.opened_views("ada")
    note = {"type": "context", "elements": [gallery.mrkdwn("found it")]}
    more = actions(gallery.buttons()[0])
    again = modal(*reason, *branch, note, more, callback_id="first", notify_on_close=True)
    await scene.acme.client.views_update(view_id=view.id, view=again)
    await expect(dialog.get_by_text("found it")).to_be_visible()
    await expect(dialog.get_by_label("Reason")).to_have_value("half a sen")
    await expect(dialog.get_by_label("Branch")).to_have_value("fix/timeout")
    await dialog.get_by_role("button", name="Approve").click()
    clicked = await scene.heard("block_actions")
    assert clicked["view"]["state"]["values"]["plain_text_input"]["value"]["value"] == "half a sen"
    above = modal(section("on top"), callback_id="second")
    await scene.acme.client.views_push(trigger_id=clicked["trigger_id"], view=above)
    await expect(dialog.get_by_text("on top")).to_be_visible()
    await scene.page.keyboard.press("Escape")
    await expect(dialog.get_by_label("Reason")).to_have_value("half a sen")
    await scene.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    assert (await scene.heard("view_closed"))["view"]["callback_id"] == "first"


async def test_the_composer_knows_exactly_the_commands(scene: Scene) -> None:
    await scene.open()
    box, offers = scene.page.get_by_role("combobox", name="Message"), scene.page.locator(".offer")
    await box.press_sequentially("/")
    await expect(offers).to_have_count(2)
    await expect(offers.first).to_contain_text("<service>")
    await box.press_sequentially("st")
    await scene.page.keyboard.press("Tab")
    await expect(box).to_have_value("/state ")
    await box.press_sequentially("api")
    await scene.page.keyboard.press("Enter")
    heard = await scene.heard("command")
    assert (heard["command"], heard["text"], heard["channel_name"]) == ("/state", "api", "deploys")
    await expect(box).to_have_value("")
    await scene.page.keyboard.press("ArrowUp")
    await expect(box).to_have_value("/state api")


async def test_a_command_answers_only_to_the_one_who_asked(scene: Scene) -> None:
    scene.answer({"response_type": "ephemeral", "text": "No service is called `apo`."})
    await scene.open(GRACE)
    await scene.page.get_by_role("combobox", name="Message").fill("/deploy apo")
    await scene.page.keyboard.press("Enter")
    mine = scene.page.locator("li.message.ephemeral")
    await expect(mine).to_contain_text("Only visible to you")
    await expect(mine).to_contain_text("No service is called apo.")
    await scene.open("U0LINUS001")
    await expect(scene.page.get_by_text("No service is called")).to_have_count(0)


async def test_a_thread_opens_at_the_side(scene: Scene) -> None:
    ts = await scene.post(text="the card")
    await scene.open()
    await scene.post(text="the details", thread_ts=ts)
    row = scene.page.locator(f'#main li.message[data-ts="{ts}"]')
    await row.get_by_role("button", name="1 reply").click()
    thread = scene.page.get_by_role("complementary", name="Thread")
    await expect(thread.get_by_text("the details")).to_be_visible()
    reply = thread.get_by_role("combobox", name="Reply")
    await reply.fill("/deploy api")
    await scene.page.keyboard.press("Enter")
    await expect(thread.get_by_text("Slash commands do not work in threads")).to_be_visible()
    await reply.fill("thanks @grace")
    await scene.page.keyboard.press("Enter")
    await expect(thread.locator(".mention")).to_have_text("@Grace")
    await expect(row.get_by_role("button", name="2 replies")).to_be_visible()
    await scene.page.reload()
    await expect(thread.get_by_text("the details")).to_be_visible()


async def test_other_people_see_other_things(scene: Scene) -> None:
    await scene.open()
    await expect(scene.page.get_by_role("button", name="audit")).to_be_visible()
    await scene.page.locator(".me").click()
    await scene.page.get_by_role("menuitemradio", name="Sam Ito").click()
    await expect(scene.page.locator(".me")).to_contain_text("Sam Ito")
    await expect(scene.page.get_by_role("button", name="audit")).to_have_count(0)
    assert f"as={STRANGER}" in scene.page.url


async def test_the_home_tab_and_shortcuts(scene: Scene) -> None:
    view = {"type": "home", "blocks": [section("*Waiting for you*"), actions(gallery.buttons()[0])]}
    await scene.acme.client.views_publish(user_id="U0ADA00001", view=view)
    await scene.open()
    ts = await scene.post(text="a commit")
    await scene.page.locator(f'#main li.message[data-ts="{ts}"]').hover()
    row = scene.page.locator(f'#main li.message[data-ts="{ts}"]')
    await row.get_by_role("button", name="More actions").click()
    await scene.page.get_by_role("menuitem", name="About").click()
    assert (await scene.heard("message_action"))["message"]["ts"] == ts
    await scene.page.locator(".room", has_text="Slipway").click()
    await expect(scene.page.get_by_text("Waiting for you")).to_be_visible()
    await scene.page.get_by_role("region", name="Home tab").get_by_role("button", name="Approve").click()
    assert (await scene.heard("block_actions"))["view"]["type"] == "home"


async def test_an_address_of_nobody_still_opens_the_page(scene: Scene) -> None:
    for query in ("", "?as=U0NOBODY00&channel=C0NOWHERE0", "?channel=%23general"):
        await scene.page.goto(scene.acme.slack.url + "/" + query)
        await expect(scene.page.locator(".me")).to_contain_text("Ada Byron")
        await expect(scene.page.get_by_role("heading", level=1)).to_be_visible()
    await expect(scene.page.get_by_role("heading", level=1)).to_have_text("general")


async def test_the_theme_is_remembered(scene: Scene) -> None:
    await scene.open()
    colour = "getComputedStyle(document.body).backgroundColor"
    light = await scene.page.evaluate(colour)
    await scene.page.get_by_role("button", name="Theme: auto").click()
    await scene.page.get_by_role("button", name="Theme: light").click()
    dark = await scene.page.evaluate(colour)
    await scene.page.reload()
    await expect(scene.page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert light != dark == await scene.page.evaluate(colour)


@pytest.mark.parametrize("viewport", [PHONE], ids=str)
async def test_on_a_phone_the_side_bar_is_a_drawer(scene: Scene) -> None:
    await scene.open()
    room = scene.page.get_by_role("button", name="general")
    await expect(room).to_be_hidden()
    await scene.page.get_by_role("button", name="Show channels").click()
    await room.click()
    await expect(room).to_be_hidden()
    await expect(scene.page.get_by_role("heading", level=1)).to_have_text("general")
    assert await sideways(scene.page) == []
