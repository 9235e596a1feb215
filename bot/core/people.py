"""Who a name in the catalog stands for, and whether a person is one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.core.errors import UserError
from bot.core.values import Person

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


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


def is_member(who: Who, person: Person) -> bool:
    """Whether this person is in any of the sets; a person who left is in none."""
    return person.active and any(_belongs(each.rule, person) for each in who)


def sources(who: Who, person: Person) -> tuple[str, ...]:
    """The names of the sets this person is in, for explanations."""
    return tuple(each.name for each in who if is_member((each,), person))


def described(people: PeopleSet) -> str:
    """The name with what it stands for: sre (Slack group sre)."""
    return f"{people.name} ({_described(people.rule)})"


def _described(rule: PeopleRule) -> str:
    match rule:
        case SlackGroup(handle):
            return f"Slack group {handle}"
        case GithubTeam(name):
            return f"GitHub team {name}"
        case NamedUsers():
            return "named people"
        case FullMembers():
            return "full members"
        case AnyOf(parts):
            return " or ".join(_described(part) for part in parts) or "nobody"
        case AllOf(parts):
            return " and ".join(_described(part) for part in parts)


def names_team(rule: PeopleRule) -> bool:
    """Whether it counts on a GitHub team, which cannot be read before accounts are linked."""
    match rule:
        case GithubTeam():
            return True
        case SlackGroup() | NamedUsers() | FullMembers():
            return False
        case AnyOf() | AllOf():
            return any(names_team(part) for part in rule.parts)


def _belongs(rule: PeopleRule, person: Person) -> bool:
    match rule:
        case SlackGroup():
            return _among(rule.handle, person.groups)
        case GithubTeam():
            return _among(rule.name, person.teams)
        case NamedUsers():
            return person.id in rule.ids
        case FullMembers():
            return not person.guest and not person.stranger
        case AnyOf():
            return any(_belongs(part, person) for part in rule.parts)
        case AllOf():
            return bool(rule.parts) and all(_belongs(part, person) for part in rule.parts)


def _among(name: str, names: frozenset[str]) -> bool:
    return name.lower() in {each.lower() for each in names}


def mentioned(word: str) -> str:
    """The id of the person that a mention stands for; a name is not enough, for two can have the same."""
    found = _MENTION.fullmatch(word)
    if found is None:
        raise UserError(f"`{word}` is no mention of a person.", "", "Type @ and choose them from the list.")
    return found[1]
