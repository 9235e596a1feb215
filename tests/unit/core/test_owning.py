"""Whom an unanswered question rings besides whoever asked."""

from __future__ import annotations

from dataclasses import replace

from bot.core.catalog import Catalog
from bot.core.errors import Transient
from bot.core.owning import MOST, Owners, owners_now
from bot.core.people import FullMembers, GithubTeam, NamedUsers, PeopleRule, PeopleSet
from bot.core.values import Person
from tests.fakes.chat import FakeDirectory
from tests.fakes.samples import ADA, FORMER, GUEST, LINUS, NOON, SRE, asked, catalog, service

GRACE = Person("U0GRACE001", "Grace", NOON, groups=frozenset({"sre"}))
EVERYBODY = (ADA, GRACE, LINUS, GUEST, FORMER)


async def owners(rule: PeopleRule, directory: FakeDirectory) -> Owners:
    known: Catalog = catalog(service(owners=(PeopleSet("owners", rule),)))
    return await owners_now(directory, lambda: known, asked())


def directory(*people: Person, lists: bool = True) -> FakeDirectory:
    return FakeDirectory({each.id: each for each in people or EVERYBODY}, lists_groups=lists)


async def test_those_of_a_group_that_are_still_here_by_name() -> None:
    found = await owners(SRE.rule, directory())
    assert found == Owners("owners", (ADA, GRACE))


async def test_whoever_asked_is_rung_already_and_guests_never_are() -> None:
    named = NamedUsers((LINUS.id, GUEST.id, GRACE.id))
    assert await owners(named, directory()) == Owners("owners", (GRACE,))


async def test_what_nobody_lists_is_said() -> None:
    assert await owners(SRE.rule, directory(lists=False)) == Owners("owners", (), whole=False)
    assert await owners(FullMembers(), directory()) == Owners("owners", (), whole=False)
    team = directory(replace(ADA, teams=frozenset({"acme/sre"})))
    team.teams = {"acme/sre": 2}
    found = await owners(GithubTeam("acme/sre"), team)
    assert [each.name for each in found.people] == ["Ada"]
    assert not found.whole, "two of the team have not linked their accounts"


async def test_a_directory_that_does_not_answer_keeps_nobody_from_being_told() -> None:
    silent = directory()
    silent.fails = Transient("It did not answer.", system="Slack")
    assert await owners(NamedUsers((ADA.id,)), silent) == Owners("owners", (), whole=False)


async def test_a_crowd_is_not_rung_as_a_whole() -> None:
    crowd = [replace(ADA, id=f"U{number:09}", name=f"Ada {number:02}") for number in range(MOST + 5)]
    found = await owners(SRE.rule, directory(*crowd))
    assert len(found.people) == MOST
    assert not found.whole


async def test_a_service_without_owners_has_none() -> None:
    known = catalog(service(owners=()))
    assert await owners_now(directory(), lambda: known, asked()) == Owners()
    assert await owners_now(directory(), lambda: catalog(service("web")), asked()) == Owners()
