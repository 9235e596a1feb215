"""Whose approval counts: an author stays one under another name, and one human is one vote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Tier
from bot.core.code import Commit
from bot.core.errors import Denied
from bot.core.people import GithubTeam, PeopleSet
from bot.core.records import Deployment
from bot.core.rules import ApprovalRule, Approvals, Exclusion, UnknownAuthors
from bot.core.values import Person
from bot.core.votes import Vote, VoteKind
from bot.core.voting import Voters, approved_by, closed_by_authors, must_be_voter, unfilled
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


HANDS = policy(approvals=Approvals((ApprovalRule(1, (SRE,)),), (Exclusion.COMMITTERS, Exclusion.MERGERS)))
KNOWN = replace(commit(author="ada"), committer="", mergers=())  # by an author who may vote here


@pytest.mark.parametrize(
    "change",
    [
        replace(KNOWN, committer="ADA-new"),
        replace(KNOWN, committer="ada-old", committer_id="42"),
        replace(KNOWN, mergers=("grace", "ada-new")),
        replace(KNOWN, mergers=("ada-old",), merger_ids=("42",)),
    ],
)
def test_who_committed_or_merged_it_may_be_kept_from_approving(change: Commit) -> None:
    with pytest.raises(Denied, match="work of yours"):
        must_be_voter(LINKED, bringing(change), HANDS, NOON)
    must_be_voter(LINKED, bringing(KNOWN), HANDS, NOON)
    must_be_voter(LINKED, bringing(change), STRICT, NOON)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((replace(KNOWN, committer=None),), "who committed aaaaaaa."),
        ((replace(KNOWN, mergers=None),), "who merged aaaaaaa."),
        ((replace(KNOWN, committer=None, mergers=None),) * 3, "committed aaaaaaa and 3 more."),
    ],
)
def test_what_nobody_can_say_for_sure_keeps_it_closed(changes: tuple[Commit, ...], said: str) -> None:
    unclear = frozen(resolution=resolution(changes=changes))
    found = closed_by_authors(unclear, HANDS)
    assert found is not None
    assert found[0].endswith(said)
    warns = replace(HANDS, approvals=replace(HANDS.approvals, unknown_authors=UnknownAuthors.WARN))
    assert closed_by_authors(unclear, warns) is None
    assert closed_by_authors(unclear, STRICT) is None
    assert closed_by_authors(bringing(KNOWN), HANDS) is None


def test_two_members_with_one_account_are_one_human() -> None:
    deployment = bringing(commit(author="grace"))
    twin = replace(LINKED, id="U0TWIN0001", name="Ada again", login="ada-old")
    votes = tuple(vote(each, deployment) for each in (LINKED, twin))
    voted = replace(deployment, votes=votes)
    assert approved_by(voted, STRICT, Voters((LINKED, twin)), NOON) == (LINKED,)


def vote(person: Person, deployment: Deployment) -> Vote:
    return Vote(person.id, person.name, VoteKind.APPROVE, deployment.digest or "", NOON)


LEADS = PeopleSet("leads", GithubTeam("acme/leads"))
LED = policy(tier=Tier.PRODUCTION, approvals=Approvals((ApprovalRule(1, (LEADS,)),), ()))
LEADER = Person("U1", "Ann", NOON, teams=frozenset({"acme/leads"}), login="ann", account_id="7")


def test_a_new_link_brings_no_vote_by_a_team_in_production() -> None:
    taken = replace(LEADER, linked_at=NOON - timedelta(hours=1))
    vote = Vote(taken.id, taken.name, VoteKind.APPROVE, frozen().digest or "", NOON)
    voted = replace(frozen(), votes=(vote,))
    with pytest.raises(Denied, match="linked less than a day ago"):
        must_be_voter(taken, voted, LED, NOON)
    must_be_voter(taken, voted, LED, NOON, VoteKind.REJECT)
    must_be_voter(taken, voted, replace(LED, tier=Tier.STANDARD), NOON)
    assert approved_by(voted, LED, Voters((taken,)), NOON) == ()
    for trusted in (replace(taken, link_confirmed=True), replace(taken, linked_at=NOON - timedelta(days=2))):
        assert approved_by(voted, LED, Voters((trusted,)), NOON) == (trusted,)
    beside = replace(LED, approvals=Approvals((ApprovalRule(1, (SRE,)), ApprovalRule(1, (LEADS,))), ()))
    both = replace(taken, groups=frozenset({"sre"}))
    (counted,) = approved_by(voted, beside, Voters((both,)), NOON)
    assert unfilled(beside.approvals.rules, (counted,)) == (ApprovalRule(1, (LEADS,)),), "for the group alone"
