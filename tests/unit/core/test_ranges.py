"""What lies between what runs and a release, and what of it is odd; read from a history in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.catalog import Environment
from bot.core.code import Direction, RefKind
from bot.core.globs import matches_any
from bot.core.lifecycle import State
from bot.core.range_words import IN_SHORT, all_changes, careful, listed, size, warned
from bot.core.ranges import Hazard, hazards
from bot.core.records import Base, Resolution
from bot.core.resolving import Standing, as_it_runs, resolve, standing
from bot.core.rules import ApprovalRule, Approvals, Exclusion
from bot.core.values import Sha
from bot.core.votes import VoteKind
from bot.core.voting import authors_of
from bot.slack.presses import VoteForm
from tests.fakes.forge import FakeForge, seeded
from tests.fakes.git import HEADS, TAGS
from tests.fakes.queues import StillClock
from tests.fakes.records import Records
from tests.fakes.samples import (
    EVERYONE,
    NOON,
    PIPELINE,
    SHA_C,
    commit,
    frozen,
    in_state,
    policy,
    resolution,
    service,
    wish,
)

ON_MAIN = Base(6, RefKind.BRANCH, "main", "https://code.test/c")
BY_TAG = Base(6, RefKind.TAG, "v1.0.0", "https://code.test/c")


@pytest.fixture
def forge() -> FakeForge:
    return seeded(StillClock())


async def resolved(forge: FakeForge, ref: str, live: Sha | None, base: Base | None) -> Resolution:
    where = Environment("staging", policy(pipeline=PIPELINE, migrations=("src/**",)))
    return await resolve(forge.code, service(), where, wish(ref=ref), Standing(live, base=base))


async def test_the_next_commits_are_nothing_odd(forge: FakeForge) -> None:
    found = await resolved(forge, "main", forge.git.refs[TAGS + "v1.0.0"], BY_TAG)
    assert (found.direction, found.total, found.behind, found.base) == (Direction.AHEAD, 1, 0, BY_TAG)
    assert found.migrations == ("src/app.py",)
    assert hazards(found) == (Hazard.MIGRATIONS,)


async def test_an_older_release_takes_commits_back(forge: FakeForge) -> None:
    found = await resolved(forge, "v1.0.0", forge.git.refs[HEADS + "main"], ON_MAIN)
    assert hazards(found) == (Hazard.BEHIND,)
    assert "1 commit behind what runs: it would take #6's commit back." in warned(found).plain()
    assert size(found) == "nothing new since #6"


@pytest.mark.parametrize(("base", "hazard"), [(ON_MAIN, Hazard.REWRITTEN), (BY_TAG, Hazard.DIVERGED)])
async def test_a_branch_that_lost_what_was_deployed_from_it_was_rewritten(
    forge: FakeForge, base: Base, hazard: Hazard
) -> None:
    live, first = forge.git.refs[HEADS + "main"], forge.git.refs[TAGS + "v1.0.0"]
    forge.git.refs[HEADS + "main"] = forge.git.commit("Another past", "eve", NOON, (first,))
    assert hazards(await resolved(forge, "main", live, base)) == (hazard,)


async def test_without_a_common_past_nothing_is_known(forge: FakeForge) -> None:
    live = forge.git.refs[HEADS + "main"]
    forge.git.refs[HEADS + "main"] = forge.git.commit("From nowhere", "eve", NOON, ())
    found = await resolved(forge, "main", live, ON_MAIN)
    assert hazards(found) == (Hazard.UNRELATED,)
    assert found.truncated  # so that nobody takes the empty list of authors for the whole
    assert size(found) == "nobody can say what is new since #6"


async def test_the_same_release_and_the_first_one_are_told_apart(forge: FakeForge) -> None:
    tip = forge.git.refs[HEADS + "main"]
    assert size(await resolved(forge, "main", tip, ON_MAIN)) == "the same release as #6"
    assert "nothing ran there before" in size(await resolved(forge, "main", None, None))


async def test_what_runs_is_known_by_its_deployment() -> None:
    live = in_state(State.SUCCEEDED, number=41)
    found = await standing(Records([live]), live.workspace, service(), Environment("staging", policy()))
    assert live.request is not None
    assert found.base == Base(41, RefKind.BRANCH, "main", commit().url, let_in=live.release_sha)
    assert found.live == live.request.release_sha
    assert (
        await standing(Records(), live.workspace, service(), Environment("staging", policy()))
    ).base is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"total": 1_204, "truncated": True}, "2 of its 1,204 commits are listed here"),
        ({"total": 2, "truncated": True, "paths": ("a",) * 300}, "it changes 300 files or more"),
        ({"total": 2}, ""),
    ],
)
def test_what_is_cut_off_says_what_is_missing(changes: dict[str, Any], says: str) -> None:
    found = resolution(**changes)
    assert says in warned(found).plain()
    assert hazards(found) == ((Hazard.CUT_OFF,) if says else ())


def test_an_answer_lists_many_and_counts_the_rest() -> None:
    changes = tuple(commit(Sha(f"{n:040x}"), f"Change {n}") for n in range(1_000))
    found = resolution(changes=changes, total=1_204, truncated=True)
    told = all_changes(found).plain()
    assert (told.count("Change"), "Change 999" in told) == (50, True)
    assert "… and 1,154 more: see the comparison" in told
    assert "… and 1,199 more" in listed(replace(found, changes=changes[:5]), 50).plain()
    assert "more" not in listed(replace(found, changes=changes[:5], total=5, truncated=False), 5).plain()


def test_whoever_decides_without_the_card_is_told_to_look_at_it() -> None:
    found = resolution(direction=Direction.BEHIND, base=ON_MAIN, migrations=("a.sql",))
    said = "Look at its card first: its branch was rewritten by force, and it touches migrations."
    assert careful(found) == said
    assert said in VoteForm(frozen(resolution=found), VoteKind.APPROVE).about
    assert (careful(resolution()), careful(None)) == ("", "")
    assert set(IN_SHORT) == set(Hazard)


def test_the_release_alone_is_named_once() -> None:
    assert all_changes(resolution(changes=(commit(),))).lines == ()
    assert all_changes(resolution(changes=(commit(SHA_C),))).lines != ()


def test_pull_requests_are_linked_where_their_address_is_known() -> None:
    merged = replace(commit(), pull_request=12)
    linked = resolution(changes=(merged, merged), pull_requests="https://code.test/pull/{number}")
    assert "Add refunds · grace · PR #12 (https://code.test/pull/12)" in listed(linked, 5).plain()
    assert size(linked) == "2 commits, 1 pull request since ccccccc"
    assert "PR" not in listed(resolution(changes=(merged, merged)), 5).plain()


@pytest.mark.parametrize(
    ("path", "pattern", "fits"),
    [
        ("db/migrations/1.sql", "db/migrations/**", True),
        ("db/migrations/2026/1.sql", "db/migrations/**", True),
        ("db/migrations", "db/migrations/**", False),
        ("db/migrations/2026/1.sql", "db/migrations/*", False),
        ("migrations/1.sql", "**/migrations/*.sql", True),
        ("a/b/migrations/1.sql", "**/migrations/*.sql", True),
        ("a/b/migrations/1.py", "**/migrations/*.sql", False),
        ("a/db/migrations/1.sql", "db/migrations/**", False),
        ("anything/at/all", "**", True),
    ],
)
def test_patterns_of_paths(path: str, pattern: str, fits: bool) -> None:
    assert matches_any(path, (pattern,)) is fits


@pytest.mark.parametrize("ref", ["main", "next"], ids=["the same release", "the next one"])
async def test_who_wrote_what_went_past_us_approves_nothing_that_brings_it(
    forge: FakeForge, ref: str
) -> None:
    """Else a deployment that anybody can make at the code host would hide an author from the rule."""
    rules = Approvals((ApprovalRule(1, (EVERYONE,)),), (Exclusion.AUTHORS,))
    place, api = Environment("staging", policy(approvals=rules)), service()
    first, tip = forge.git.refs[TAGS + "v1.0.0"], forge.git.refs[HEADS + "main"]
    forge.git.refs[HEADS + "next"] = forge.git.commit("Small", "linus", NOON, (tip,))
    approved = await resolve(forge.code, api, place, wish(ref="v1.0.0"), Standing(None))
    past = Records([in_state(State.SUCCEEDED, number=1, **_of(approved))])
    for number in (2, 3):
        stands = await standing(past, past.rows[0].workspace, api, place)
        there = await as_it_runs(forge.code, api, place, tip, stands)
        past.rows.insert(0, in_state(State.BYPASSED, number=number, landed_at=NOON, **_of(there)))
    stands = await standing(past, past.rows[0].workspace, api, place)
    found = await resolve(forge.code, api, place, wish(ref=ref), stands)
    assert "grace" in authors_of(found, rules).logins
    assert authors_of(found, rules).whole
    assert "1 commit that runs there and that nobody approved" in size(found)
    back = await resolve(forge.code, api, place, wish(ref=first), stands)
    assert "grace" not in authors_of(back, rules).logins


def _of(known: Resolution) -> dict[str, Any]:
    return {"resolution": known, "request": None}
