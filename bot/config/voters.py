"""Counting people without asking a directory: can a set have members, can an approval be given."""

from __future__ import annotations

from itertools import combinations

from bot.core.people import AllOf, AnyOf, FullMembers, GithubTeam, NamedUsers, PeopleRule, SlackGroup, Who
from bot.core.rules import ApprovalRule, Approvals, Exclusion

Ids = frozenset[str] | None
"""The most people there can be; None where only a directory knows."""


def most(rule: PeopleRule) -> Ids:
    """An upper bound of a set."""
    match rule:
        case SlackGroup() | GithubTeam() | FullMembers():
            return None
        case NamedUsers():
            return frozenset(rule.ids)
        case AnyOf():
            return _union(tuple(most(part) for part in rule.parts))
        case AllOf():
            known = [ids for ids in (most(part) for part in rule.parts) if ids is not None]
            return frozenset.intersection(*known) if known else None


def most_of(who: Who) -> Ids:
    """An upper bound of a union of sets."""
    return _union(tuple(most(each.rule) for each in who))


def nobody(who: Who) -> bool:
    """Whether it is certain that there is no such person."""
    return most_of(who) == frozenset()


def can_be_given(approvals: Approvals, requesters: Who) -> bool:
    """Whether there is a requester for whom the rules can be filled by different people."""
    if Exclusion.REQUESTER not in approvals.exclude:
        return _can_fill(approvals.rules, frozenset())
    asking = most_of(requesters)
    if asking is None:
        return _can_fill(approvals.rules, frozenset())
    return any(_can_fill(approvals.rules, frozenset({each})) for each in asking)


def only_slack_group(rule: PeopleRule) -> bool:
    """Whether membership hangs on a Slack group alone, which many people may edit."""
    match rule:
        case SlackGroup():
            return True
        case GithubTeam() | NamedUsers() | FullMembers():
            return False
        case AnyOf():
            return any(only_slack_group(part) for part in rule.parts)
        case AllOf():
            return all(only_slack_group(part) for part in rule.parts)


def _can_fill(rules: tuple[ApprovalRule, ...], without: frozenset[str]) -> bool:
    """Hall's condition: every group of rules must have as many people as it asks for."""
    return all(
        _enough(group, without) for size in range(1, len(rules) + 1) for group in combinations(rules, size)
    )


def _enough(rules: tuple[ApprovalRule, ...], without: frozenset[str]) -> bool:
    there = _union(tuple(most_of(rule.voters) for rule in rules))
    return there is None or len(there - without) >= sum(rule.count for rule in rules)


def _union(parts: tuple[Ids, ...]) -> Ids:
    known = [ids for ids in parts if ids is not None]
    return frozenset().union(*known) if len(known) == len(parts) else None
