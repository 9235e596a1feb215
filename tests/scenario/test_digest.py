"""Digests through the whole house: asked for in chat, posted once, put off, and ended with their channel."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.lifecycle import State
from bot.playground.control import Fault, FaultKind
from bot.playground.slack.world import Message
from tests.scenario.house import CATALOG, PATIENCE, House

CHANNEL = "#api-deploys"


def with_digests(folder: Path, more: str = "") -> Path:
    """The usual catalog, in which everybody may subscribe."""
    path = folder / "slipway.yml"
    text = CATALOG.read_text().replace("rights:\n", "rights:\n  subscribe: [everyone]\n", 1)
    path.write_text(text + more)
    return path


def digests(house: House, channel: str = CHANNEL) -> list[Message]:
    return [each for each in house.play.slack.messages(channel) if "until " in each.text]


def kinds(message: Message) -> list[str]:
    return [each["type"] for each in message.blocks]


async def looks(house: House) -> int:
    """As each minute."""
    found = house.app.digests
    assert found is not None
    return await found.look()


async def daily(house: House) -> None:
    """Linus asks for one that comes in half an hour, and something is deployed."""
    at = house.clock.now() + timedelta(minutes=30)
    await house.says("linus", CHANNEL, f"/digest daily at {at:%H:%M} UTC")
    await house.answered("linus", "This channel gets a digest every day at")
    await house.says("ada", CHANNEL, "/deploy api staging")
    await house.reaches(State.SUCCEEDED)


async def posted(house: House, count: int = 1, channel: str = CHANNEL) -> Message:
    """The last of so many."""
    await house.play.slack.until(lambda: len(digests(house, channel)) >= count, PATIENCE)
    await house.quiet()
    assert len(digests(house, channel)) == count
    return digests(house, channel)[-1]


async def test_it_is_posted_once_whatever_restarts(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=with_digests(tmp_path)) as house:
        await daily(house)
        assert await looks(house) == 0
        await house.leaps(31 * 60)
        await looks(house)
        message = await posted(house)
        assert "1 deploy elsewhere. Nothing waits." in message.text
        assert "table" in kinds(message)
        await house.app.stop()
        await house.start_bot()
        assert await looks(house) == 0
        await posted(house)


async def test_a_post_whose_answer_was_lost_is_found_again(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=with_digests(tmp_path)) as house:
        await daily(house)
        await house.quiet()
        await house.leaps(31 * 60)
        house.play.slack.control.faults.append(Fault("chat.postMessage", FaultKind.LOSE_ANSWER, 1))
        await looks(house)
        message = await posted(house)
        assert "repeat" not in message.text


async def test_words_take_the_place_of_blocks_that_are_not_taken(database_url: str, tmp_path: Path) -> None:
    more = f'\ndigests:\n  - {{channel: "{CHANNEL}", every: week, on: DAY, at: "AT", zone: UTC}}\n'
    async with House(database_url, catalog=with_digests(tmp_path)) as house:
        at = house.clock.now() + timedelta(minutes=30)
        file = with_digests(tmp_path, more.replace("DAY", f"{at:%A}".lower()).replace("AT", f"{at:%H:%M}"))
        assert file.exists()
        house.app.reload()
        await house.says("ada", CHANNEL, "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        await house.play.slack.control.acts["refuse_blocks"]({"types": ["data_visualization", "table"]})
        await house.leaps(31 * 60)
        await looks(house)
        message = await posted(house)
        assert message.text.startswith("The week until")
        assert not {"table", "data_visualization"} & set(kinds(message))


async def test_its_button_leaves_out_the_next(database_url: str, tmp_path: Path) -> None:
    async with House(database_url, catalog=with_digests(tmp_path)) as house:
        await daily(house)
        await house.leaps(31 * 60)
        await looks(house)
        done = await house.play.slack.click("ada", await posted(house), "snooze")
        assert done["ok"], done
        await house.answered("ada", "is left out.")
        await house.says("ada", CHANNEL, "/deploy api staging v1.3.0")
        await house.reaches(State.SUCCEEDED, 2)
        await house.leaps(24 * 3600)
        assert await looks(house) == 0
        await posted(house)


async def test_an_archived_channel_ends_it_and_its_maker_is_told_once(
    database_url: str, tmp_path: Path
) -> None:
    async with House(database_url, catalog=with_digests(tmp_path)) as house:
        await daily(house)
        await house.quiet()
        await house.play.slack.control.acts["archive"]({"channel": CHANNEL})
        await house.leaps(31 * 60)
        await looks(house)

        def told() -> list[str]:
            found = [each.text for each in house.play.slack.direct_messages("linus")]
            return [each for each in found if "is stopped" in each]

        await house.play.slack.until(lambda: bool(told()), PATIENCE)
        await house.leaps(24 * 3600)
        assert await looks(house) == 0
        await house.quiet()
        assert len(told()) == 1


@pytest.mark.parametrize("words", ["now", "now weekly"])
async def test_a_preview_is_for_who_asks_alone(database_url: str, tmp_path: Path, words: str) -> None:
    async with House(database_url, catalog=with_digests(tmp_path)) as house:
        await house.says("ada", CHANNEL, "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        await house.says("linus", CHANNEL, f"/digest {words}")
        said = await house.answered("linus", "until ")
        assert "1 deploy elsewhere." in said
        assert digests(house) == []
