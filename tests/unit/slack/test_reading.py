"""History, the trail and explanations in the chat: pages, rights, and what stays hidden."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.actions import ActionId
from bot.core.archive import PAGE
from bot.core.command import ArgKind, Command, args_of
from bot.core.rules import Right, Rights
from bot.store.tables import cards
from commands import COMMANDS
from tests.databases import Backend
from tests.fakes.samples import SRE, TEAM, catalog, policy, service
from tests.unit.slack.room import Room, room
from tests.unit.slack.talk import pressed, spoken

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
SRE_ONE, MEMBER, GUEST, STRANGER, FORMER = (
    "U0ADA00001",
    "U0LINUS001",
    "U0GUEST001",
    "U0STRANGER",
    "U0FORMER01",
)
AUDITORS = Rights(((Right.AUDIT, (SRE,)),))


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    """The SRE group may read the trail of api and of vault, which the others do not know of."""
    async with room(database_url) as opened:
        places = [replace(each, policy=policy(rights=AUDITORS)) for each in service().environments]
        api = service("api", *places, rights=AUDITORS)
        vault = service("vault", *places, visible_to=(SRE,), rights=AUDITORS)
        opened.knows(replace(catalog(api, vault), rights=AUDITORS))
        yield opened


async def asks(here: Room, words: str, person: str = SRE_ONE) -> str:
    name, _, rest = words.partition(" ")
    return await here.hears(spoken(rest, f"/{name}", person))


async def presses_older(here: Room, person: str = SRE_ONE) -> str:
    (answer,) = here.answers
    assert answer.offer == ActionId.OLDER
    return await here.hears(pressed(ActionId.OLDER, answer.offer_value, person))


async def test_history_tells_who_what_when_and_how_it_ended(here: Room) -> None:
    assert "Nothing yet." in await asks(here, "history api")
    await asks(here, "deploy api staging v1.0.0 because it is Friday", MEMBER)
    told = await asks(here, "history api", MEMBER)
    assert "#1 deploy to staging: waiting" in told
    assert "asked by @Linus · 2026-03-02 12:00 UTC · because it is Friday" in told
    assert "deploy: waiting" in await asks(here, "history api staging since today")
    assert "Nothing then." in await asks(here, "history api before 1")
    assert "#1" not in await asks(here, "history api production")


async def test_a_line_of_history_leads_to_its_card(here: Room) -> None:
    await asks(here, "deploy api staging")
    found = await here.deployment()
    assert found is not None
    place = {"channel": "C7", "ts": "171.5"}  # nobody posts anything in this room
    upsert = here.store.database.insert(cards).values(workspace_id=TEAM, card=found.id, **place)
    async with here.store.database.write() as connection:
        keys = ["workspace_id", "card"]
        await connection.execute(upsert.on_conflict_do_update(index_elements=keys, set_=place))
    assert "#1 (https://chat.test/C7/171.5) deploy" in await asks(here, "history api")


async def test_older_pages_follow_by_a_button(here: Room) -> None:
    for _ in range(PAGE + 2):
        await asks(here, "deploy api staging")
    first = await asks(here, "history api staging since=7d")
    second = await presses_older(here)
    numbers = [int(each) for each in re.findall(r"^\*?#(\d+)", f"{first}\n{second}", re.MULTILINE)]
    assert numbers == list(range(PAGE + 2, 0, -1))
    assert here.answers[0].offer == ""


async def test_a_button_for_older_pages_does_nothing_else(here: Room) -> None:
    for value in ("deploy api staging", "", "launch x", '{"n":1,"d":"","v":1}'):
        assert "not one of ours" in await here.hears(pressed(ActionId.OLDER, value, SRE_ONE))
    assert await here.deployment() is None


async def test_a_word_that_is_no_time_is_told_what_it_could_be(here: Room) -> None:
    told = await asks(here, "history api stagin")
    assert "names no time in the past" in told
    assert "there are staging, production" in told
    assert "is no number" in await asks(here, "history api before soon")


async def test_the_trail_tells_who_did_what_and_is_read_in_its_sight(here: Room) -> None:
    await asks(here, "deploy api staging", MEMBER)
    told = await asks(here, "audit #1")
    assert "@Linus · deployment asked #1 · api to staging" in told
    assert "source requested · target waiting" in told
    assert "read" not in told
    again = await asks(here, "audit by <@U0ADA00001|ada>")
    assert "@Ada · trail read" in again
    assert 'words what="#1"' in again
    assert "Linus" not in again
    assert "deployment asked" in await asks(here, "audit what=deployment-asked who=U0LINUS001 since=1h")
    assert "no such record" in await asks(here, "audit production")


async def test_older_records_follow_by_a_button(here: Room) -> None:
    for _ in range(PAGE):
        await asks(here, "deploy api nowhere", MEMBER)
        await asks(here, "deploy api staging", MEMBER)
    seen = await asks(here, "audit api")
    while here.answers[0].offer:
        seen += "\n" + await presses_older(here)
    asked = re.findall(r"deployment asked #(\d+)", seen)
    assert [int(each) for each in asked] == list(range(PAGE, 0, -1))
    refused = await asks(here, "audit what=request-refused")
    assert "There is no environment of api called" in refused


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("audit what=launched", "neither a deployment such as `#42` nor a kind of record"),
        ("audit by ada", "A name can belong to several people."),
        ("audit since soon", "no time in the past"),
        ("explain ada api staging", "A name can belong to several people."),
        ("explain <@U0NOBODY01|no> api staging", "user_not_found"),
    ],
)
async def test_wrong_words_are_told_so(here: Room, words: str, says: str) -> None:
    assert says in await asks(here, words)


@pytest.mark.parametrize("person", [MEMBER, GUEST, STRANGER, FORMER])
async def test_who_may_not_read_the_trail_is_told_so_and_it_is_noted(here: Room, person: str) -> None:
    await asks(here, "deploy api staging")
    for words in ("audit", "audit #1", "audit api staging", "audit vault"):
        told = await asks(here, words, person)
        assert "deployment asked" not in told
        assert here.answers[0].offer == ""
        record = (await here.records())[-1]
        assert (record["event"], record["actor"]["id"]) == ("RequestRefused", person)


async def test_the_trail_of_a_hidden_service_is_not_for_auditors_who_do_not_know_it(here: Room) -> None:
    everybody = Rights(((Right.AUDIT, catalog().services[0].environments[0].policy.who),))
    known = here.around.catalog()
    places = tuple(
        replace(
            each,
            environments=tuple(replace(one, policy=policy(rights=everybody)) for one in each.environments),
        )
        for each in known.services
    )
    here.knows(replace(known, services=places, rights=everybody))
    await asks(here, "deploy vault staging")
    await asks(here, "deploy api staging")
    told = await asks(here, "audit", MEMBER)
    assert "api to staging" in told
    assert "vault" not in told
    assert "vault" in await asks(here, "audit")
    assert "no such record" in await asks(here, "audit #1", MEMBER)


async def test_an_explanation_is_of_the_person_as_they_are_now(here: Room) -> None:
    told = await asks(here, "explain me api production", MEMBER)
    assert "Linus · api · production" in told
    assert "know of it: yes" in told
    assert "right to audit: no · that is for sre (Slack group sre)" in told
    assert "Ada · vault · staging" in await asks(here, "explain <@U0ADA00001|ada> vault staging")
    other = await asks(here, "explain <@U0LINUS001|linus> vault staging")
    assert "know of it: no · that is for sre (Slack group sre)" in other
    assert "deploy" not in other
    assert "other organisations" in await asks(here, "explain me api staging", STRANGER)
    assert await asks(here, "slipway explain me api staging", MEMBER) == await asks(
        here, "explain me api staging", MEMBER
    )


NAMES_A_SERVICE = [
    each
    for each in COMMANDS
    if {ArgKind.SERVICE, ArgKind.WORD} & {one.kind for one in args_of(each.arguments).values()}
]


@pytest.mark.parametrize("person", [MEMBER, GUEST, STRANGER])
@pytest.mark.parametrize("each", NAMES_A_SERVICE, ids=lambda each: each.name)
async def test_no_command_knows_a_hidden_service(here: Room, each: Command[Any], person: str) -> None:
    """Nor its deployments, by their number."""
    await asks(here, "deploy vault staging")
    before = {"explain": "me "}.get(each.name, "")
    for words in ("{0} staging", "{0}", "staging {0}"):
        hidden = await asks(here, f"{each.name} {before}{words.format('vault')}", person)
        unknown = await asks(here, f"{each.name} {before}{words.format('qqqqq')}", person)
        assert hidden.replace("vault", "qqqqq") == unknown
    hidden, unknown = [await asks(here, f"{each.name} #{number}", person) for number in (1, 9)]
    assert hidden.replace("#1", "#9") == unknown


async def test_a_form_never_offers_a_hidden_service(here: Room) -> None:
    for each in COMMANDS:
        if each.form:
            await asks(here, each.name, MEMBER)
    assert here.opener.opened
    assert "vault" not in str(here.opener.opened)
    await asks(here, "history")
    assert "vault" in str(here.opener.opened[-1])
