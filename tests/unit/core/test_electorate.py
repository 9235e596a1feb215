"""Whether enough people could approve a request, and what is said where they are too few."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.electorate import Electorate, Question, electorate, must_be_enough
from bot.core.errors import NeedsHuman, UserError
from bot.core.people import AllOf, FullMembers, GithubTeam, NamedUsers, PeopleSet, SlackGroup, Who
from bot.core.rules import ApprovalRule, Approvals, Exclusion
from bot.core.values import Person
from tests.fakes.chat import FakeDirectory
from tests.fakes.samples import ADA, FORMER, GUEST, LINUS, NOON, SRE, TEAM, commit, policy, resolution, wish

GRACE = Person("U0GRACE001", "Grace", NOON, groups=frozenset({"sre"}))
GUS = replace(GUEST, groups=frozenset({"sre"}))
TEAM_ONLY = PeopleSet("leads", GithubTeam("acme/leads"))
BOTH = PeopleSet("trusted", AllOf((SlackGroup("sre"), GithubTeam("acme/leads"))))
LISTED = PeopleSet("owners", NamedUsers((LINUS.id,)))
ALL = PeopleSet("everyone", FullMembers())
ASKER = (Exclusion.REQUESTER,)


def directory(*people: Person, **more: Any) -> FakeDirectory:
    return FakeDirectory({each.id: each for each in people}, **{"lists_groups": True} | more)


async def found(
    people: FakeDirectory, *rules: tuple[int, Who], exclude: tuple[Exclusion, ...] = ASKER, **changes: Any
) -> Electorate:
    """Linus asks."""
    wanted = Approvals(tuple(ApprovalRule(count, who) for count, who in rules), exclude)
    brought = resolution(changes=(commit(author="ada"),))
    question = Question(TEAM, LINUS.id, policy(approvals=wanted), brought)
    return await electorate(people, question, wish(**changes))


async def test_enough_people_are_enough() -> None:
    people = directory(ADA, GRACE, LINUS)
    assert (await found(people, (2, (SRE,)))).missing == ()
    assert (await found(people, (1, (SRE,)), (1, (SRE,)))).missing == ()
    assert (await found(people)).missing == ()


async def test_too_few_are_named_with_those_who_could_not() -> None:
    people = directory(ADA, replace(LINUS, groups=frozenset({"sre"})), GUS, FORMER)
    short = await found(people, (2, (SRE,)))
    assert short.shortage == (
        "1 approval of sre can't be had. Who could approve: Ada. "
        "Who could not: Dennis, who has left; Gus, who is a guest; Linus, who asks for it."
    )


async def test_each_person_fills_one_place_and_each_human_is_one() -> None:
    assert (await found(directory(ADA, LINUS), (1, (SRE,)), (1, (SRE,)))).missing
    twin = replace(GRACE, login="ada", account_id="7")
    people = directory(replace(ADA, login="ada-too", account_id="7"), twin)
    assert (await found(people, (2, (SRE,)))).missing
    assert not (await found(people, (1, (SRE,)))).missing


async def test_who_wrote_it_can_not_and_who_has_not_linked_yet_still_could() -> None:
    exclude = (Exclusion.REQUESTER, Exclusion.AUTHORS)
    author = replace(ADA, login="ADA", account_id="7")
    short = await found(directory(author), (1, (SRE,)), exclude=exclude)
    assert "Ada, who has a hand in it" in short.shortage
    assert not (await found(directory(ADA), (1, (SRE,)), exclude=exclude)).missing


@pytest.mark.parametrize("who", [(TEAM_ONLY,), (BOTH,), (LISTED, TEAM_ONLY)])
async def test_nobody_claims_anything_of_a_team_that_is_not_read_but_says_so(who: Who) -> None:
    silent = await found(directory(LINUS), (5, who))
    assert silent.missing == ()
    assert silent.unread == (who[-1].name,)


async def test_a_rule_that_can_be_read_is_judged_beside_one_that_can_not() -> None:
    short = await found(directory(LINUS), (1, (LISTED,)), (1, (TEAM_ONLY,)))
    assert [rule.voters for rule in short.missing] == [(LISTED,)]
    assert short.unread == ("leads",)
    assert (await found(directory(LINUS), (9, (ALL,)))).missing == ()


async def test_what_slack_does_not_tell_is_not_held_against_anybody() -> None:
    silent = await found(directory(LINUS, lists_groups=False), (1, (SRE,)))
    assert (silent.missing, silent.unread) == ((), ("sre",))
    down = directory(ADA, fails=NeedsHuman("Slack refused a call.", "", ""))
    assert (await found(down, (2, (SRE,)))).missing == ()


async def test_who_came_a_moment_ago_is_seen_before_anything_is_refused() -> None:
    joined = directory(ADA, stale={ADA.id: replace(ADA, groups=frozenset())})
    assert (await found(joined, (1, (SRE,)))).missing == ()


async def test_an_emergency_waits_for_nobody() -> None:
    assert (await found(directory(LINUS), (1, (SRE,)), emergency=True)).missing == ()


async def test_it_is_refused_in_words() -> None:
    rules = policy(approvals=Approvals((ApprovalRule(1, (LISTED,)),), ASKER))
    with pytest.raises(UserError, match="Too few people could approve api to staging") as refused:
        await must_be_enough(directory(LINUS), Question(TEAM, LINUS.id, rules, None), wish())
    assert "`approvals:`" in refused.value.next


async def test_a_team_counts_when_everybody_in_it_has_linked_an_account() -> None:
    leader = replace(LINUS, teams=frozenset({"acme/leads"}))
    short = await found(directory(leader, ADA, teams={"acme/leads": 0}), (1, (TEAM_ONLY,)))
    assert short.shortage == (
        "1 approval of leads can't be had. Who could approve: nobody. Who could not: Linus, who asks for it."
    )
    second = replace(ADA, teams=frozenset({"acme/leads"}))
    assert (await found(directory(leader, second, teams={"acme/leads": 0}), (1, (TEAM_ONLY,)))).missing == ()
    unsure = await found(directory(leader, ADA, teams={"acme/leads": 1}), (1, (TEAM_ONLY,)))
    assert (unsure.missing, unsure.unread) == ((), ("leads",)), (
        "an account that nobody has linked may be a voter's"
    )
