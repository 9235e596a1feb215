"""The button "Tell me when it is free": where it is shown, and what pressing it does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.core.actions import ActionId
from bot.core.catalog import Environment
from bot.core.gates.lock import NAME
from bot.core.lifecycle import State
from bot.core.lock_words import place_value
from bot.core.locks import Scope
from bot.core.rules import Right, Rights
from bot.core.verdicts import GateState, Verdict
from bot.slack.views.card import card
from tests.databases import Backend
from tests.fakes.samples import SRE, TEAM, catalog, in_state, policy, service
from tests.unit.slack.room import Room, room
from tests.unit.slack.slack_takes import leaves, must_fit
from tests.unit.slack.talk import pressed, spoken, submitted

on_sqlite = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
API_STAGING = Scope("api", "staging")
SRE_ONE, STRANGER, FORMER, GUEST = "U0ADA00001", "U0STRANGER", "U0FORMER01", "U0GUEST001"


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    async with room(database_url) as opened:
        yield opened


def press(scope: Scope = API_STAGING, person: str = "U0LINUS001") -> object:
    return pressed(ActionId.TELL_ME, place_value(scope), person)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("said", GateState)
def test_a_card_shows_it_only_while_a_lock_holds_it(state: State, said: GateState) -> None:
    made = card(
        in_state(state, verdicts=(Verdict("queue", GateState.WAITING, "x"), Verdict(NAME, said, "y")))
    )
    must_fit(made)
    values = [leaf["value"] for leaf in leaves(made) if leaf.get("action_id") == ActionId.TELL_ME]
    held = state is State.WAITING and said is GateState.WAITING
    assert values == ([place_value(API_STAGING)] if held else [])


@on_sqlite
async def test_a_refused_lock_offers_it_and_the_answer_says_who_holds_it(here: Room) -> None:
    await here.hears(spoken("api staging because I move the tables", "/lock", person=SRE_ONE))
    assert "Ada has locked api in staging already." in await here.hears(
        spoken("api staging because me too", "/lock")
    )
    (answer,) = here.answers
    assert (answer.offer, answer.offer_value) == (ActionId.TELL_ME, place_value(API_STAGING))
    told = await here.hears(pressed(answer.offer, answer.offer_value))
    assert "You will be told when api in staging is free." in told
    assert "I move the tables" in told
    (waiter,) = await here.store.locks.waiters(TEAM)
    assert (waiter.scope, waiter.person.id) == (API_STAGING, "U0LINUS001")
    kinds = [record["event"] for record in await here.records()]
    assert kinds == ["LockTaken", "RequestRefused", "LockAwaited"]


@on_sqlite
@pytest.mark.parametrize(
    ("person", "scope", "why"),
    [
        (STRANGER, API_STAGING, "no such service"),
        (FORMER, API_STAGING, "deactivated"),
        (GUEST, Scope("vault", "staging"), "no such service"),
        ("U0LINUS001", Scope("vault"), "no such service"),
        ("U0LINUS001", Scope("nothing"), "no such service"),
    ],
)
async def test_who_may_not_wait_is_told_and_it_is_audited(
    here: Room, person: str, scope: Scope, why: str
) -> None:
    assert why in await here.hears(pressed(ActionId.TELL_ME, place_value(scope), person))
    assert await here.store.locks.waiters(TEAM) == ()
    assert [record["event"] for record in await here.records()] == ["RequestRefused"]


@on_sqlite
@pytest.mark.parametrize("words", ["api staging", "everything", "vault staging"])
@pytest.mark.parametrize("person", [STRANGER, FORMER, GUEST])
@pytest.mark.parametrize("command", ["/lock", "/unlock"])
async def test_who_does_not_belong_locks_and_unlocks_nothing(
    here: Room, command: str, person: str, words: str
) -> None:
    await here.hears(spoken("api staging because I move the tables", "/lock", person=SRE_ONE))
    before = await here.store.locks.held(TEAM)
    told = await here.hears(spoken(f"{words} because I can", command, person=person))
    assert told
    assert await here.store.locks.held(TEAM) == before
    assert [record["event"] for record in await here.records()] == ["LockTaken", "RequestRefused"]


@on_sqlite
async def test_whoever_lost_a_right_minutes_ago_uses_it_no_more(here: Room) -> None:
    breakers = Rights(((Right.BREAK_LOCK, (SRE,)),))
    here.knows(catalog(service("api", Environment("staging", policy(rights=breakers)))))
    here.directory.stale[SRE_ONE] = here.directory.people[SRE_ONE]
    here.directory.people[SRE_ONE] = replace(here.directory.people[SRE_ONE], groups=frozenset())
    await here.hears(spoken("api staging because I move the tables", "/lock"))
    broken = spoken("api staging because I can", "/unlock", person=SRE_ONE)
    assert "You can't break locks" in await here.hears(broken)
    assert len(await here.store.locks.held(TEAM)) == 1
    for command in ("unlink", "confirm-link"):
        said = spoken(f"{command} <@U0LINUS001>", "/slipway", person=SRE_ONE)
        assert "You can't admin" in await here.hears(said)


@on_sqlite
@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("api staging", "It comes last, after `because`."),
        ("because I can", "What do you want to lock?"),
        ("api staging for ever because I can", "`ever` is no duration."),
        ("api staging because the tables move for 2h", "two ways"),
        ("for 30m api because I can", "`30m api` is no duration."),
        ("api everything because I can", "can't both be meant"),
        ("web production because I can", "There is no environment of web called `production`."),
        ("apo because I can", "Did you mean `api`?"),
    ],
)
async def test_words_that_mean_no_lock(here: Room, words: str, why: str) -> None:
    assert why in await here.hears(spoken(words, "/lock", person=SRE_ONE))
    assert await here.store.locks.held(TEAM) == ()


@on_sqlite
@pytest.mark.parametrize(
    ("words", "scope", "minutes", "reason"),
    [
        ("production for 2h because incident 4711", Scope(None, "production"), 120, "incident 4711"),
        ("API in Staging because it moves", API_STAGING, None, "it moves"),
        ("everything for 1h30m because network", Scope(), 90, "network"),
        ("api for 30m because it moves for 2h.", Scope("api"), 30, "it moves for 2h."),
    ],
)
async def test_words_that_mean_a_lock(
    here: Room, words: str, scope: Scope, minutes: int | None, reason: str
) -> None:
    assert f"Locked: {scope}" in await here.hears(spoken(words, "/lock", person=SRE_ONE))
    (lock,) = await here.store.locks.held(TEAM)
    lasts = None if lock.until is None else (lock.until - lock.since).total_seconds() / 60
    assert (lock.scope, lasts, lock.reason) == (scope, minutes, reason)


@on_sqlite
async def test_a_lock_is_ended_by_the_name_it_was_made_with(here: Room) -> None:
    await here.hears(spoken("api because it moves", "/lock", person=SRE_ONE))
    told = await here.hears(spoken("api staging", "/unlock", person=SRE_ONE))
    assert "There is no lock on just api in staging." in told
    assert "`/unlock api` (Ada)" in told
    assert "no lock on web" in await here.hears(spoken("web", "/unlock", person=SRE_ONE))
    assert "Unlocked: api in every environment." in await here.hears(spoken("api", "/unlock", person=SRE_ONE))
    assert "Nothing is locked." in await here.hears(spoken("", "/unlock", person=SRE_ONE))


@on_sqlite
async def test_a_wide_lock_tells_of_the_narrow_ones_in_it(here: Room) -> None:
    await here.hears(spoken("api staging because it moves", "/lock"))
    told = await here.hears(spoken("api because incident 4711", "/lock", person=SRE_ONE))
    assert "Locked: api in every environment" in told
    assert "@Linus has locked api in staging" in told
    assert "Yours does not end that." in told


@on_sqlite
async def test_a_filled_form_locks_like_words_do(here: Room) -> None:
    assert await here.hears(spoken("", "/lock", person=SRE_ONE)) == ""
    (view,) = here.opener.opened
    names = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    assert names == ["service", "environment", "everything", "duration", "reason"]
    filled = {"service": "api", "environment": "staging", "duration": "2h", "reason": "it moves"}
    assert "Locked: api in staging for 2h" in await here.hears(submitted("lock", filled, SRE_ONE))


@on_sqlite
async def test_the_lock_of_a_hidden_service_is_hidden(here: Room) -> None:
    await here.hears(spoken("vault because it moves", "/lock", person=SRE_ONE))
    assert "vault" in await here.hears(spoken("", "/unlock", person=SRE_ONE))
    assert "Nothing is locked." in await here.hears(spoken("", "/unlock"))
    assert "vault" not in await here.hears(spoken("", "/state"))
