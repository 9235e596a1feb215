"""A channel that was archived hears nothing any more; the event is a hint, and the channel is looked at."""

from __future__ import annotations

import pytest

from bot.core.effects import Tell
from bot.core.steps import Step
from bot.core.subscriptions import made
from bot.slack.deliveries import of_event
from tests.databases import Backend
from tests.fakes.samples import ADA, TEAM, actor
from tests.unit.slack.room import Room, room

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
HERE = "C0DEPLOYS1"


async def subscribed(here: Room) -> None:
    async with here.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
        await uow.subscriptions.put(HERE, "#deploys", made(["api"]), actor(ADA))


async def archived(here: Room, kind: str, channel: str = HERE) -> list[str]:
    """Slack says so; who is told."""
    event = {"type": kind, "channel": channel, "user": ADA.id}
    said = {"type": "event_callback", "team_id": TEAM, "event_id": f"E{here.count}", "event": event}
    assert await here.hears(of_event(said)) == ""
    return [each.person for each in here.shown if isinstance(each, Tell)]


async def off(here: Room) -> list[str]:
    return [each.off for each in await here.store.subscriptions.subscriptions(TEAM)]


@pytest.mark.parametrize("kind", ["channel_archive", "group_archive"])
async def test_what_it_subscribed_to_is_off_and_its_maker_is_told_once(database_url: str, kind: str) -> None:
    async with room(database_url) as here:
        await subscribed(here)
        here.channels.archived.add(HERE)
        assert await archived(here, kind) == [ADA.id]
        assert await off(here) == ["The channel was archived."]
        assert await archived(here, kind) == []
        assert [each["event"] for each in await here.records()] == ["SubscriptionOff"]


async def test_a_channel_that_is_open_all_the_same_stays_subscribed(database_url: str) -> None:
    """It was opened again before we came to it."""
    async with room(database_url) as here:
        await subscribed(here)
        assert await archived(here, "channel_archive") == []
        assert await off(here) == [""]


async def test_other_channels_are_not_looked_at(database_url: str) -> None:
    async with room(database_url) as here:
        await subscribed(here)
        here.channels.archived.add("C0ELSE0001")
        assert await archived(here, "channel_archive", "C0ELSE0001") == []
        assert await off(here) == [""]
