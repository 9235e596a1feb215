"""Counting people without asking a directory: can a set have members, can an approval be given."""

from __future__ import annotations

from itertools import combinations

from bot.core.crowds import most_of, union
from bot.core.people import AllOf, AnyOf, FullMembers, GithubTeam, NamedUsers, PeopleRule, SlackGroup, Who
from bot.core.rules import ApprovalRule, Approvals, Exclusion


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
    there = union(tuple(most_of(rule.voters) for rule in rules))
    return there is None or len(there - without) >= sum(rule.count for rule in rules)
