"""What every code host and CI provider must do alike: the fakes and the real adapters run the same tests.

A provider's test module gives a fixture `harness` and subclasses the three suites.
"""

from __future__ import annotations

from typing import Protocol

import pytest

from bot.core.checks import CheckState, FromAccount, FromApp
from bot.core.code import Direction, RefKind
from bot.core.errors import Ambiguous, NeedsHuman, Transient, UserError
from bot.core.ports import CiProvider, Clock, CodeHost, Pins
from bot.core.runs import Run, RunRef, TriggerSpec
from bot.core.values import OperationKey, Sha, operation_key, sha

KEY = operation_key("slw-7-abcdefghij")
OTHER_KEY = operation_key("slw-77-abcdefghik")
HEADS, TAGS = "refs/heads/", "refs/tags/"
NOWHERE = sha("0" * 40)
HOSTILE_NAMES = (
    "",
    " main",
    "ma in",
    "-delete",
    "../../acme/web",
    "main..v1",
    "main~1",
    "main^",
    "main:src",
    "@{u}",
    "ma\u202ein",
    "ma\u200bin",
    "main\x00",
    "main\n",
    "a//b",
    ".hidden",
    "x.lock",
    "m" * 400,
    "refs/heads/",
    "refs/tags/..",
)


class Harness(Protocol):
    """What a test can arrange; the repository has a `main` of two commits at least and the tag `v1.0.0`."""

    @property
    def repository(self) -> str: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def code(self) -> CodeHost: ...

    @property
    def pins(self) -> Pins: ...

    @property
    def ci(self) -> CiProvider: ...

    @property
    def dispatches(self) -> int:
        """How many runs a dispatch started, whoever heard of it."""
        ...

    def tip(self) -> Sha:
        """Where `main` stands."""
        ...

    def forked(self) -> Sha:
        """A commit that can be read here, though only a fork has it."""
        ...

    def commit(self, title: str, parents: tuple[Sha, ...], path: str = "notes.md") -> Sha: ...

    def point(self, full_name: str, at: Sha) -> None: ...

    def lose_answers(self) -> None:
        """The next dispatch takes effect and is not answered."""
        ...

    async def check(self, at: Sha, name: str, app: str, conclusion: str) -> None:
        """An app says something about a commit; "pending": that it has not ended."""
        ...

    async def status(self, at: Sha, name: str, login: str, state: str) -> None:
        """An account does."""
        ...

    async def go_down(self) -> None: ...

    async def hold_next(self) -> None: ...

    async def fail_next(self) -> None: ...

    async def hide_new_runs(self) -> None: ...

    async def disable(self, workflow: str) -> None: ...

    async def rerun(self, ref: RunRef) -> None: ...

    async def settled(self, ref: RunRef) -> Run:
        """Let it come to its end."""
        ...


def spec_of(harness: Harness, ref: str, key: OperationKey = KEY, **inputs: str) -> TriggerSpec:
    """A dispatch of deploy.yml with what it asks for."""
    given = {"environment": "staging", "version": harness.tip(), "operation": key} | inputs
    pinned = ref.startswith(f"{TAGS}slipway/")
    sent = tuple((name, value) for name, value in given.items() if value)
    return TriggerSpec("github", harness.repository, "deploy.yml", ref, sent, key, harness.tip(), pinned)


async def pinned(harness: Harness, key: OperationKey = KEY) -> TriggerSpec:
    """A dispatch on a tag of ours, as production makes it; the workflow shows no key."""
    await harness.pins.create(harness.repository, key, harness.tip())
    return spec_of(harness, f"{TAGS}slipway/{key}", key, operation="")


