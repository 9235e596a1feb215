"""What waits for whom: the list that a person may decide on now, and the rest in short."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.actions import ButtonValue
from bot.core.catalog import Catalog, Environment
from bot.core.code import Direction
from bot.core.command import Context, NoArguments, Reply
from bot.core.errors import Transient
from bot.core.identity import Identity, RepositoryRole
from bot.core.lifecycle import State
from bot.core.linking import Account
from bot.core.pending import LOOKED_AT
from bot.core.records import Deployment
from bot.core.rules import ApprovalRule, Approvals, Exclusion
from bot.core.values import DeploymentId, Person
from bot.core.verdicts import GateState, Verdict
from bot.core.votes import Vote, VoteKind
from commands import approvals
from commands.approvals import IN_SHORT, WITH_BUTTONS
from tests.fakes.samples import (
    ADA,
    FORMER,
    GUEST,
    LINUS,
    NOON,
    SRE,
    STRANGER,
    actor,
    catalog,
    frozen,
    policy,
    resolution,
    service,
    wish,
)
from tests.unit.commands.test_commands import context, plain

WANTS_SRE = (Verdict("approvals", GateState.WAITING, "Waiting for 1 approval of sre."),)
GRACE = Person("U0GRACE001", "Grace", NOON, groups=frozenset({"sre"}))


def guarded(*exclude: Exclusion, **changes: Any) -> Catalog:
    """One service whose staging wants somebody of the SRE group; authors are asked for where it says so."""
    wants = Approvals((ApprovalRule(1, (SRE,)),), exclude=exclude or (Exclusion.REQUESTER,))
    return catalog(service("api", Environment("staging", policy(approvals=wants)), **changes))


def waiting(number: int = 7, known: Catalog | None = None, **changes: Any) -> Deployment:
    """It waits for one of the SRE group."""
    usual = {"number": number, "id": DeploymentId(f"d{number}"), "verdicts": WANTS_SRE}
    return frozen(State.WAITING, known or guarded(), **(usual | changes))


async def listed(*rows: Deployment, known: Catalog | None = None, **changes: Any) -> Reply:
    ctx = context(*rows, known=known or guarded(), person=changes.pop("person", ADA))
    ctx = replace(ctx, permalink=lambda posted: f"https://chat.test/{posted.ts}", **changes)
    return await approvals.run(ctx, NoArguments())


def mine(reply: Reply) -> list[int]:
    return [each.number for each in reply.choices]


async def test_what_one_may_decide_on_comes_first_and_the_oldest_of_it() -> None:
    asked_by_ada = waiting(8, requested_by=actor(ADA))
    told = await listed(waiting(9), asked_by_ada, waiting(7))
    assert mine(told) == [7, 9]
    assert "Waits for you" in plain(told)
    below = told.below.plain()
    assert "Waits for others" in below
    assert "#8 (https://chat.test/8.0) api to staging · asked by @Ada" in below
    assert "#7" not in below


async def test_a_line_says_what_who_since_when_until_when_and_what_it_wants() -> None:
    row = waiting()
    (one,) = (await listed(row)).choices
    assert one.text.plain().splitlines() == [
        "#7 (https://chat.test/7.0) api to staging · `aaaaaaa` Add refunds (#12)",
        "asked by @Linus 2026-03-02 12:00 UTC because it fixes checkout · expires 2026-03-02 16:00 UTC",
        "Waiting for 1 approval of sre.",
    ]
    assert ButtonValue.read(one.value) == ButtonValue(7, row.digest or "", row.version)


async def test_whoever_decides_from_the_list_is_warned_as_well() -> None:
    odd = resolution(direction=Direction.BEHIND, behind=2, changes=())
    (one,) = (await listed(waiting(resolution=odd))).choices
    assert " Look at its card first: it is behind what runs." in one.text.plain().splitlines()


async def test_nothing_is_said_plainly() -> None:
    told = await listed()
    assert (plain(told), told.choices, told.below.lines) == ("Nothing waits for your decision.", (), ())


@pytest.mark.parametrize("person", [LINUS, GUEST, STRANGER, FORMER], ids=lambda each: each.name)
async def test_who_may_not_has_nothing_to_decide(person: Person) -> None:
    in_the_group = replace(person, groups=frozenset({"sre"})) if person is not LINUS else person
    told = await listed(waiting(requested_by=actor(GRACE)), known=guarded(external=True), person=in_the_group)
    assert mine(told) == []
    assert "#7" in told.below.plain()


async def test_a_hidden_service_stays_hidden() -> None:
    known = guarded(visible_to=(SRE,))
    assert mine(await listed(waiting(), known=known)) == [7]
    told = await listed(waiting(), known=known, person=LINUS)
    assert (mine(told), told.below.lines) == ([], ())
    gone = await listed(waiting(), known=catalog(service("web", Environment("staging", policy()))))
    assert (mine(gone), gone.below.lines) == ([], ())


async def test_what_nobody_can_decide_on_now_is_not_listed() -> None:
    opened = (Verdict("approvals", GateState.OPEN, "Approved by Ada."),)
    late = waiting(9)
    assert late.request is not None
    late = replace(late, request=replace(late.request, expires_at=NOON))
    told = await listed(waiting(7, verdicts=opened), frozen(State.RUNNING, number=8), late)
    assert (mine(told), told.below.lines) == ([], ())


async def test_who_has_approved_waits_for_others_until_the_vote_is_void() -> None:
    row = waiting()
    for digest, expected in ((row.digest or "", []), ("another", [7])):
        vote = Vote(ADA.id, "Ada", VoteKind.APPROVE, digest, NOON)
        assert mine(await listed(replace(row, votes=(vote,)))) == expected


async def test_either_policy_lets_its_own_people_decide() -> None:
    """As with a click: those whom the request was made under, and those of today."""
    row = waiting()
    stricter = Approvals((ApprovalRule(1, ()),), exclude=(Exclusion.REQUESTER,))
    today = catalog(service("api", Environment("staging", policy(approvals=stricter))))
    assert mine(await listed(row, known=today)) == [7]
    before = waiting(known=today)
    assert mine(await listed(before)) == [7]
    assert mine(await listed(before, known=today)) == []


@dataclass
class Roles:
    """The port Accounts: one role for everybody, or an error."""

    role: RepositoryRole = RepositoryRole.WRITE
    fails: Exception | None = None
    asked: int = 0

    async def identity(self, repository: str, account: Account) -> Identity:  # noqa: ARG002
        self.asked += 1
        if self.fails is not None:
            raise self.fails
        return Identity(account.login, self.role)


LINKED = replace(ADA, login="ada", account_id="1", linked_at=NOON - timedelta(days=9))


async def test_where_accounts_count_only_those_who_may_write_are_asked() -> None:
    known = guarded(Exclusion.REQUESTER, Exclusion.AUTHORS)
    rows = [waiting(number, known) for number in (7, 8, 9)]
    for roles, expected in (
        (Roles(), [7, 8, 9]),
        (Roles(RepositoryRole.READ), []),
        (Roles(fails=Transient("it is down.")), [7, 8, 9]),  # the press asks again
    ):
        told = await listed(*rows, known=known, person=LINKED, accounts={"github": roles})
        assert (mine(told), roles.asked) == (expected, 1)
    assert mine(await listed(*rows, known=known, person=ADA)) == []
    wrote_it = replace(LINKED, login="grace")
    assert mine(await listed(*rows, known=known, person=wrote_it, accounts={"github": Roles()})) == []


async def test_what_does_not_fit_is_counted() -> None:
    many = [waiting(number) for number in range(1, WITH_BUTTONS + 3)]
    told = await listed(*many)
    assert mine(told) == list(range(1, WITH_BUTTONS + 1))
    assert f"2 more wait for you: #{WITH_BUTTONS + 1}, #{WITH_BUTTONS + 2}" in told.below.plain()
    theirs = await listed(*[waiting(number) for number in range(1, IN_SHORT + 2)], person=LINUS)
    assert f"1 more waits for others: #{IN_SHORT + 1}" in theirs.below.plain()
    assert "looked at" not in theirs.below.plain()
    crowd = await listed(*[waiting(number, wish=wish()) for number in range(1, LOOKED_AT + 2)])
    assert f"Only the {LOOKED_AT} oldest requests were looked at." in crowd.below.plain()


def test_looking_takes_no_right_and_changes_nothing() -> None:
    assert isinstance(context(), Context)
    assert approvals.COMMAND.permission == "look"
