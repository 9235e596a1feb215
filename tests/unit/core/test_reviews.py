"""Two humans close a review, and neither is who asked for the emergency."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.catalog import Catalog, Environment
from bot.core.errors import Denied, UserError
from bot.core.policy import Permission, authorise, authorise_on
from bot.core.reviewing import open_review, review_text
from bot.core.reviews import WITHIN, Finding, Opinion, Review, opened
from bot.core.rules import ApprovalRule, Approvals, Right, Rights
from bot.core.values import Person
from tests.fakes.samples import (
    ADA,
    FORMER,
    GUEST,
    LINUS,
    NOON,
    OWNERS,
    SRE,
    STRANGER,
    actor,
    frozen,
    policy,
    service,
    wish,
)

OLGA = Person("U0OWNER001", "Olga", NOON)
RITA = Person("U0RITA0001", "Rita", NOON, groups=frozenset({"sre"}))
GUARDED = policy(
    approvals=Approvals((ApprovalRule(1, (OWNERS,)),)), rights=Rights(((Right.EMERGENCY, (SRE,)),))
)
API = service("api", Environment("staging", GUARDED), owners=())
KNOWN = Catalog((API,))
URGENT = frozen(known=KNOWN, wish=wish(emergency=True), requested_by=actor(ADA))


def said(person: str, finding: Finding = Finding.OK, human: str = "") -> Opinion:
    return Opinion(person, person.capitalize(), human or person, finding, "it burnt", NOON)


def test_two_humans_close_it() -> None:
    review = opened(NOON)
    assert not review.closed
    review = review.with_opinion(said("grace"))
    assert not review.closed
    assert not review.with_opinion(said("grace")).closed  # once more
    assert not review.with_opinion(said("second", human="grace")).closed  # another account of hers
    assert review.with_opinion(said("linus")).closed


def test_the_last_word_of_a_human_counts() -> None:
    review = opened(NOON).with_opinion(said("grace", Finding.NOT_OK)).with_opinion(said("grace"))
    assert [each.finding for each in review.opinions] == [Finding.OK]
    assert review.well
    assert not review.with_opinion(said("linus", Finding.NOT_OK)).well


def test_when_it_is_late() -> None:
    review = opened(NOON)
    assert not review.overdue(NOON + WITHIN - timedelta(microseconds=1))
    assert review.overdue(NOON + WITHIN)
    closed = review.with_opinion(said("grace")).with_opinion(said("linus"))
    assert not closed.overdue(NOON + WITHIN)


@pytest.mark.parametrize("person", [OLGA, RITA], ids=["approver", "sre"])
def test_who_could_have_approved_it_or_broken_the_glass_may(person: Person) -> None:
    authorise_on(Permission.REVIEW, person, KNOWN, URGENT)
    owned = replace(API, owners=(OWNERS,), environments=(Environment("staging", policy()),))
    assert authorise(Permission.REVIEW, OLGA, Catalog((owned,)), owned, owned.environments[0])


@pytest.mark.parametrize(
    "person",
    [ADA, LINUS, FORMER, *(replace(each, groups=frozenset({"sre"})) for each in (GUEST, STRANGER))],
    ids=["requester", "member", "former", "guest", "stranger"],
)
def test_nobody_else_may(person: Person) -> None:
    with pytest.raises(Denied) as denied:
        authorise_on(Permission.REVIEW, person, KNOWN, URGENT)
    assert denied.value.why
    assert denied.value.next


def test_what_the_catalog_no_longer_knows_nobody_reviews() -> None:
    with pytest.raises(UserError, match="no longer knows"):
        authorise_on(Permission.REVIEW, OLGA, Catalog(()), URGENT)


def test_only_an_open_one_is_given_an_opinion() -> None:
    with pytest.raises(UserError, match="has no review"):
        open_review(URGENT)
    review = opened(NOON)
    assert open_review(replace(URGENT, review=review)) == review
    closed = review.with_opinion(said("grace")).with_opinion(said("linus"))
    with pytest.raises(UserError, match="is closed"):
        open_review(replace(URGENT, review=closed))


def test_it_is_told_with_every_word_of_it() -> None:
    def told(review: Review | None) -> str:
        return review_text(replace(URGENT, review=review)).plain()

    assert told(None) == ""
    first = opened(NOON).with_opinion(said("grace"))
    assert "1 of 2, due 2026-03-03 12:00 UTC" in told(first)
    assert "@Grace · ok" in told(first)
    assert "`/review #7 ok because ...`, or `not-ok`" in told(first)
    assert "was due" in told(replace(first, reminded=True))
    assert "closed: right" in told(first.with_opinion(said("linus")))
    assert "closed: not right" in told(first.with_opinion(said("linus", Finding.NOT_OK)))
    assert "/review" not in told(first.with_opinion(said("linus")))
