"""The most people that a set can have, as far as that is known without asking about each of them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.people import AllOf, AnyOf, FullMembers, GithubTeam, NamedUsers, PeopleRule, SlackGroup, Who

Ids = frozenset[str] | None
"""The most people there can be; None where nobody can list them."""
Groups = Mapping[SlackGroup | GithubTeam, frozenset[str]]
"""Who is in which group or team, as far as all of them are known."""
UNREAD: Groups = {}


def most(rule: PeopleRule, groups: Groups = UNREAD) -> Ids:
    """An upper bound of a set."""
    match rule:
        case SlackGroup() | GithubTeam():
            return groups.get(rule)
        case FullMembers():
            return None
        case NamedUsers():
            return frozenset(rule.ids)
        case AnyOf():
            return union(tuple(most(part, groups) for part in rule.parts))
        case AllOf():
            known = [ids for ids in (most(part, groups) for part in rule.parts) if ids is not None]
            return frozenset.intersection(*known) if known else None


def most_of(who: Who, groups: Groups = UNREAD) -> Ids:
    """An upper bound of a union of sets."""
    return union(tuple(most(each.rule, groups) for each in who))


def named_in(who: Who, groups: Groups) -> frozenset[str]:
    """Everybody whom some part of these sets names, as far as that is known; not all of them are members."""
    return frozenset(id for each in who for id in _named(each.rule, groups))


def _named(rule: PeopleRule, groups: Groups) -> frozenset[str]:
    match rule:
        case SlackGroup() | GithubTeam():
            return groups.get(rule, frozenset())
        case NamedUsers():
            return frozenset(rule.ids)
        case FullMembers():
            return frozenset()
        case AnyOf() | AllOf():
            return frozenset(id for part in rule.parts for id in _named(part, groups))


def union(parts: tuple[Ids, ...]) -> Ids:
    """Everybody; None where one part can't be listed."""
    known = [ids for ids in parts if ids is not None]
    return frozenset().union(*known) if len(known) == len(parts) else None
