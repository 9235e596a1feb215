"""/digest: what a channel is told, who may change that, and what it says back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.core.actions import ActionId
from bot.core.catalog import Catalog, Channels, DigestMessage, Every, Weekday
from bot.core.digest_ports import AskedDigest
from bot.core.lifecycle import Trigger
from bot.core.rules import Right, Rights
from bot.core.schedules import Schedule
from bot.core.steps import Step
from tests.contract.store_support import TO_RUNNING, follow, new
from tests.databases import Backend
from tests.fakes.samples import ADA, EVERYONE, GUEST, LINUS, SRE, STRANGER, TEAM, actor, catalog, service
from tests.unit.slack.room import Room, room
from tests.unit.slack.talk import pressed, spoken

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)

HERE, SHARED = "C0DEPLOYS1", "C0SHARED01"
DAILY = Schedule(Every.DAY, time(9), "Europe/London")


def known(*digests: DigestMessage, may: Right = Right.SUBSCRIBE) -> Catalog:
    """The SRE group may subscribe; the team lives in London."""
    services = (
        service("api", rights=Rights(((may, (SRE,)),))),
        service("web", rights=Rights(((may, (SRE,)),))),
        service("vault", visible_to=(SRE,), channel="#vault", rights=Rights(((may, (SRE,)),))),
    )
    zone = Channels(default="#deploys", zone="Europe/London")
    return replace(catalog(*services), channels=zone, digests=digests)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        opened.channels.names = {HERE: "#deploys", SHARED: "#shared"}
        opened.knows(known())
        yield opened


async def says(here: Room, words: str, person: str = ADA.id, channel: str = HERE) -> str:
    return await here.hears(spoken(words, "/digest", person, channel_id=channel))


async def asked(here: Room) -> list[AskedDigest]:
    return list(await here.store.digests.asked(TEAM))


async def test_a_daily_one_is_read_back_in_full_and_kept(here: Room) -> None:
    said = await says(here, "daily at 09:00 Europe/London")
    assert "This channel gets a digest every day at 09:00 (Europe/London), of api, web." in said
    assert "The first comes Tue 3 Mar 2026, 09:00 (Europe/London)." in said
    (kept,) = await asked(here)
    assert (kept.channel, kept.schedule, kept.services, kept.by) == (HERE, DAILY, (), actor(ADA))
    (record,) = [each for each in await here.records() if each["event"] == "DigestSet"]
    assert record["facts"]["when"] == "every day at 09:00 (Europe/London)"


@pytest.mark.parametrize(
    ("words", "schedule"),
    [
        ("daily", DAILY),
        ("daily America/New_York", replace(DAILY, zone="America/New_York")),
        ("daily at 5:30pm", replace(DAILY, at=time(17, 30))),
        ("weekdays at 08:15", Schedule(Every.WEEKDAY, time(8, 15), "Europe/London")),
        ("weekly", Schedule(Every.WEEK, time(10), "Europe/London", Weekday.MONDAY)),
        (
            "weekly on friday at 16:00 europe/paris",
            Schedule(Every.WEEK, time(16), "Europe/Paris", Weekday.FRIDAY),
        ),
        ("Weekly at 16:00 on Sunday", Schedule(Every.WEEK, time(16), "Europe/London", Weekday.SUNDAY)),
    ],
)
async def test_schedules_as_people_say_them(here: Room, words: str, schedule: Schedule) -> None:
    await says(here, words)
    (kept,) = await asked(here)
    assert kept.schedule == schedule


async def test_services_may_be_named(here: Room) -> None:
    assert ", of web." in await says(here, "daily for web at 08:00")
    assert ", of api, web." in await says(here, "weekly for web, api on tuesday")
    assert [each.services for each in await asked(here)] == [("web",), ("web", "api")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("dayly", "`dayly` is no kind of digest.\nDid you mean `daily`?"),
        ("daily at 25:00", "`25:00` is no time of day."),
        ("daily at monday 09:00", "`monday 09:00` is no time of day."),
        ("daily Europe/Londno", "one word too many, or no time zone"),
        ("daily Europe/Paris at 09:00 Europe/London", "one word too many"),
        ("daily on monday", "`on` belongs to a weekly digest."),
        ("weekly on mnday", "`mnday` is no day of the week.\nDid you mean `monday`?"),
        ("daily for vualt", "There is no service called `vualt`."),
        ("off monthly", "`monthly` is no kind of digest."),
        ("off", "There is no such digest here."),
        ("snooze", "There is no such digest here."),
    ],
)
async def test_what_is_not_understood_is_told_and_nothing_is_kept(here: Room, words: str, told: str) -> None:
    assert told in await says(here, words)
    assert await asked(here) == []


@pytest.mark.parametrize("person", [LINUS, GUEST, STRANGER])
async def test_whoever_may_not_subscribe_changes_nothing(here: Room, person: object) -> None:
    await says(here, "daily")
    id = getattr(person, "id", "")
    for words in ("daily at 10:00", "off", "snooze"):
        said = await says(here, words, id)
        assert "can't" in said or "nothing to tell" in said or "no such digest" in said, said
    (kept,) = await asked(here)
    assert kept.schedule == DAILY
    assert await here.store.digests.snoozes(TEAM) == {}


async def test_absent_the_right_is_nobodys(here: Room) -> None:
    here.knows(known(may=Right.ADMIN))
    assert "You can't subscribe channels." in await says(here, "daily")
    assert await asked(here) == []


async def test_a_hidden_service_is_told_only_where_its_cards_go(here: Room) -> None:
    assert "This channel can't be told of vault." in await says(here, "daily for vault")
    assert "There is no service called `vault`." in await says(here, "daily for vault", LINUS.id)
    here.channels.names[SHARED] = "#vault"
    assert ", of vault." in await says(here, "daily", channel=SHARED)


async def test_a_hidden_service_is_not_named_to_whoever_may_not_know_of_it(here: Room) -> None:
    open_ = [replace(each, rights=Rights(((Right.SUBSCRIBE, (EVERYONE,)),))) for each in known().services]
    here.knows(replace(known(), services=tuple(replace(each, channel="#vault") for each in open_[1:])))
    here.channels.names[SHARED] = "#vault"
    said = await says(here, "daily", LINUS.id, SHARED)
    assert ", of web." in said
    assert "vault" not in said
    here.knows(replace(known(), services=(open_[2],)))
    assert "nothing to tell here" in await says(here, "weekly", LINUS.id, SHARED)


async def test_a_channel_that_others_read_gets_none(here: Room) -> None:
    here.channels.shared = frozenset({SHARED})
    assert "can't be told of api" in await says(here, "daily for api", channel=SHARED)
    assert "nothing to tell here" in await says(here, "daily", channel=SHARED)
    assert await asked(here) == []


async def test_a_channel_without_cards_is_told_how(here: Room) -> None:
    assert "Name services" in await says(here, "daily", channel="C0OTHER001")


async def test_it_says_what_this_channel_gets(here: Room) -> None:
    assert "This channel gets no digest." in await says(here, "", LINUS.id)
    here.knows(
        known(DigestMessage("#deploys", Every.WEEK, time(10), "Europe/London", Weekday.MONDAY, ("api",)))
    )
    await says(here, "daily at 07:00")
    said = await says(here, "", LINUS.id)
    assert "• every Monday at 10:00 (Europe/London), of api · from slipway.yml" in said
    assert "the next comes Mon 9 Mar 2026, 10:00 (Europe/London)" in said
    assert "• every day at 07:00 (Europe/London), of api, web · asked for by Ada" in said
    assert "vault" not in said


async def test_off_ends_what_was_asked_for_in_chat_alone(here: Room) -> None:
    here.knows(known(DigestMessage("#deploys", Every.WEEK, time(10), "UTC", Weekday.MONDAY)))
    assert "the rest stands in slipway.yml" in await says(here, "off")
    await says(here, "daily")
    await says(here, "weekly")
    assert "No more digests here: every Monday at 10:00" in await says(here, "off weekly")
    assert [each.schedule.every for each in await asked(here)] == [Every.DAY]
    assert "No more digests here: every day at 09:00" in await says(here, "off")
    assert await asked(here) == []
    stopped = [each for each in await here.records() if each["event"] == "DigestStopped"]
    assert [each["facts"]["every"] for each in stopped] == ["week", "day"]


async def test_who_asked_for_it_may_end_it_without_the_right(here: Room) -> None:
    async with here.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
        await uow.digests.put(HERE, DAILY, (), actor(LINUS))
    assert "No more digests here" in await says(here, "off", LINUS.id)


async def test_what_tells_of_nothing_any_more_is_ended_by_who_may_subscribe_to_all(here: Room) -> None:
    """A right to one service is none to the wishes of others."""
    await says(here, "daily for web")
    theirs = service("worker", rights=Rights(((Right.SUBSCRIBE, (EVERYONE,)),)))
    here.knows(replace(known(), services=(known().services[0], theirs)))
    for words in ("off", "snooze"):
        assert "You can't subscribe channels" in await says(here, words, LINUS.id)
    assert len(await asked(here)) == 1


async def test_the_button_leaves_out_the_next_and_again_the_one_after(here: Room) -> None:
    await says(here, "daily")
    button = pressed(ActionId.SNOOZE, f"digest snooze digest/{HERE}/day", ADA.id)
    button = replace(button, payload={**button.payload, "channel": {"id": HERE}})
    said = await here.hears(button)
    assert "The digest of Tue 3 Mar 2026, 09:00 (Europe/London) is left out." in said
    assert "The next one comes Wed 4 Mar 2026, 09:00 (Europe/London)." in said
    until = await here.store.digests.snoozes(TEAM)
    assert until == {f"digest/{HERE}/day": datetime(2026, 3, 4, 9, tzinfo=UTC)}
    assert "Wed 4 Mar 2026, 09:00 (Europe/London) is left out" in await says(here, "snooze daily")
    assert "the next comes Thu 5 Mar" in await says(here, "")


async def test_one_of_the_catalog_can_be_snoozed_too(here: Room) -> None:
    here.knows(known(DigestMessage("#deploys", Every.WEEK, time(10), "UTC", Weekday.MONDAY)))
    assert "Mon 9 Mar 2026, 10:00 (UTC) is left out." in await says(here, "snooze weekly")
    (job,) = await here.store.digests.snoozes(TEAM)
    assert job.startswith("digest/catalog/")


async def deployed(here: Room, name: str) -> None:
    """It began and failed an hour ago."""
    async with here.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
        wanted = new(name)
        await follow(uow, await uow.deployments.add(wanted), *TO_RUNNING, Trigger.RUN_FAILED)
    here.clock.time += timedelta(hours=1)


async def test_now_shows_one_to_who_asks_and_keeps_nothing(here: Room) -> None:
    await deployed(here, "api")
    said = await says(here, "now", LINUS.id)
    assert "The day until Mon 2 Mar, 13:00" in said
    assert "No deploys, 1 did not get through." in said
    assert "api in staging · 0 deploys, 1 failure" in said
    assert "The week until" in await says(here, "now weekly", LINUS.id)
    assert await asked(here) == []


async def test_a_preview_tells_of_nothing_that_its_reader_may_not_know_of(here: Room) -> None:
    await deployed(here, "vault")
    here.channels.names[SHARED] = "#vault"
    assert "vault in staging" in await says(here, "now", ADA.id, SHARED)
    assert "There is nothing to preview here." in await says(here, "now", LINUS.id, SHARED)
    assert "There is no service called `vault`." in await says(here, "now for vault", LINUS.id, SHARED)


async def test_a_preview_of_nothing_says_so(here: Room) -> None:
    assert "Nothing was deployed." in await says(here, "now", LINUS.id)
