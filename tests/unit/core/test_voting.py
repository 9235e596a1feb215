"""Whose approval counts: an author stays one under another name, and one human is one vote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.code import Commit
from bot.core.errors import Denied
from bot.core.records import Deployment
from bot.core.rules import ApprovalRule, Approvals, Exclusion
from bot.core.values import Person
from bot.core.votes import Vote, VoteKind
from bot.core.voting import Voters, approved_by, must_be_voter
from tests.fakes.samples import ADA, NOON, SRE, commit, frozen, policy, resolution

EXCLUDED = (Exclusion.AUTHORS, Exclusion.CO_AUTHORS)
STRICT = policy(approvals=Approvals((ApprovalRule(1, (SRE,)),), EXCLUDED))
LINKED = replace(ADA, login="ada-new", account_id="42", linked_at=NOON - timedelta(days=9))


def bringing(change: Commit) -> Deployment:
    return frozen(resolution=resolution(changes=(change,)))


@pytest.mark.parametrize(
    "change",
    [
        replace(commit(author="ada"), author_id="42"),
        replace(commit(author="grace"), co_authors=("ada",), co_author_ids=("42",)),
        commit(author="Ada-New"),
    ],
)
def test_an_author_stays_one_under_a_new_login(change: Commit) -> None:
    with pytest.raises(Denied, match="authors may not approve their own work"):
        must_be_voter(LINKED, bringing(change), STRICT, NOON)


def test_a_login_that_somebody_else_had_before_makes_nobody_an_author() -> None:
    must_be_voter(LINKED, bringing(replace(commit(author="ada"), author_id="7")), STRICT, NOON)


def test_two_members_with_one_account_are_one_human() -> None:
    deployment = bringing(commit(author="grace"))
    twin = replace(LINKED, id="U0TWIN0001", name="Ada again", login="ada-old")
    votes = tuple(vote(each, deployment) for each in (LINKED, twin))
    voted = replace(deployment, votes=votes)
    assert approved_by(voted, STRICT, Voters((LINKED, twin)), NOON) == (LINKED,)


def vote(person: Person, deployment: Deployment) -> Vote:
    return Vote(person.id, person.name, VoteKind.APPROVE, deployment.digest or "", NOON)
