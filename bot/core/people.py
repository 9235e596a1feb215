"""Who a name in the catalog stands for, and whether a person is one of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SlackGroup:
    """Everybody in a Slack user group, named by its handle or id."""

    kind: ClassVar[str] = "slack_group"
    handle: str


@dataclass(frozen=True, slots=True)
class GithubTeam:
    """Everybody in a GitHub team, `organisation/slug`; needs linked accounts."""

    kind: ClassVar[str] = "github_team"
    name: str


@dataclass(frozen=True, slots=True)
class NamedUsers:
    """Single people, by Slack user id."""

    kind: ClassVar[str] = "users"
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FullMembers:
    """Full members of the workspace: no guests, no strangers."""

    kind: ClassVar[str] = "members"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A union."""

    kind: ClassVar[str] = "any"
    parts: tuple[PeopleRule, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """An intersection."""

    kind: ClassVar[str] = "all"
    parts: tuple[PeopleRule, ...]


PeopleRule = SlackGroup | GithubTeam | NamedUsers | FullMembers | AnyOf | AllOf


@dataclass(frozen=True, slots=True)
class PeopleSet:
    """A name from `people:` with what it stands for."""

    name: str
    rule: PeopleRule


Who = tuple[PeopleSet, ...]
"""A union of named sets; empty means nobody."""


@dataclass(frozen=True, slots=True)
class Person:
    """What the directories say about one person; None where a directory could not be read."""

    user_id: str
    groups: frozenset[str] | None = frozenset()
    teams: frozenset[str] | None = frozenset()
    guest: bool = False
    stranger: bool = False
    active: bool = True
    login: str | None = None


class Membership(StrEnum):
    """Three answers, because a directory that cannot be read is neither yes nor no."""

    YES = "yes"
    NO = "no"
    UNREADABLE = "unreadable"


def membership(who: Who, person: Person) -> Membership:
    """Whether this person is in any of the sets; a person who left is in none."""
    if not person.active:
        return Membership.NO
    return _any(tuple(_belongs(each.rule, person) for each in who))


def _belongs(rule: PeopleRule, person: Person) -> Membership:
    match rule:
        case SlackGroup():
            return _among(rule.handle, person.groups)
        case GithubTeam():
            return _among(rule.name, person.teams)
        case NamedUsers():
            return _yes_if(person.user_id in rule.ids)
        case FullMembers():
            return _yes_if(not person.guest and not person.stranger)
        case AnyOf():
            return _any(tuple(_belongs(part, person) for part in rule.parts))
        case AllOf():
            return _all(tuple(_belongs(part, person) for part in rule.parts))


def _yes_if(holds: bool) -> Membership:
    return Membership.YES if holds else Membership.NO


def _among(name: str, names: frozenset[str] | None) -> Membership:
    if names is None:
        return Membership.UNREADABLE
    return _yes_if(name.lower() in {each.lower() for each in names})


def _any(answers: tuple[Membership, ...]) -> Membership:
    for answer in (Membership.YES, Membership.UNREADABLE):
        if answer in answers:
            return answer
    return Membership.NO


def _all(answers: tuple[Membership, ...]) -> Membership:
    for answer in (Membership.NO, Membership.UNREADABLE):
        if answer in answers or not answers:
            return answer
    return Membership.YES