class CodeHostSuite:
    """CodeHost."""

    async def test_a_repository_has_a_number_and_a_default_branch(self, harness: Harness) -> None:
        told = await harness.code.repository(harness.repository)
        assert told.id > 0
        assert (told.full_name, told.default_branch) == (harness.repository, "main")

    async def test_an_unknown_repository_is_named(self, harness: Harness) -> None:
        with pytest.raises(NeedsHuman, match="acme/nothing"):
            await harness.code.repository("acme/nothing")
        with pytest.raises(NeedsHuman, match="acme/nothing"):
            await harness.code.resolve("acme/nothing", "main")

    async def test_a_branch_a_tag_and_a_commit_resolve(self, harness: Harness) -> None:
        tip, code, repository = harness.tip(), harness.code, harness.repository
        harness.point(TAGS + "v9", tip)
        branch = await code.resolve(repository, "main")
        assert (branch.kind, branch.name, branch.sha) == (RefKind.BRANCH, "main", tip)
        tag = await code.resolve(repository, "v9")
        assert (tag.kind, tag.name, tag.sha) == (RefKind.TAG, "v9", tip)
        for name in (tip, tip[:7], tip[:12], tip.upper()):
            commit = await code.resolve(repository, name)
            assert (commit.kind, commit.sha, commit.qualified) == (RefKind.COMMIT, tip, tip)

    async def test_a_name_with_slashes_and_letters_of_all_kinds_resolves(self, harness: Harness) -> None:
        for name in ("feature/a/b", "größe", "wip#1", "50%"):
            harness.point(HEADS + name, harness.tip())
            found = await harness.code.resolve(harness.repository, name)
            assert (found.kind, found.name) == (RefKind.BRANCH, name)

    async def test_a_name_that_is_branch_and_tag_is_refused(self, harness: Harness) -> None:
        old = (await harness.code.resolve(harness.repository, "v1.0.0")).sha
        harness.point(HEADS + "v1.0.0", harness.tip())
        with pytest.raises(UserError) as refused:
            await harness.code.resolve(harness.repository, "v1.0.0")
        assert "refs/heads/v1.0.0" in refused.value.next
        assert "refs/tags/v1.0.0" in refused.value.next
        branch = await harness.code.resolve(harness.repository, "refs/heads/v1.0.0")
        tag = await harness.code.resolve(harness.repository, "refs/tags/v1.0.0")
        assert (branch.kind, branch.sha) == (RefKind.BRANCH, harness.tip())
        assert (tag.kind, tag.sha) == (RefKind.TAG, old)

    async def test_a_branch_called_like_a_commit_is_refused(self, harness: Harness) -> None:
        tip = harness.tip()
        name = next(tip[:length] for length in range(7, 40) if not tip[:length].isdecimal())
        harness.point(HEADS + name, (await harness.code.resolve(harness.repository, "v1.0.0")).sha)
        with pytest.raises(UserError, match=f"refs/heads/{name}"):
            await harness.code.resolve(harness.repository, name)
        assert (await harness.code.resolve(harness.repository, tip)).sha == tip

    async def test_an_unknown_name_tells_a_near_one(self, harness: Harness) -> None:
        with pytest.raises(UserError) as refused:
            await harness.code.resolve(harness.repository, "mian")
        assert "main" in refused.value.next

    @pytest.mark.parametrize("name", [*HOSTILE_NAMES, "deadbeef", "0" * 40, "refs/heads/nothing"], ids=ascii)
    async def test_what_is_no_name_is_refused_plainly(self, harness: Harness, name: str) -> None:
        with pytest.raises(UserError) as refused:
            await harness.code.resolve(harness.repository, name)
        assert len(str(refused.value)) < 600
        assert "\u202e" not in str(refused.value)

    async def test_a_commit_tells_title_and_pull_request(self, harness: Harness) -> None:
        made = harness.commit("Charge cards twice less (#42)", (harness.tip(),))
        told = await harness.code.commit(harness.repository, made)
        assert told.sha == made
        assert told.title.startswith("Charge cards twice less")
        assert not told.is_merge
        assert made in told.url

    async def test_compare_knows_all_four_directions(self, harness: Harness) -> None:
        tip = harness.tip()
        ours = harness.commit("Ours", (tip,), "ours.md")
        theirs = harness.commit("Theirs", (tip,), "theirs.md")
        for base, head, direction, titles, paths, behind in (
            (tip, ours, Direction.AHEAD, ["Ours"], ("ours.md",), 0),
            (ours, tip, Direction.BEHIND, [], (), 1),
            (theirs, ours, Direction.DIVERGED, ["Ours"], ("ours.md",), 1),
            (tip, tip, Direction.IDENTICAL, [], (), 0),
        ):
            told = await harness.code.compare(harness.repository, base, head)
            assert (told.direction, told.behind_by) == (direction, behind)
            assert [each.title for each in told.commits] == titles
            assert (told.paths, told.total_commits, told.truncated) == (paths, len(titles), False)

    async def test_what_shares_no_history_is_a_comparison_that_knows_nothing(self, harness: Harness) -> None:
        alone = harness.commit("From nowhere", ())
        told = await harness.code.compare(harness.repository, harness.tip(), alone)
        assert (told.direction, told.commits, told.truncated) == (Direction.UNRELATED, (), True)

    async def test_compare_lists_the_oldest_first_and_marks_merges(self, harness: Harness) -> None:
        tip = harness.tip()
        left = harness.commit("Left", (tip,))
        merge = harness.commit("Merge", (left, harness.commit("Right", (tip,))))
        told = await harness.code.compare(harness.repository, tip, merge)
        assert told.commits[-1].sha == merge
        assert [each.is_merge for each in told.commits] == [False, False, True]

    async def test_only_what_a_branch_contains_is_reachable_from_it(self, harness: Harness) -> None:
        old = (await harness.code.resolve(harness.repository, "v1.0.0")).sha
        side = harness.commit("Aside", (harness.tip(),))
        harness.point(HEADS + "side/one", side)
        for commit, branches, expected in (
            (harness.tip(), ["main"], True),
            (old, ["main"], True),
            (side, ["main"], False),
            (side, ["main", "side/one"], True),
            (side, ["nothing"], False),
            (side, [], True),
        ):
            assert await harness.code.reachable(harness.repository, commit, branches) is expected

    async def test_a_commit_of_a_fork_resolves_and_is_not_reachable(self, harness: Harness) -> None:
        forked = harness.forked()
        assert (await harness.code.resolve(harness.repository, forked)).sha == forked
        assert not await harness.code.reachable(harness.repository, forked, ["main"])
        assert not await harness.code.reachable(harness.repository, forked, [])

    async def test_a_commit_below_a_tag_alone_is_reachable_but_not_through_our_own(
        self, harness: Harness
    ) -> None:
        lonely = harness.commit("Lonely", (harness.tip(),))
        harness.point(f"{TAGS}slipway/{KEY}", lonely)
        assert not await harness.code.reachable(harness.repository, lonely, [])
        harness.point(f"{TAGS}v8", harness.commit("Above", (lonely,)))
        assert await harness.code.reachable(harness.repository, lonely, [])

    async def test_checks_are_of_the_exact_commit_and_carry_their_source(self, harness: Harness) -> None:
        tip, before = harness.tip(), harness.commit("Aside", (harness.tip(),))
        harness.point(HEADS + "aside", before)
        await harness.check(tip, "scan", "scanner", "success")
        await harness.check(tip, "other", "scanner", "success")
        await harness.check(before, "scan", "scanner", "failure")
        await harness.status(tip, "scan", "linus", "success")
        told = (await harness.code.checks(harness.repository, tip, ["scan"])).each
        found = {(each.name, each.source, each.state) for each in told}
        assert found == {
            ("scan", FromApp("scanner"), CheckState.GREEN),
            ("scan", FromAccount("linus"), CheckState.GREEN),
        }
        assert (await harness.code.checks(harness.repository, tip, [])).each == ()

    async def test_the_newest_check_of_a_name_and_source_is_the_last_word(self, harness: Harness) -> None:
        tip = harness.tip()
        for conclusion in ("success", "failure", "pending"):
            await harness.check(tip, "scan", "scanner", conclusion)
            await harness.status(tip, "scan", "linus", conclusion)
            told = (await harness.code.checks(harness.repository, tip, {"scan"})).each
            expected = {
                "success": CheckState.GREEN,
                "failure": CheckState.NOT_GREEN,
                "pending": CheckState.PENDING,
            }
            assert [each.state for each in told] == [expected[conclusion]] * 2

    async def test_silence_is_transient(self, harness: Harness) -> None:
        await harness.go_down()
        with pytest.raises(Transient) as silence:
            await harness.code.resolve(harness.repository, "main")
        assert not isinstance(silence.value, Ambiguous)


