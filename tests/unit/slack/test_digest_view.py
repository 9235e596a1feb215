"""A digest in Slack: in each look within the limits, with the same figures, and harmless."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.core.actions import ActionId
from bot.core.catalog import Catalog
from bot.core.digests import Digest, Need, NeedKind, digest
from bot.core.effects import PostDigest, Posted, Tell
from bot.core.errors import BlocksRefused, Bug, ChannelClosed, NeedsHuman
from bot.core.happenings import Story
from bot.slack.digests import DigestPoster
from bot.slack.messenger import SKEW, SlackMessenger
from bot.slack.views.digest import Look, digest_message
from tests.fakes.chat import FakeChannels, FakeChat, FakeHomes, FakePictures
from tests.fakes.digests import FakeHappenings
from tests.fakes.links import FakeBook
from tests.fakes.samples import TEAM, catalog, service
from tests.fakes.stories import DAILY, HOUR, MONDAY, WEEKLY, busy_week, happened, window
from tests.golden import golden
from tests.unit.slack.slack_takes import leaves, must_be_harmless, must_fit, words

JOB = "digest/C0DEPLOYS1/week"
HERE = Posted("C0DEPLOYS1", "7.7")
NEEDS = tuple(
    Need(each, 50 + number, "api to production", MONDAY - HOUR, HERE) for number, each in enumerate(NeedKind)
)
RUNNING = {("api", "production"): "4f2a9c1 (#12)", ("web", "staging"): "9d8e7f6 (#22)"}


def weekly(*needs: Need) -> Digest:
    return digest(WEEKLY, window(WEEKLY), busy_week(), catalog().services, needs, RUNNING)


def daily() -> Digest:
    return digest(DAILY, window(), busy_week(), catalog().services, (), RUNNING)


def link(posted: Posted) -> str:
    return f"https://chat.test/{posted.channel}/{posted.ts}"


MADE: dict[str, Callable[[], dict[str, Any]]] = {
    "digest-daily": lambda: digest_message(daily(), "digest/C0DEPLOYS1/day", link, Look.CHART),
    "digest-weekly": lambda: digest_message(weekly(*NEEDS), JOB, link, Look.CHART),
    "digest-weekly-without-chart": lambda: digest_message(weekly(*NEEDS), JOB, link, Look.TABLE),
    "digest-weekly-with-picture": lambda: digest_message(weekly(), JOB, link, Look.TABLE, "F0PICTURE1"),
    "digest-weekly-in-words": lambda: digest_message(weekly(*NEEDS), JOB, link, Look.WORDS),
}


def kinds(message: Any) -> list[str]:
    return [each["type"] for each in message["blocks"]]


@pytest.mark.parametrize("name", MADE)
def test_each_look(name: str) -> None:
    made = MADE[name]()
    must_fit(made)
    golden(name, made)


def test_new_blocks_are_left_out_where_they_are_not_taken() -> None:
    assert "data_visualization" in kinds(MADE["digest-weekly"]())
    assert kinds(MADE["digest-daily"]()).count("table") == 1
    assert not {"data_visualization"} & set(kinds(MADE["digest-weekly-without-chart"]()))
    assert not {"data_visualization", "table"} & set(kinds(MADE["digest-weekly-in-words"]()))


@pytest.mark.parametrize("look", Look)
def test_the_real_numbers_stand_in_the_text_of_each_look(look: Look) -> None:
    shown = words(digest_message(weekly(*NEEDS), JOB, link, look))
    assert "12 deploys to production and 2 elsewhere" in shown
    assert "Tue 3: 2, Wed 4: 2" in shown
    assert "4f2a9c1 (#12)" in shown
    assert "1 outcome is unknown" in shown


def test_nobody_is_rung_for_and_its_button_carries_the_command() -> None:
    made = digest_message(weekly(*NEEDS), JOB, link, Look.CHART)
    assert not [each for each in leaves(made) if each.get("type") == "user"]
    (button,) = [each for each in leaves(made) if each.get("type") == "button"]
    assert (button["action_id"], button["value"]) == (ActionId.SNOOZE, f"digest snooze {JOB}")
    links = [each["url"] for each in leaves(made) if each.get("type") == "link"]
    assert links == [link(HERE)] * 3


def large() -> Digest:
    """As much as there can be."""
    services = [service(f"s{each:02}-{'x' * 80}") for each in range(60)]
    numbers = range(1, 1201)
    deploys = [happened(each, each * HOUR / 10, service=services[each % 60].name) for each in numbers]
    needs = [replace(NEEDS[0], what="y" * 300, number=each) for each in range(40)]
    return digest(WEEKLY, window(WEEKLY), Story(tuple(deploys)), services, needs)


@pytest.mark.parametrize("look", Look)
def test_the_largest_one_fits(look: Look) -> None:
    must_fit(digest_message(large(), JOB, link, look))


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize("name", ["<!channel>", "*bold* <@U1>", "a\u202eb", "x" * 200])
def test_names_do_no_harm(name: str, look: Look) -> None:
    story = Story(tuple(happened(each, HOUR, service=name) for each in range(1, 8)))
    found = digest(WEEKLY, window(WEEKLY), story, [service(name)], [replace(NEEDS[0], what=name)])
    must_be_harmless(digest_message(found, JOB, link, look), name)


@dataclass
class Nothing:
    """The port Queries, of which only these are asked."""

    async def live(self, *_: object) -> None:
        return None

    async def in_states(self, *_: object) -> tuple[()]:
        return ()

    async def open_reviews(self, *_: object) -> tuple[()]:
        return ()


@dataclass
class Desk:
    """A messenger over a chat in memory."""

    chat: FakeChat = field(default_factory=FakeChat)
    channels: FakeChannels = field(default_factory=FakeChannels)
    happenings: FakeHappenings = field(default_factory=lambda: FakeHappenings(busy_week()))
    catalog: Catalog = field(default_factory=catalog)
    closed: list[tuple[str, str, str]] = field(default_factory=list)
    pictures: FakePictures = field(default_factory=FakePictures)
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def messenger(self) -> SlackMessenger:
        queries: Any = Nothing()
        poster = DigestPoster(
            self.chat,
            queries,
            self.happenings,
            self.channels,
            lambda: self.catalog,
            link,
            self.close,
            self.pictures,
            self.sleep,
        )
        homes = FakeHomes()
        return SlackMessenger(self.chat, queries, homes, self.channels, FakeBook(), digests=poster)

    async def close(self, workspace: str, channel: str, why: str) -> None:
        self.closed.append((workspace, channel, why))


def refused(why: str, times: int) -> list[Exception]:
    return [BlocksRefused(why) for _ in range(times)]


EFFECT = PostDigest("C0DEPLOYS1", JOB, WEEKLY, ("api", "web"), window(WEEKLY))


async def test_it_is_read_for_its_window_when_it_is_delivered() -> None:
    desk = Desk()
    posted = await desk.messenger().deliver(TEAM, "op", EFFECT, None)
    ((stands, operation, thread, message),) = desk.chat.posted
    assert posted == stands
    assert (stands.channel, operation, thread) == ("C0DEPLOYS1", "op", None)
    assert message["text"].startswith("The week until Mon 9 Nov, 10:00. 12 deploys to production")


async def test_it_falls_back_from_chart_to_table_to_words_and_stays_so() -> None:
    desk = Desk(FakeChat(refusals=[*refused("data_visualization", 1), *refused("table", 3)]))
    messenger = desk.messenger()
    await messenger.deliver(TEAM, "op", EFFECT, None)
    await messenger.deliver(TEAM, "op2", EFFECT, None)
    for _, _, _, message in desk.chat.posted:
        assert not {"data_visualization", "table"} & set(kinds(message))


def pictures_in(desk: Desk) -> list[str]:
    shown = [leaf for _, _, _, message in desk.chat.posted for leaf in leaves(message)]
    return [each["slack_file"]["id"] for each in shown if each.get("type") == "image"]


async def test_a_picture_takes_the_place_of_the_chart() -> None:
    desk = Desk(FakeChat(refusals=[BlocksRefused("data_visualization")]))
    await desk.messenger().deliver(TEAM, "op", EFFECT, None)
    assert pictures_in(desk) == ["F1"]
    ((name, picture, alt),) = desk.pictures.taken
    assert name.endswith(".png")
    assert picture.startswith(b"\x89PNG")
    assert alt.startswith("Deploys and failures by day. Mon 2: 0, Tue 3: 2, ")
    assert desk.slept == []


async def test_slack_gets_a_moment_to_work_on_a_picture() -> None:
    desk = Desk(FakeChat(refusals=[BlocksRefused("data_visualization"), BlocksRefused("no such file")]))
    await desk.messenger().deliver(TEAM, "op", EFFECT, None)
    assert pictures_in(desk) == ["F1"]
    assert desk.slept == [2.0]
    assert "table" in kinds(desk.chat.posted[0][3])


async def test_without_its_picture_it_goes_all_the_same() -> None:
    desk = Desk(FakeChat(refusals=[*refused("data_visualization", 1), *refused("no such file", 2)]))
    await desk.messenger().deliver(TEAM, "op", EFFECT, None)
    assert pictures_in(desk) == []
    desk = Desk(FakeChat(refusals=[BlocksRefused("data_visualization")]))
    desk.pictures.fails = NeedsHuman("Slipway lacks a right in Slack.", "It needs files:write.")
    await desk.messenger().deliver(TEAM, "op", EFFECT, None)
    assert pictures_in(desk) == []
    assert "Tue 3: 2" in words(dict(desk.chat.posted[0][3]))


async def test_a_daily_one_needs_no_picture() -> None:
    desk = Desk(FakeChat(refusals=[BlocksRefused("table"), BlocksRefused("table")]))
    await desk.messenger().deliver(TEAM, "op", replace(EFFECT, schedule=DAILY, window=window()), None)
    assert desk.pictures.taken == []


async def test_other_blocks_that_are_refused_are_our_mistake() -> None:
    desk = Desk(FakeChat(refusals=refused("header", 9)))
    with pytest.raises(BlocksRefused):
        await desk.messenger().deliver(TEAM, "op", EFFECT, None)


async def test_what_may_be_a_repeat_says_so() -> None:
    desk = Desk()
    await desk.messenger().deliver(TEAM, "op", EFFECT, None, repeated=True)
    message = desk.chat.posted[0][3]
    assert "may be a repeat" in message["text"]
    must_fit(dict(message))


async def test_an_earlier_try_is_looked_up_where_it_would_stand() -> None:
    desk = Desk()
    await desk.messenger().deliver(TEAM, "op", EFFECT, None)
    found = await desk.messenger().look_up(TEAM, "op", EFFECT, None, MONDAY)
    assert found == desk.chat.posted[0][0]
    assert desk.chat.looks == [("C0DEPLOYS1", "op", MONDAY - SKEW, None)]


async def test_nothing_is_posted_in_a_channel_that_was_shared_meanwhile() -> None:
    desk = Desk(channels=FakeChannels(frozenset({"C0DEPLOYS1"})))
    assert await desk.messenger().deliver(TEAM, "op", EFFECT, None) is None
    assert desk.chat.posted == []


async def test_what_is_external_is_told_there() -> None:
    desk = Desk(channels=FakeChannels(frozenset({"C0DEPLOYS1"})))
    desk.catalog = catalog(service("api"), service("web", external=True))
    await desk.messenger().deliver(TEAM, "op", EFFECT, None)
    shown = json.dumps(desk.chat.posted[0][3])
    assert "web" in shown
    assert "api" not in shown


CLOSED = ChannelClosed("Nothing can be posted in C0DEPLOYS1.", "Slack says is_archived.", "Open it again.")


async def test_a_channel_that_is_no_more_ends_what_people_asked_for() -> None:
    desk = Desk()
    assert await desk.messenger().instead(TEAM, EFFECT, CLOSED) is None
    assert desk.closed == [(TEAM, "C0DEPLOYS1", f"{CLOSED.what} {CLOSED.why}")]


async def test_what_can_be_mended_ends_nothing() -> None:
    desk = Desk()
    refused = NeedsHuman("Nothing can be posted in C0DEPLOYS1.", "Slack says not_in_channel.", "Invite me.")
    told = await desk.messenger().instead(TEAM, replace(EFFECT, by="U0ADA00001"), refused)
    assert isinstance(told, Tell)
    assert told.person == "U0ADA00001"
    assert "that you asked for in C0DEPLOYS1 can't be posted." in told.text.plain()
    assert "Invite me." in told.text.plain()
    assert await desk.messenger().instead(TEAM, EFFECT, refused) is None  # nobody is to be told
    assert desk.closed == []


async def test_of_the_catalogs_the_audit_channel_is_told() -> None:
    desk, effect = Desk(), replace(EFFECT, by_catalog=True, channel="#gone")
    assert await desk.messenger().instead(TEAM, effect, CLOSED) is None
    desk.catalog = replace(desk.catalog, channels=replace(desk.catalog.channels, audit="#audit"))
    told = await desk.messenger().instead(TEAM, effect, CLOSED)
    assert isinstance(told, Tell)
    assert told.person == "#audit"
    assert "The digest of slipway.yml in #gone can't be posted." in told.text.plain()
    assert desk.closed == []


async def test_a_messenger_that_can_post_none_says_that_it_is_our_mistake() -> None:
    queries: Any = Nothing()
    messenger = SlackMessenger(FakeChat(), queries, FakeHomes(), FakeChannels(), FakeBook())
    with pytest.raises(Bug):
        await messenger.deliver(TEAM, "op", EFFECT, None)
