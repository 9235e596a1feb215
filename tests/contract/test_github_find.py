"""Finding a run again where a workflow shows no key, and other corners of GitHub's listing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.core.code import Direction, RefKind
from bot.core.errors import NeedsHuman
from bot.core.runs import RunRef, TriggerSpec
from bot.core.values import Sha
from bot.playground.github.git import Signature
from bot.playground.github.names import ActName
from integrations.github import code
from tests.contract.ci_suite import HEADS, KEY, OTHER_KEY, TAGS, pinned, spec_of
from tests.contract.github_harness import REPOSITORY, GitHubHarness, github_harness


@pytest.fixture
async def harness() -> AsyncIterator[GitHubHarness]:
    async with github_harness() as made:
        yield made


def nameless(harness: GitHubHarness) -> TriggerSpec:
    """A dispatch on a branch that carries no key."""
    return spec_of(harness, f"{HEADS}main", operation="")


async def test_without_a_key_not_even_the_only_run_is_ours(harness: GitHubHarness) -> None:
    since, spec = harness.clock.now(), nameless(harness)
    await harness.ci.trigger(spec)
    assert await harness.ci.find(spec, since) is None


async def test_without_a_key_two_runs_that_fit_are_none(harness: GitHubHarness) -> None:
    since, spec = harness.clock.now(), nameless(harness)
    await harness.ci.trigger(spec)
    await harness.ci.trigger(spec)
    assert await harness.ci.find(spec, since) is None


async def test_a_run_that_somebody_else_started_is_not_ours(harness: GitHubHarness) -> None:
    since, spec = harness.clock.now(), nameless(harness)
    await harness.act(ActName.START_RUN, repository="api", login="linus")
    assert await harness.ci.find(spec, since) is None


async def test_a_run_that_somebody_else_started_at_our_tag_is_not_ours(harness: GitHubHarness) -> None:
    """It has the right commit and the right name, and whatever inputs they chose; nor does it hide ours."""
    since, spec = harness.clock.now(), await pinned(harness)
    elsewhere = tuple((dict(spec.inputs) | {"environment": "production"}).items())
    await harness.ci.trigger(replace(spec, inputs=elsewhere))
    harness.repo.runs[max(harness.repo.runs)].actor = harness.stand_in.world.users["linus"]
    assert await harness.ci.find(spec, since) is None
    receipt = await harness.ci.trigger(spec)
    assert await harness.ci.find(spec, since) == receipt.run


async def test_a_run_that_names_another_operation_is_not_ours(harness: GitHubHarness) -> None:
    since = harness.clock.now()
    await harness.ci.trigger(spec_of(harness, f"{HEADS}main", OTHER_KEY))
    assert await harness.ci.find(nameless(harness), since) is None


async def test_a_run_that_belongs_to_another_operation_is_not_ours(harness: GitHubHarness) -> None:
    since, spec = harness.clock.now(), nameless(harness)
    receipt = await harness.ci.trigger(spec_of(harness, f"{HEADS}main", OTHER_KEY))
    assert await harness.ci.find(replace(spec, key=KEY), since) is None
    assert await harness.ci.find(replace(spec, key=OTHER_KEY), since) == receipt.run


async def test_a_run_of_another_commit_is_not_ours(harness: GitHubHarness) -> None:
    since, spec = harness.clock.now(), nameless(harness)
    await harness.ci.trigger(spec)
    later = harness.commit("Later", (harness.tip(),))
    assert await harness.ci.find(replace(spec, workflow_sha=later), since) is None


async def test_a_key_that_only_begins_like_ours_is_not_ours(harness: GitHubHarness) -> None:
    since, spec = harness.clock.now(), spec_of(harness, f"{HEADS}main")
    await harness.ci.trigger(spec_of(harness, f"{HEADS}main", operation=KEY + "k"))
    await harness.ci.trigger(spec_of(harness, f"{HEADS}main", operation="x" + KEY))
    named = [run.title for run in harness.stand_in.runs(REPOSITORY)[-2:]]
    assert all(KEY in title for title in named)
    assert await harness.ci.find(spec, since) is None


async def test_a_push_of_our_tag_is_not_our_dispatch(harness: GitHubHarness) -> None:
    since, spec = harness.clock.now(), await pinned(harness)
    receipt = await harness.ci.trigger(spec)
    run = harness.stand_in.run(int(receipt.run.external_id)) if receipt.run else None
    assert run is not None
    run.trigger = type(run.trigger)("push")
    assert await harness.ci.find(spec, since) is None


async def test_a_workflow_that_is_not_there_is_told(harness: GitHubHarness) -> None:
    with pytest.raises(NeedsHuman, match=r"nothing\.yml"):
        await harness.ci.find(replace(nameless(harness), workflow="nothing.yml"), harness.clock.now())


async def test_a_run_id_that_is_no_number_is_no_run(harness: GitHubHarness) -> None:
    for odd in ("", "abc", "../../1", "1?x=2"):
        assert await harness.ci.observe(RunRef("github", REPOSITORY, odd)) is None
        with pytest.raises(NeedsHuman):
            await harness.ci.cancel(RunRef("github", REPOSITORY, odd))
    assert harness.stand_in.control.journal == []


async def test_an_annotated_tag_leads_to_its_commit(harness: GitHubHarness) -> None:
    await harness.act(ActName.CREATE_TAG, repository="api", tag="v8.0.0", annotated=True, sha=harness.tip())
    assert harness.repo.git.refs[TAGS + "v8.0.0"] != harness.tip()
    found = await harness.code.resolve(REPOSITORY, "v8.0.0")
    assert (found.kind, found.sha) == (RefKind.TAG, harness.tip())
    assert await harness.code.reachable(REPOSITORY, harness.tip(), [])


async def test_an_annotated_tag_in_the_place_of_our_pin_counts_by_its_commit(harness: GitHubHarness) -> None:
    name = f"slipway/{KEY}"
    await harness.act(ActName.CREATE_TAG, repository="api", tag=name, annotated=True, sha=harness.tip())
    assert await harness.pins.read(REPOSITORY, KEY) == harness.tip()
    await harness.pins.create(REPOSITORY, KEY, harness.tip())


async def test_a_commit_names_its_co_authors_by_login_where_it_can(harness: GitHubHarness) -> None:
    message = (
        "Store refunds (#77)\n\nMore words.\n\n"
        "Co-authored-by: Margaret <42+margaret@users.noreply.github.com>\n"
        "co-authored-by: Ada Lovelace <ada@acme.example>\n"
    )
    told = await harness.code.commit(REPOSITORY, harness.commit(message, (harness.tip(),)))
    assert (told.title, told.pull_request) == ("Store refunds (#77)", 77)
    assert (told.author, told.co_authors) == ("linus", ("margaret", "Ada Lovelace"))
    assert told.author_id
    assert told.co_author_ids == ("42",)


BOT = "49699333+dependabot[bot]@users.noreply.github.com"


@pytest.mark.parametrize(
    ("login", "email", "signed", "committer"),
    [
        ("ada", "ada@acme.example", False, "ada"),
        (None, "ada@home.example", False, None),
        (None, "4321+ada@users.noreply.github.com", False, "ada"),
        ("web-flow", "noreply@github.com", True, ""),
        ("web-flow", "noreply@github.com", False, None),  # everybody can write that address
        ("dependabot[bot]", BOT, True, ""),
        (None, BOT, False, None),
    ],
)
async def test_who_committed_it_is_a_person_unless_github_signed_that_it_is_not(
    harness: GitHubHarness, login: str | None, email: str, signed: bool, committer: str | None
) -> None:
    who = Signature("Somebody", email, harness.clock.now(), login)
    made = harness.commit("Hi", (harness.tip(),), committer=who, signed=signed)
    told = await harness.code.commit(REPOSITORY, made)
    assert told.committer == committer
    assert bool(told.committer_id) is bool(committer)


async def test_who_merged_it_is_asked_of_the_pull_requests(harness: GitHubHarness) -> None:
    base, made = harness.tip(), harness.commit("Merged (#900)", (harness.tip(),))
    harness.point(f"{HEADS}main", made)
    told = await harness.code.commit(REPOSITORY, made)
    assert (told.mergers, told.merger_ids) == (None, ())  # nobody asked
    told = await harness.code.commit(REPOSITORY, made, mergers=True)
    assert told.mergers == ()  # it came by none
    ada = harness.stand_in.world.users["ada"]
    pull = replace(harness.repo.pulls[0], number=900, merge_sha=made, merged_by=ada)
    harness.repo.pulls.append(pull)
    between = await harness.code.compare(REPOSITORY, base, made, mergers=True)
    assert [(each.mergers, each.merger_ids) for each in between.commits] == [(("ada",), (str(ada.id),))]
    pull.merged_by = harness.stand_in.world.users["dependabot[bot]"]
    assert (await harness.code.commit(REPOSITORY, made, mergers=True)).mergers == ()
    pull.merged_by = None
    assert (await harness.code.commit(REPOSITORY, made, mergers=True)).mergers is None


async def test_of_very_many_commits_nobody_asks_who_merged_each(
    harness: GitHubHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code, "MOST_MERGES", 1)
    base, one = harness.tip(), harness.commit("One", (harness.tip(),))
    two = harness.commit("Two", (one,))
    assert [
        each.mergers for each in (await harness.code.compare(REPOSITORY, base, two, mergers=True)).commits
    ] == [None, None]
    assert [
        each.mergers for each in (await harness.code.compare(REPOSITORY, base, one, mergers=True)).commits
    ] == [()]


async def test_an_author_without_an_account_is_named_as_written(harness: GitHubHarness) -> None:
    told = await harness.code.commit(REPOSITORY, harness.commit("Hi", (harness.tip(),), login=None))
    assert told.author == "Linus Torvalds"


async def test_a_pattern_stands_for_all_branches_that_fit(harness: GitHubHarness) -> None:
    side = harness.commit("Aside", (harness.tip(),))
    harness.point(f"{HEADS}release/9", side)
    assert await harness.code.reachable(REPOSITORY, side, ["release/*"])
    assert not await harness.code.reachable(REPOSITORY, side, ["hotfix/*"])


async def test_too_many_branches_to_ask_is_closed_and_says_what_to_do(harness: GitHubHarness) -> None:
    for number in range(60):
        harness.point(f"{HEADS}topic/{number}", harness.tip())
    with pytest.raises(NeedsHuman, match="reachable_from"):
        await harness.code.reachable(REPOSITORY, harness.forked(), [])


async def test_more_files_than_github_lists_are_truncated(harness: GitHubHarness) -> None:
    tip = at = harness.tip()
    for number in range(299):
        at = harness.commit(f"{number}", (at,), f"files/{number}")
    whole = await harness.code.compare(REPOSITORY, tip, at)
    assert (len(whole.commits), len(whole.paths), whole.truncated) == (299, 299, False)
    assert [each.title for each in whole.commits] == [str(number) for number in range(299)]
    cut = await harness.code.compare(REPOSITORY, tip, harness.commit("one more", (at,), "files/last"))
    assert cut.truncated


async def test_more_commits_than_anybody_reviews_are_truncated(harness: GitHubHarness) -> None:
    tip = at = harness.tip()
    for number in range(1_001):
        at = harness.commit(f"{number}", (at,))
    told = await harness.code.compare(REPOSITORY, tip, at)
    assert (len(told.commits), told.total_commits, told.truncated) == (1_000, 1_001, True)


async def test_a_base_that_is_gone_compares_to_nothing_but_a_missing_head_is_an_error(
    harness: GitHubHarness,
) -> None:
    gone = Sha("d" * 40)
    told = await harness.code.compare(REPOSITORY, gone, harness.tip())
    assert (told.direction, told.truncated) == (Direction.UNRELATED, True)
    with pytest.raises(NeedsHuman):
        await harness.code.compare(REPOSITORY, harness.tip(), gone)


async def test_the_address_of_a_pull_request_is_known(harness: GitHubHarness) -> None:
    told = await harness.code.repository(REPOSITORY)
    assert told.pull_requests == f"{told.url}/pull/{{number}}"


async def test_a_commit_of_another_history_is_not_reachable(harness: GitHubHarness) -> None:
    orphan = harness.commit("From nowhere", ())
    assert not await harness.code.reachable(REPOSITORY, orphan, ["main"])
    assert not await harness.code.reachable(REPOSITORY, orphan, [])
