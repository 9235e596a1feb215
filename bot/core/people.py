"""Who a name in the catalog stands for, and whether a person is one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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


def as_of_late(person: Person) -> Person:
    """With the teams they were in when these could last be read: to go back, and in an emergency."""
    return replace(person, teams=person.teams | person.teams_of_late)


def none_of(who: Who, person: Person) -> str:
    """For whom it is, said to somebody who is not one of them, and why that may be a mistake."""
    names = " or ".join(dict.fromkeys(each.name for each in who))
    return f"That is for {names}, and you are in none of these. {unsure(who, person)}".strip()


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


def listed_in(rule: PeopleRule) -> Iterator[SlackGroup | GithubTeam]:
    """The groups and teams that a set counts on: others list who is in them."""
    match rule:
        case SlackGroup() | GithubTeam():
            yield rule
        case NamedUsers() | FullMembers():
            return
        case AnyOf() | AllOf():
            for part in rule.parts:
                yield from listed_in(part)


def teams_of(who: Who) -> frozenset[str]:
    """The GitHub teams that these sets count on."""
    found = (source for each in who for source in listed_in(each.rule))
    return frozenset(each.name for each in found if isinstance(each, GithubTeam))


def unsure(who: Who, person: Person) -> str:
    """Why a team of these may not count them although they are in it, and what helps; else nothing."""
    teams = teams_of(who)
    if teams and person.login is None:
        return (
            f"The GitHub team {_either(teams)} counts linked accounts, and nobody knows yours: "
            "link it with `/slipway link`."
        )
    unread = teams & person.unread_teams
    if not unread:
        return ""
    return (
        f"Who is in the GitHub team {_either(unread)} can't be read now, so nobody counts as a member of it."
    )


def _either(names: frozenset[str]) -> str:
    return " or ".join(sorted(names))


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
