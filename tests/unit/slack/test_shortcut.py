"""“Deploy this”, chosen on a message: the form of /deploy with what the card is about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.playground.slack.limits import check_view
from bot.slack import limits
from bot.slack.asks import Chosen, read
from tests.databases import Backend
from tests.fakes.samples import ADA, SRE, STRANGER
from tests.unit.slack.room import Room, room
from tests.unit.slack.surfaces import CARD, card_stands, guarded
from tests.unit.slack.talk import chosen, spoken

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        yield opened


async def card_of(here: Room, words: str) -> None:
    """#1 was asked for so, and its card stands."""
    await here.hears(spoken(words, "/deploy"))
    await card_stands(here, 1, CARD)


def filled(view: dict[str, Any]) -> dict[str, str]:
    """What is filled in."""
    elements = {each["block_id"]: each["element"] for each in view["blocks"] if "element" in each}
    given = {name: each.get("initial_value", "") for name, each in elements.items()}
    chosen_ones = {name: each.get("initial_option", {}).get("value", "") for name, each in elements.items()}
    return {name: given[name] or chosen_ones[name] for name in given if given[name] or chosen_ones[name]}


async def test_a_card_by_a_branch_gives_its_exact_commit(here: Room) -> None:
    await card_of(here, "api staging main")
    assert await here.hears(chosen(CARD)) == ""
    (view,) = here.opener.opened
    found = await here.deployment()
    assert found is not None
    assert found.resolution is not None
    sha = found.resolution.release.sha
    assert filled(view) == {"service": "api", "ref": sha}
    assert f"The release main at {sha[:7]} of api, which #1 is about, for staging." in str(view["blocks"][0])
    assert view["callback_id"] == "deploy"
    limits.check(view)
    assert check_view(view) == []


async def test_a_card_by_a_tag_gives_tag_and_commit_also_from_its_thread(here: Room) -> None:
    await card_of(here, "api staging v1.0.0")
    assert await here.hears(chosen("1701.5", thread_ts=CARD)) == ""
    (view,) = here.opener.opened
    name, _, sha = filled(view)["ref"].partition("@")
    assert (name, len(sha)) == ("v1.0.0", 40)


async def test_other_messages_and_other_shortcuts_are_told_apart(here: Room) -> None:
    await card_of(here, "api staging")
    for wrong in (chosen("1999.9"), chosen(CARD, shortcut="something")):
        assert "That message is no card" in await here.hears(wrong)
    assert here.opener.opened == []


async def test_what_is_not_known_yet_is_said(here: Room) -> None:
    here.forge.down = True
    await card_of(here, "api staging")
    assert "The release of #1 is not known yet." in await here.hears(chosen(CARD))


async def test_a_hidden_service_answers_like_no_card(here: Room) -> None:
    await card_of(here, "api staging")
    here.knows(guarded(visible_to=(SRE,)))
    assert "That message is no card" in await here.hears(chosen(CARD))
    assert await here.hears(chosen(CARD, ADA.id)) == ""


async def test_people_of_other_organisations_may_not(here: Room) -> None:
    await card_of(here, "api staging")
    here.knows(guarded(external=True))
    assert "other organisations" in await here.hears(chosen(CARD, STRANGER.id))


def test_a_message_that_leaves_things_out_is_read_all_the_same(database_url: str) -> None:  # noqa: ARG001
    incoming = chosen(CARD)
    ask = read(type(incoming)(incoming.kind, incoming.workspace, incoming.key, {}))
    assert isinstance(ask, Chosen)
    assert ask.message.ts == ""
