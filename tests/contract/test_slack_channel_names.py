"""What channels are called, and when one is no more: the real client against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.core.errors import ChannelClosed, NeedsHuman, Transient
from bot.playground.control import Fault, FaultKind
from bot.slack.manifest import SCOPES
from integrations.slack import SlackChannels, SlackChat, SlackClient, make_client
from integrations.slack.channels import FRESH
from tests.contract.playground_slack import BOT_TOKEN, Workspace, section, with_scopes, workspace
from tests.fakes.queues import StillClock
from tests.fakes.samples import TEAM

DEPLOYS = "C0DEPLOYS1"
MESSAGE = {"text": "The day", "blocks": [section("hello")]}


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        await made.act("rate_limits", on=False)
        yield made


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(acme: Workspace, session: aiohttp.ClientSession) -> SlackClient:
    return make_client(BOT_TOKEN, acme.slack.url + "/api/", session)


async def test_a_channel_is_called_as_the_catalog_calls_it(acme: Workspace, client: SlackClient) -> None:
    clock = StillClock()
    channels = SlackChannels(client, clock.now)
    assert await channels.name_of(TEAM, "#deploys") == "#deploys"
    assert await channels.name_of(TEAM, DEPLOYS) == "#deploys"
    acme.slack.world.channels[DEPLOYS].name = "releases"
    assert await channels.name_of(TEAM, DEPLOYS) == "#deploys"
    assert len(acme.slack.control.calls("conversations.info")) == 1
    clock.time += FRESH
    assert await channels.name_of(TEAM, DEPLOYS) == "#releases"


async def test_a_name_that_cannot_be_read_now_is_no_guess(acme: Workspace, client: SlackClient) -> None:
    acme.slack.control.faults.append(Fault("conversations.info", FaultKind.ERROR_503, 1))
    with pytest.raises(Transient):
        await SlackChannels(client, StillClock().now).name_of(TEAM, DEPLOYS)


async def test_without_the_right_to_look_nobody_knows_the_name(tmp_path: Path) -> None:
    async with workspace(tmp_path, document=with_scopes(*SCOPES)) as acme, aiohttp.ClientSession() as session:
        channels = SlackChannels(make_client(BOT_TOKEN, acme.slack.url + "/api/", session), StillClock().now)
        assert await channels.name_of(TEAM, DEPLOYS) == ""
        assert not await channels.outside(TEAM, DEPLOYS)
        assert not await channels.inside(TEAM, DEPLOYS), "nobody says that"


async def test_only_a_channel_that_we_see_is_surely_our_own(acme: Workspace, client: SlackClient) -> None:
    channels = SlackChannels(client, StillClock().now)
    assert await channels.inside(TEAM, DEPLOYS)
    assert not await channels.inside(TEAM, "D0NOWHERE1"), "a talk of other people"
    acme.slack.world.channels[DEPLOYS].is_shared = True
    assert not await SlackChannels(client, StillClock().now).inside(TEAM, DEPLOYS)


@pytest.mark.parametrize("channel", [DEPLOYS, "C0NOWHERE1"])
async def test_a_channel_that_is_no_more_is_told_apart(
    acme: Workspace, client: SlackClient, session: aiohttp.ClientSession, channel: str
) -> None:
    await acme.act("archive", channel="#deploys")
    with pytest.raises(ChannelClosed, match="Nothing can be posted in"):
        await SlackChat(client, session).post(TEAM, channel, MESSAGE, "op-1")


async def test_one_to_which_nobody_invited_us_is_not_closed(
    client: SlackClient, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(NeedsHuman, match="not_in_channel") as refused:
        await SlackChat(client, session).post(TEAM, "C0GENERAL1", MESSAGE, "op-1")
    assert not isinstance(refused.value, ChannelClosed)