class PinsSuite:
    """Pins."""

    async def test_a_pin_is_made_read_and_deleted(self, harness: Harness) -> None:
        pins, repository = harness.pins, harness.repository
        assert await pins.read(repository, KEY) is None
        await pins.create(repository, KEY, harness.tip())
        assert await pins.read(repository, KEY) == harness.tip()
        assert await pins.read(repository, OTHER_KEY) is None
        await pins.delete(repository, KEY)
        assert await pins.read(repository, KEY) is None

    async def test_a_pin_at_the_same_commit_is_adopted(self, harness: Harness) -> None:
        await harness.pins.create(harness.repository, KEY, harness.tip())
        await harness.pins.create(harness.repository, KEY, harness.tip())
        assert await harness.pins.read(harness.repository, KEY) == harness.tip()

    async def test_a_pin_at_another_commit_needs_a_person(self, harness: Harness) -> None:
        other = harness.commit("Other", (harness.tip(),))
        await harness.pins.create(harness.repository, KEY, other)
        with pytest.raises(NeedsHuman, match=KEY):
            await harness.pins.create(harness.repository, KEY, harness.tip())
        assert await harness.pins.read(harness.repository, KEY) == other

    async def test_a_commit_that_is_not_there_cannot_be_pinned(self, harness: Harness) -> None:
        with pytest.raises(NeedsHuman):
            await harness.pins.create(harness.repository, KEY, NOWHERE)

    async def test_deleting_what_is_gone_is_fine(self, harness: Harness) -> None:
        await harness.pins.delete(harness.repository, KEY)
        assert await harness.pins.read(harness.repository, KEY) is None
