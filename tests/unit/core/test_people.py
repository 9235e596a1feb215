"""Who belongs to a named set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.people import (
    AllOf,
    AnyOf,
    FullMembers,
    GithubTeam,
    NamedUsers,
    PeopleRule,
    PeopleSet,
    SlackGroup,
    is_member,
    sources,
)
from bot.core.values import Person

ANN = Person(
    "U1",
    "Ann",
    datetime(2026, 1, 1, tzinfo=UTC),
    groups=frozenset({"SRE"}),
    teams=frozenset({"acme/Leads"}),
)
GUEST = replace(ANN, groups=frozenset(), teams=frozenset(), guest=True)
STRANGER = replace(GUEST, guest=False, stranger=True)


@pytest.mark.parametrize(
    ("rule", "ann", "guest"),
    [
        (SlackGroup("sre"), True, False),
        (SlackGroup("ops"), False, False),
        (GithubTeam("acme/leads"), True, False),
        (NamedUsers(("U1", "U2")), True, True),
        (FullMembers(), True, False),
        (AnyOf((SlackGroup("ops"), NamedUsers(("U1",)))), True, True),
        (AllOf((FullMembers(), SlackGroup("sre"))), True, False),
        (AllOf((FullMembers(), SlackGroup("ops"))), False, False),
        (AnyOf(()), False, False),
        (AllOf(()), False, False),
    ],
)
def test_membership(rule: PeopleRule, ann: bool, guest: bool) -> None:
    who = (PeopleSet("these", rule),)
    assert is_member(who, ANN) is ann
    assert is_member(who, GUEST) is guest
    assert not is_member(who, replace(ANN, active=False))


def test_strangers_are_no_members() -> None:
    assert not is_member((PeopleSet("all", FullMembers()),), STRANGER)


def test_nobody_named_is_nobody() -> None:
    assert not is_member((), ANN)


def test_sources_name_every_set_a_person_is_in() -> None:
    rules: dict[str, PeopleRule] = {"sre": SlackGroup("sre"), "ops": SlackGroup("ops"), "all": FullMembers()}
    assert sources(tuple(PeopleSet(name, rule) for name, rule in rules.items()), ANN) == ("sre", "all")
