"""An event says that somebody left: the directory is asked, and what they had not begun ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.actions import ActionId
from bot.core.effects import Tell
from bot.core.errors import Transient
from bot.core.lifecycle import State
from bot.core.lock_words import place_value
from bot.core.locks import Scope, owners_of
from bot.core.steps import Step
from bot.core.values import Person
from bot.core.votes import Vote, VoteKind
from bot.engine.leaving import Leavers
from bot.engine.world import World
from bot.slack.deliveries import Incoming, of_event
from tests.fakes.samples import ADA, LINUS, TEAM
from tests.unit.slack.room import Room, room
from tests.unit.slack.talk import pressed, spoken


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Room]:
    """Linus asked for #1 and voted on #2, which is Ada's."""
    async with room(database_url) as opened:
        await opened.hears(spoken("api staging", "/deploy", LINUS.id))
        await opened.hears(spoken("web staging", "/deploy", ADA.id))
        async with opened.store.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            found = await uow.deployments.by_number(2)
            assert found is not None
            await uow.votes.cast(found, Vote(LINUS.id, "Linus", VoteKind.APPROVE, "d", uow.now))
        yield opened


def changed(person: str = LINUS.id, **user: Any) -> Incoming:
    """A profile changed, as Slack tells of it."""
    event = {"type": "user_change", "user": {"id": person} | user}
    return of_event({"type": "event_callback", "event_id": f"Ev{person}", "team_id": TEAM, "event": event})


def leaves(here: Room, person: Person = LINUS) -> None:
    here.directory.people[person.id] = replace(person, active=False)


async def votes(here: Room) -> list[str]:
    found = await here.deployment(2)
    assert found is not None
    return [vote.person for vote in found.votes]


async def state(here: Room) -> State:
    found = await here.deployment(1)
    assert found is not None
    return found.state


async def test_what_they_asked_for_is_withdrawn_and_their_votes_are_void(here: Room) -> None:
    leaves(here)
    assert set(await here.store.archive.involved(TEAM)) == {LINUS.id, ADA.id}
    before = len(await here.records())
    assert await here.hears(changed(deleted=True)) == ""
    assert await state(here) is State.WITHDRAWN
    assert await votes(here) == []
    moved, left = (await here.records())[before:]
    assert (moved["event"], moved["actor"]["kind"]) == ("DeploymentMoved", "bot")
    assert moved["facts"]["why"] == "Linus asked for it, and has left."
    assert left["facts"] == {
        **{"person": LINUS.id, "name": "Linus", "withdrawn": "#1", "voided": "#2"},
        **{"locks": 0, "login": "", "subscriptions": 0},
    }
    assert set(await here.store.archive.involved(TEAM)) == {ADA.id}


async def test_one_message_tells_of_it(here: Room) -> None:
    leaves(here)
    effects: list[Any] = []
    here.count += 0
    taken = here.effects

    async def kept() -> list[Any]:
        effects.extend(await taken())
        return effects

    here.effects = kept  # type: ignore[method-assign]
    await here.hears(changed(deleted=True))
    (told,) = [each for each in effects if isinstance(each, Tell)]
    assert told.person == "#deploys"
    assert "was withdrawn: #1." in told.text.plain()
    assert "no longer count: #2." in told.text.plain()


@pytest.mark.parametrize("user", [{"deleted": True}, {}, {"deleted": "yes"}, {"real_name": "Linus II"}])
async def test_an_event_alone_ends_nothing(here: Room, user: dict[str, Any]) -> None:
    """The directory says that they are still here, or it is another change."""
    before = len(await here.records())
    await here.hears(changed(**user))
    assert await state(here) is State.WAITING
    assert await votes(here) == [LINUS.id]
    assert len(await here.records()) == before


async def test_who_is_part_of_nothing_leaves_quietly(here: Room) -> None:
    before = len(await here.records())
    await here.hears(changed("U0FORMER01", deleted=True))
    assert len(await here.records()) == before


async def test_who_left_unheard_is_found_by_looking(here: Room) -> None:
    world = World.__new__(World)
    around = here.around
    parts = {"watch": here.store.queries, "directory": here.directory, "units": around.units}
    for name, part in (parts | {"catalog": around.catalog}).items():
        object.__setattr__(world, name, part)
    leavers = Leavers(world, here.store.archive)
    assert await leavers.look() == 0
    leaves(here)
    here.directory.fails = Transient("It does not answer.", system="Slack")
    assert await leavers.look() == 0
    assert await state(here) is State.WAITING
    here.directory.fails = None
    assert await leavers.look() == 1
    assert await state(here) is State.WITHDRAWN
    assert await leavers.look() == 0


async def test_who_only_has_a_lock_or_waits_for_one_leaves_it_behind(database_url: str) -> None:
    async with room(database_url) as here:
        await here.hears(spoken("web staging for 1h because it moves", "/lock", ADA.id))
        await here.hears(pressed(ActionId.TELL_ME, place_value(Scope("web", "staging")), LINUS.id))
        (lock,) = await here.store.locks.held(TEAM)
        assert set(await here.store.archive.involved(TEAM)) == {LINUS.id, ADA.id}
        leaves(here)
        await here.hears(changed(deleted=True))
        assert await here.store.locks.waiters(TEAM) == ()
        leaves(here, ADA)
        await here.hears(changed(ADA.id, deleted=True))
        assert await here.store.archive.involved(TEAM) == {}
        (passed,) = await here.store.locks.held(TEAM)
        assert (passed.owner, passed.scope) == (owners_of("web"), lock.scope)
        assert (passed.until, passed.reason) == (lock.until, "it moves")
        assert [each["event"] for each in await here.records()][-3:] == [
            "LockEnded",
            "LockPassed",
            "PersonLeft",
        ]


async def test_of_two_locks_on_a_place_its_owners_get_the_longer_one(database_url: str) -> None:
    async with room(database_url) as here:
        await here.hears(spoken("api staging because it is mine", "/lock", LINUS.id))
        await here.hears(spoken("web staging for 1h because it moves", "/lock", ADA.id))
        await here.hears(spoken("staging because incident 4711", "/lock", ADA.id))
        leaves(here, ADA)
        await here.hears(changed(ADA.id, deleted=True))
        held = {str(each.scope): each for each in await here.store.locks.held(TEAM)}
        assert held["web in staging"].owner == owners_of("web")
        assert (held["web in staging"].until, held["web in staging"].reason) == (None, "incident 4711")
        assert held["api in staging"].owner.id == LINUS.id, "somebody else holds it"
        assert "every service in staging" not in held
