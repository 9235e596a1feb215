"""Who can still approve what waits, and what the gate and the card make of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.errors import NeedsHuman
from bot.core.gates.approvals import APPROVALS
from bot.core.gates.model import FactKind, GateState, Known, Verdict
from bot.core.lifecycle import State
from bot.core.people import FullMembers, GithubTeam, NamedUsers, PeopleSet, SlackGroup, Who
from bot.core.records import Deployment
from bot.core.remaining import MOST, remaining
from bot.core.rules import ApprovalRule, Approvals, Exclusion
from bot.core.values import Person
from bot.core.votes import Vote, VoteKind
from bot.core.voting import Left, Voters
from tests.fakes.chat import FakeDirectory
from tests.fakes.samples import ADA, FORMER, LINUS, NOON, SRE, actor, frozen, policy, wish

LEADS = PeopleSet("leads", GithubTeam("acme/leads"))
OPS = PeopleSet("ops", SlackGroup("ops"))
ALL = PeopleSet("everyone", FullMembers())
TEN = tuple(Person(f"U{n}", f"P{n}", NOON, groups=frozenset({"ops"})) for n in range(10))
ASKED = frozen(requested_by=actor(LINUS))


def directory(*people: Person, **more: Any) -> FakeDirectory:
    return FakeDirectory({each.id: each for each in people}, **{"lists_groups": True} | more)


def approved(person: Person, deployment: Deployment = ASKED) -> Deployment:
    vote = Vote(person.id, person.name, VoteKind.APPROVE, deployment.digest or "", NOON)
    return replace(deployment, votes=(*deployment.votes, vote))


async def said(
    people: FakeDirectory,
    *rules: tuple[int, Who],
    deployment: Deployment = ASKED,
    exclude: tuple[Exclusion, ...] = (Exclusion.REQUESTER,),
) -> Verdict:
    """What the gate says, with whoever voted known as the directory knows them."""
    wanted = policy(approvals=Approvals(tuple(ApprovalRule(*each) for each in rules), exclude))
    votes = Voters(tuple(people.people[each.person] for each in deployment.votes))
    left = await remaining(people, deployment, wanted, votes, NOON)
    facts = {FactKind.VOTERS: Known(replace(votes, left=left), NOON)}
    return APPROVALS.judge(deployment, wanted, facts, NOON)


async def test_they_are_named_without_who_can_not_and_who_has() -> None:
    grace, asker = replace(ADA, id="U2", name="Grace"), replace(LINUS, groups=frozenset({"sre"}))
    people = directory(ADA, grace, asker, FORMER)
    assert (await said(people, (1, (SRE,)))).left == "Can still approve: Ada, Grace."
    one = await said(people, (2, (SRE,)), deployment=approved(ADA))
    assert (one.what, one.left) == ("Waiting for 1 approval of sre.", "Can still approve: Grace.")
    twin = directory(replace(ADA, account_id="7"), replace(grace, account_id="7"), asker)
    short = await said(twin, (2, (SRE,)), deployment=approved(ADA))
    assert (short.left, short.why) == (
        "",
        "Too few are left who could: 1 approval of sre can't be had any more.",
    ), "two accounts of one human"


async def test_each_rule_has_its_own_and_many_are_counted() -> None:
    several = await said(directory(ADA, *TEN), (1, (SRE,)), (3, (OPS,)))
    assert several.left == "Can still approve: Ada (for sre); P0, P1, P2, P3, P4 and 5 more (for ops)."
    filled = await said(directory(ADA, *TEN), (1, (SRE,)), (3, (OPS,)), deployment=approved(ADA))
    assert filled.left == "Can still approve: P0, P1, P2, P3, P4 and 5 more."


async def test_who_must_link_an_account_first_is_told_apart() -> None:
    people = directory(ADA, replace(ADA, id="U2", name="Grace", login="hopper", account_id="7"))
    found = await said(people, (1, (SRE,)), exclude=(Exclusion.AUTHORS,))
    assert found.left == "Can still approve: Ada (not linked yet), Grace."


async def test_where_there_may_be_others_it_does_not_say_that_these_are_all() -> None:
    leader = replace(ADA, teams=frozenset({"acme/leads"}))
    some = await said(directory(leader, teams={"acme/leads": 1}), (2, (LEADS,)))
    assert (some.left, some.why) == ("Among those who can still approve: Ada.", "")
    for who in ((ALL,), (LEADS,)):
        nobody = await said(directory(LINUS), (1, who))
        assert (nobody.left, nobody.why) == ("", "")


async def test_that_too_few_are_left_says_whom_to_ask() -> None:
    listed = PeopleSet("owners", NamedUsers((LINUS.id, ADA.id)))
    short = await said(directory(ADA, LINUS), (2, (listed,)))
    assert short.state is GateState.WAITING
    assert "1 approval of owners can't be had any more." in short.why
    assert "ask an administrator" in short.next
    assert short.left == "Can still approve: Ada."


async def test_nobody_is_looked_up_where_nobody_is_asked() -> None:
    down = directory(ADA, fails=NeedsHuman("Slack refused a call.", ""))
    rules = policy(approvals=Approvals((ApprovalRule(1, (SRE,)),), ()))
    votes = Voters((ADA,))
    for deployment in (
        approved(ADA),
        frozen(State.DISPATCHING),
        frozen(wish=wish(emergency=True)),
    ):
        assert await remaining(down, deployment, rules, votes, NOON) == ()


@pytest.mark.parametrize("lists_groups", [True, False])
async def test_what_can_not_be_read_names_nobody(lists_groups: bool) -> None:
    people = directory(ADA, *TEN, lists_groups=lists_groups)
    people.people["U3"] = replace(TEN[3], active=False)
    crowd = PeopleSet("crowd", NamedUsers(tuple(f"U{n}" for n in range(MOST + 1))))
    rules = policy(approvals=Approvals((ApprovalRule(1, (crowd,)), ApprovalRule(1, (SRE,))), ()))
    many, sre = await remaining(people, ASKED, rules, Voters(), NOON)
    assert many == Left(rules.approvals.rules[0], whole=False), "so many are not looked up"
    assert sre == Left(rules.approvals.rules[1], (ADA,) if lists_groups else (), whole=lists_groups)
