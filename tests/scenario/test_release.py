"""A release that somebody publishes at GitHub, from the webhook or without one to the channels that asked."""

from __future__ import annotations

from pathlib import Path

from bot.core.publishing import EVERY
from bot.playground.github.names import ActName, WebhookMode, Where
from bot.playground.slack.world import Message
from tests.scenario.house import PATIENCE, House

SUBSCRIBE = Path(__file__).parent / "subscribe.yml"
CHANNEL = "#deploys"
NOTES = "## What is new\n\n* Refunds, see <https://evil.example|here> <!channel> @here\n"


def told(house: House) -> list[Message]:
    return [each for each in house.cards(CHANNEL) if "Released: " in each.text]


async def comes(house: House, count: int) -> Message:
    await house.play.slack.until(lambda: len(told(house)) >= count, PATIENCE)
    await house.play.github.hooks.settled()
    await house.quiet()
    assert len(told(house)) == count
    return told(house)[-1]


async def test_a_release_is_told_once_with_its_webhook_and_without(database_url: str) -> None:
    async with House(database_url, catalog=SUBSCRIBE) as house:
        await house.says("linus", CHANNEL, "/subscribe api on=release")
        await house.answered("linus", "is subscribed: ")
        await house.act(ActName.WEBHOOKS, mode=WebhookMode.DUPLICATE)
        await house.act(ActName.PUBLISH_RELEASE, tag="v1.6.0", notes=NOTES, login="grace")
        first = await comes(house, 1)
        assert "Released: acme/api v1.6.0" in first.text
        said = str(first.blocks)
        assert "/acme/api/releases/tag/v1.6.0" in said
        assert "By grace" in said
        assert "What is new" in said
        assert "broadcast" not in said, "its words ring for nobody, and are no links of ours"
        assert "'url': 'https://evil" not in said
        assert "<!channel>" not in first.text
        assert "For api. It runs nowhere yet." in said
        release = house.play.github.control.calls(Where.RELEASE)[0].path.rpartition("/")[2]
        await house.act(ActName.EDIT_RELEASE, release=int(release), notes="Other words")
        await house.act(ActName.WEBHOOKS, mode=WebhookMode.DROP)
        await house.act(ActName.ADD_COMMIT)
        await house.act(ActName.PUBLISH_RELEASE, tag="v1.7.0-rc.1", prerelease=True)
        await house.act(ActName.PUBLISH_RELEASE, tag="v1.7.0")
        await house.app.stop()  # and another process goes on
        await house.start_bot()
        await house.leaps(EVERY.total_seconds())
        second = await comes(house, 2)
        assert "Released: acme/api v1.7.0" in second.text
        said = str(second.blocks)
        assert "Changes since v1.6.0" in said
        assert "/compare/v1.6.0...v1.7.0" in said
        assert "/deploy api staging v1.7.0" in said
