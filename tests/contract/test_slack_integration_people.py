"""Who people are, and what the doctor says about Slack: the real client against the stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.core.errors import NeedsHuman, Transient
from bot.core.findings import Finding, Grade
from bot.playground.control import Fault, FaultKind
from bot.playground.slack.seed import ADA, FORMER, GRACE, GUEST, LINUS, OTHER_TEAM, STRANGER
from bot.slack.manifest import OPTIONAL_SCOPES, SCOPES
from integrations.slack import Home, SlackChannels, SlackClient, SlackDirectory, make_client
from integrations.slack.doctor import check
from integrations.slack.people import ANEW, FRESH
from tests.contract.playground_slack import BOT_TOKEN, MANIFEST, Workspace, with_scopes, workspace
from tests.fakes.queues import StillClock
from tests.fakes.samples import TEAM

CHANNELS = ["#deploys", "#general", "#nowhere"]


@pytest.fixture
async def acme(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path) as made:
        await made.act("rate_limits", on=False)
        yield made


@pytest.fixture
async def client(acme: Workspace) -> AsyncIterator[SlackClient]:
    async with aiohttp.ClientSession() as session:
        yield make_client(BOT_TOKEN, acme.slack.url + "/api/", session)


async def held(acme: Workspace) -> None:
    """Until a call waits for its release."""
    async with asyncio.timeout(30):
        while not acme.slack.control.holding:  # noqa: ASYNC110  # nothing here could set an event
            await asyncio.sleep(0.01)


async def test_people_as_slack_knows_them(client: SlackClient) -> None:
    directory = SlackDirectory(client, Home(client), StillClock().now)
    ada = await directory.person(TEAM, ADA)
    assert (ada.id, ada.name, ada.zone) == (ADA, "Ada", "Europe/London")
    assert (ada.guest, ada.stranger, ada.active) == (False, False, True)
    assert ada.groups == {"sre", "S0SRE00001"}
    assert (await directory.person(TEAM, GRACE)).groups == {"payments", "S0PAYMENTS"}
    guest, stranger, former = [await directory.person(TEAM, each) for each in (GUEST, STRANGER, FORMER)]
    assert (guest.guest, guest.stranger, guest.active, guest.groups) == (True, False, True, frozenset())
    assert (stranger.guest, stranger.stranger, stranger.active) == (False, True, True)
    assert not former.active


async def test_what_is_known_is_remembered_for_five_minutes(acme: Workspace, client: SlackClient) -> None:
    clock, journal = StillClock(), acme.slack.control
    directory = SlackDirectory(client, Home(client), clock.now)
    await directory.person(TEAM, ADA)
    await directory.person(TEAM, ADA)
    await directory.person(TEAM, LINUS)
    assert len(journal.calls("users.info")) == 2
    assert len(journal.calls("usergroups.list")) == 1
    assert await directory.known(TEAM, LINUS) is not None
    assert await directory.known(TEAM, GRACE) is None

    await acme.act("deactivate", person=ADA)
    clock.time += FRESH - timedelta(seconds=1)
    assert (await directory.person(TEAM, ADA)).active
    clock.time += timedelta(seconds=1)
    after = await directory.person(TEAM, ADA)
    assert not after.active
    assert after.groups == frozenset()
    assert after.observed_at == clock.now()


async def test_whoever_is_first_seen_is_as_old_as_the_groups_they_were_looked_for_in(
    client: SlackClient,
) -> None:
    clock = StillClock()
    directory, read = SlackDirectory(client, Home(client), clock.now), clock.now()
    await directory.person(TEAM, ADA)
    clock.time += FRESH - timedelta(seconds=1)
    assert (await directory.person(TEAM, GRACE)).observed_at == read
    clock.time += timedelta(seconds=1)
    assert await directory.known(TEAM, GRACE) is None


async def test_one_reading_of_the_groups_does_for_everybody_who_decides(
    acme: Workspace, client: SlackClient
) -> None:
    clock, calls = StillClock(), acme.slack.control.calls
    directory = SlackDirectory(client, Home(client), clock.now)
    everybody = [directory.person(TEAM, each, fresh=True) for each in (ADA, LINUS, GRACE, ADA, GUEST)]
    ada, *_ = await asyncio.gather(*everybody)
    assert ada.groups == {"sre", "S0SRE00001"}
    assert (len(calls("usergroups.list")), len(calls("users.info"))) == (1, 5)

    acme.slack.world.usergroups["S0SRE00001"].users.remove(ADA)
    clock.time += ANEW - timedelta(seconds=1)
    await directory.person(TEAM, ADA, fresh=True)
    assert len(calls("usergroups.list")) == 1
    clock.time += timedelta(seconds=1)
    assert (await directory.person(TEAM, ADA, fresh=True)).groups == frozenset()
    assert len(calls("usergroups.list")) == 2


async def test_whoever_gives_up_does_not_end_the_reading_of_the_others(
    acme: Workspace, client: SlackClient
) -> None:
    directory, control = SlackDirectory(client, Home(client), StillClock().now), acme.slack.control
    control.faults.append(Fault("usergroups.list", FaultKind.HOLD_AFTER, 1))
    first = asyncio.create_task(directory.person(TEAM, ADA, fresh=True))
    await held(acme)
    second = asyncio.create_task(directory.person(TEAM, GRACE, fresh=True))
    await asyncio.sleep(0)  # so that it waits, too
    first.cancel()
    await acme.act("release")
    assert (await second).groups == {"payments", "S0PAYMENTS"}
    assert first.cancelled()
    assert len(control.calls("usergroups.list")) == 1


async def test_a_slow_reading_is_no_excuse_for_an_old_one(acme: Workspace, client: SlackClient) -> None:
    clock, control = StillClock(), acme.slack.control
    directory = SlackDirectory(client, Home(client), clock.now)
    control.faults.append(Fault("usergroups.list", FaultKind.HOLD_AFTER, 1))
    slow = asyncio.create_task(directory.person(TEAM, ADA, fresh=True))
    await held(acme)
    acme.slack.world.usergroups["S0SRE00001"].users.remove(ADA)
    clock.time += ANEW
    assert (await directory.person(TEAM, ADA, fresh=True)).groups == frozenset()
    await acme.act("release")
    assert (await slow).groups == {"sre", "S0SRE00001"}
    assert (await directory.person(TEAM, ADA, fresh=True)).groups == frozenset()
    assert len(control.calls("usergroups.list")) == 2


@pytest.mark.parametrize("method", ["usergroups.list", "users.info"])
async def test_a_pause_that_slack_asks_for_is_kept(acme: Workspace, client: SlackClient, method: str) -> None:
    directory = SlackDirectory(client, Home(client), StillClock().now)
    acme.slack.control.faults.append(Fault(method, FaultKind.RATE_LIMIT, 1))
    for person in (ADA, LINUS):
        with pytest.raises(Transient):
            await directory.person(TEAM, person, fresh=True)
    assert len(acme.slack.control.calls(method)) == 1


async def test_a_stranger_is_one_whatever_a_delivery_says(acme: Workspace, client: SlackClient) -> None:
    acme.slack.world.people[STRANGER].is_stranger = False  # Slack does not always set it
    directory = SlackDirectory(client, Home(client), StillClock().now)
    assert (await directory.person(OTHER_TEAM, STRANGER)).stranger
    assert not (await directory.person(OTHER_TEAM, ADA)).stranger
    assert len(acme.slack.control.calls("auth.test")) == 1


@pytest.mark.parametrize(
    ("channel", "shared"),
    [("#payments", True), ("C0PAYMENTS", True), ("#deploys", False), ("C0DEPLOYS1", False), ("#no", False)],
)
async def test_channels_that_outsiders_read(client: SlackClient, channel: str, shared: bool) -> None:
    assert await SlackChannels(client, StillClock().now).outside(TEAM, channel) is shared


async def test_what_is_known_of_channels_is_remembered_for_five_minutes(
    acme: Workspace, client: SlackClient
) -> None:
    clock, calls = StillClock(), acme.slack.control.calls
    channels = SlackChannels(client, clock.now)
    for name in ("#payments", "#deploys", "C0DEPLOYS1", "C0DEPLOYS1"):
        await channels.outside(TEAM, name)
    assert (len(calls("conversations.list")), len(calls("conversations.info"))) == (1, 1)
    acme.slack.world.channels["C0DEPLOYS1"].is_shared = True
    clock.time += FRESH
    assert await channels.outside(TEAM, "C0DEPLOYS1")
    assert await channels.outside(TEAM, "#deploys")


async def test_a_channel_that_cannot_be_looked_at_is_no_guess(acme: Workspace, client: SlackClient) -> None:
    channels = SlackChannels(client, StillClock().now)
    for method, channel in (("conversations.info", "C0PAYMENTS"), ("conversations.list", "#payments")):
        acme.slack.control.faults.append(Fault(method, FaultKind.ERROR_503, 1))
        with pytest.raises(Transient):
            await channels.outside(TEAM, channel)
        assert await channels.outside(TEAM, channel)


async def test_without_the_right_to_look_nothing_is_closed(tmp_path: Path) -> None:
    async with workspace(tmp_path, document=with_scopes(*SCOPES)) as acme, aiohttp.ClientSession() as session:
        channels = SlackChannels(make_client(BOT_TOKEN, acme.slack.url + "/api/", session), StillClock().now)
        assert not await channels.outside(TEAM, "#payments")
        assert not await channels.outside(TEAM, "C0PAYMENTS")
        assert await channels.name_of(TEAM, "C0PAYMENTS") == ""
        assert await channels.id_of(TEAM, "#payments") == "#payments"
        assert await channels.closed(TEAM, "C0PAYMENTS")  # then whoever says so is believed


async def test_channels_are_known_by_name_and_by_id(acme: Workspace, client: SlackClient) -> None:
    channels = SlackChannels(client, StillClock().now)
    assert await channels.name_of(TEAM, "C0DEPLOYS1") == "#deploys"
    assert await channels.id_of(TEAM, "#deploys") == "C0DEPLOYS1"
    assert await channels.id_of(TEAM, "C0DEPLOYS1") == "C0DEPLOYS1"
    assert await channels.id_of(TEAM, "#no") == "#no"
    assert not await channels.closed(TEAM, "C0DEPLOYS1")
    acme.slack.world.channels["C0DEPLOYS1"].is_archived = True  # read anew, whatever is remembered
    assert await channels.closed(TEAM, "C0DEPLOYS1")
    assert await channels.closed(TEAM, "C0NOWHERE1")
    acme.slack.control.faults.append(Fault("conversations.info", FaultKind.ERROR_503, 1))
    with pytest.raises(Transient):
        await channels.closed(TEAM, "C0DEPLOYS1")


async def test_nobody_is_made_up(acme: Workspace, client: SlackClient) -> None:
    directory = SlackDirectory(client, Home(client), StillClock().now)
    with pytest.raises(NeedsHuman, match="user_not_found"):
        await directory.person(TEAM, "U0NOBODY01")
    acme.slack.control.faults.append(Fault("users.info", FaultKind.ERROR_503, 1))
    with pytest.raises(Transient):
        await directory.person(TEAM, ADA)
    assert (await directory.person(TEAM, ADA)).name == "Ada"


def told(findings: list[Finding], grade: Grade) -> str:
    return "\n".join(f"{each.what} {each.fix}" for each in findings if each.grade is grade)


async def test_the_doctor_is_content(client: SlackClient) -> None:
    scopes = MANIFEST["oauth_config"]["scopes"]["bot"]
    findings = await check(client, scopes, [], ["#deploys"])
    assert told(findings, Grade.FAIL) == told(findings, Grade.WARN) == ""
    assert "in Acme" in told(findings, Grade.OK)
    assert "can post in #deploys" in told(findings, Grade.OK)


async def test_the_doctor_names_each_channel_that_is_closed(client: SlackClient) -> None:
    failures = told(await check(client, [], [], CHANNELS), Grade.FAIL)
    assert "Slipway is not in #general. Say /invite @Slipway in #general." in failures
    assert "no #nowhere" in failures
    assert "#deploys" not in failures


@pytest.mark.parametrize(("audit", "warned"), [("#payments", True), ("#deploys", False), (None, False)])
async def test_the_doctor_says_who_overhears_the_auditors(
    client: SlackClient, audit: str | None, warned: bool
) -> None:
    warnings = told(await check(client, SCOPES, [], CHANNELS, audit), Grade.WARN)
    assert ("#payments is shared with other organisations" in warnings) is warned


async def test_the_doctor_names_scopes_that_are_missing(tmp_path: Path) -> None:
    granted = [scope for scope in SCOPES if scope != "chat:write"]
    async with (
        workspace(tmp_path, document=with_scopes(*granted)) as acme,
        aiohttp.ClientSession() as session,
    ):
        client = make_client(BOT_TOKEN, acme.slack.url + "/api/", session)
        findings = await check(client, SCOPES, OPTIONAL_SCOPES, CHANNELS)
    assert "lacks chat:write" in told(findings, Grade.FAIL)
    assert "app-manifest.yml" in told(findings, Grade.FAIL)
    assert "channels:history" in told(findings, Grade.WARN)
    assert "can't be looked up" in told(findings, Grade.WARN)


async def test_a_bad_token_ends_the_examination(acme: Workspace) -> None:
    async with aiohttp.ClientSession() as session:
        client = make_client("xoxb-other", acme.slack.url + "/api/", session)
        findings = await check(client, SCOPES, [], CHANNELS)
    assert [each.grade for each in findings] == [Grade.FAIL]
    assert "SLACK_BOT_TOKEN" in findings[0].fix
