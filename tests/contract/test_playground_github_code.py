"""Code at the GitHub stand-in, through the real client: references, commits, comparisons, checks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.playground.github import ActName, GitHubStandIn
from bot.playground.github.company.build import forked_commit
from bot.playground.github.git import Signature
from bot.playground.github.world import Repository as StoredRepository
from tests.contract.playground_github import act, in_thread, refused, repository, running

MAIN = "refs/heads/main"


def stored(stand_in: GitHubStandIn) -> StoredRepository:
    found = stand_in.world.repository("acme/api")
    assert found is not None
    return found


def grow(stand_in: GitHubStandIn, commits: int, files: int = 1) -> str:
    """Put commits on the main branch without telling anybody; answers with the commit before them."""
    repo, now = stored(stand_in), stand_in.site.clock.now()
    base = tip = repo.git.refs[MAIN]
    for number in range(commits):
        author = Signature("Ada Byron", "ada@acme.example", now + timedelta(seconds=number), "ada")
        changed = {f"src/{number}/{n}.py": "pass\n" for n in range(files)}
        tip = repo.git.commit(message=f"Step {number}", author=author, parents=(tip,), files=changed).sha
    repo.git.refs[MAIN] = tip
    return base


async def test_a_tag_can_be_made_once_read_and_deleted_once() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        sha = (await in_thread(lambda: repo.get_commit("v1.4.1"))).sha
        name = "refs/tags/slipway/slw-7-abcdefghij"
        made = await in_thread(lambda: repo.create_git_ref(name, sha))
        again = await refused(lambda: repo.create_git_ref(name, sha))
        read = await in_thread(lambda: repo.get_git_ref("tags/slipway/slw-7-abcdefghij"))
        near = await in_thread(lambda: [r.ref for r in repo.get_git_matching_refs("tags/slipway/")])
        assert (made.ref, made.object.type, read.object.sha, near) == (name, "commit", sha, [name])
        assert (again.status, again.data["message"]) == (422, "Reference already exists")
        await in_thread(made.delete)
        gone = await refused(made.delete)
        missing = await refused(lambda: repo.get_git_ref("tags/slipway/slw-7-abcdefghij").object)
        assert (gone.status, gone.data["message"]) == (422, "Reference does not exist")
        assert missing.status == 404


@pytest.mark.parametrize(
    ("name", "sha", "words"),
    [
        ("refs/tags/x", "f" * 40, "Object does not exist"),
        ("refs/tags/a..b", None, "refs/tags/a..b is not a valid ref name."),
        ("tags/x", None, "Reference name must start with"),
        ("refs/tags/x", "abc", "The sha parameter must be exactly 40 characters"),
    ],
)
async def test_a_senseless_reference_is_refused(name: str, sha: str | None, words: str) -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        target = sha or stored(stand_in).git.refs[MAIN]
        error = await refused(lambda: repo.create_git_ref(name, target))
    assert error.status == 422
    assert error.data["message"].startswith(words)


async def test_a_branch_only_moves_forward_unless_it_is_forced() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        old = (await in_thread(lambda: repo.get_commit("v1.4.1"))).sha
        branch = await in_thread(lambda: repo.get_git_ref("heads/main"))
        error = await refused(lambda: branch.edit(old))
        assert (error.status, error.data["message"]) == (422, "Update is not a fast forward")
        await in_thread(lambda: branch.edit(old, force=True))
        assert (await in_thread(lambda: repo.get_branch("main"))).commit.sha == old


async def test_an_annotated_tag_leads_over_its_own_object_to_the_commit() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        ref = await in_thread(lambda: repo.get_git_ref("tags/v1.5.0"))
        tag = await in_thread(lambda: repo.get_git_tag(ref.object.sha))
        commit = await in_thread(lambda: repo.get_commit("v1.5.0"))
        assert ref.object.type == "tag"
        assert (tag.tag, tag.object.type, tag.object.sha) == ("v1.5.0", "commit", commit.sha)


@pytest.mark.parametrize(
    "name", ["feature/refund-webhooks", "heads/feature/refund-webhooks", "tags/v1.3.0", "v1.3.0"]
)
async def test_a_commit_is_found_by_every_name_it_has(name: str) -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        full = f"refs/{name}" if name.startswith(("heads/", "tags/")) else None
        expected = stored(stand_in).git.resolve(full or name)
        assert expected is not None
        found = await in_thread(lambda: repo.get_commit(name))
        short = await in_thread(lambda: repo.get_commit(expected.sha[:7]))
    assert found.sha == short.sha == expected.sha


async def test_an_unknown_commit_is_unprocessable_and_an_unknown_branch_not_found() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        commit = await refused(lambda: repo.get_commit("deadbeef"))
        branch = await refused(lambda: repo.get_branch("nowhere"))
    assert (commit.status, commit.data["message"]) == (422, "No commit found for SHA: deadbeef")
    assert (branch.status, branch.data["message"]) == (404, "Branch not found")


async def test_a_commit_names_its_author_its_co_authors_and_its_files() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        whole = next(
            c for c in stored(stand_in).git.commits.values() if c.message.startswith("Store refunds")
        )
        told = await in_thread(lambda: repo.get_commit(whole.sha))
        pulls = await in_thread(lambda: list(told.get_pulls()))
    assert (told.author.login, told.committer.login) == ("grace", "web-flow")
    assert "Co-authored-by: Margaret Heath <margaret@acme.example>" in told.commit.message
    assert [file.filename for file in told.files] == ["db/migrations/0042_refunds.sql", "src/refunds.py"]
    assert [(pull.number, pull.user.login, pull.merge_commit_sha) for pull in pulls] == [
        (211, "grace", whole.sha)
    ]


async def test_a_forks_commit_can_be_read_but_nothing_of_ours_leads_to_it() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        sha = forked_commit(stored(stand_in))
        commit = await in_thread(lambda: repo.get_commit(sha))
        compared = await in_thread(lambda: repo.compare("main", sha))
        heads = await in_thread(lambda: list(commit.get_branches_where_head()))
    assert commit.raw_data["author"] is None
    assert (compared.status, heads) == ("ahead", [])


async def test_a_comparison_says_how_two_commits_lie_to_each_other() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)

        async def status(base: str, head: str) -> tuple[str, int, int]:
            found = await in_thread(lambda: repo.compare(base, head))
            return found.status, found.ahead_by, found.behind_by

        assert await status("main", "main") == ("identical", 0, 0)
        assert await status("v1.4.1", "v1.5.0") == ("ahead", 2, 0)
        assert await status("v1.5.0", "v1.4.1") == ("behind", 0, 2)
        await act(stand_in, ActName.FORCE_PUSH, branch="hotfix/currency")
        await act(stand_in, ActName.ADD_COMMIT)
        assert await status("main", "hotfix/currency") == ("diverged", 1, 1)
        missing = await refused(lambda: repo.compare("main", "nowhere"))
        assert missing.status == 404


async def test_a_long_comparison_shows_250_commits_and_300_files_and_tells_the_whole_number() -> None:
    async with running() as stand_in:
        base = grow(stand_in, commits=260, files=2)
        repo = await repository(stand_in)
        url = f"{repo.url}/compare/{base}...main"
        _, whole = await in_thread(lambda: repo.requester.requestJsonAndCheck("GET", url))
        paged = await in_thread(lambda: repo.compare(base, "main", comparison_commits_per_page=100))
        commits = await in_thread(lambda: [c.sha for c in paged.commits])
    assert (whole["total_commits"], len(whole["commits"]), len(whole["files"])) == (260, 250, 300)
    assert len(commits) == len(set(commits)) == 260
    assert whole["commits"][0]["sha"] == commits[0]


async def test_a_file_is_read_as_it_stood_at_a_reference() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        path = ".github/workflows/deploy.yml"
        await act(stand_in, ActName.ADD_COMMIT, files={path: "name: Other\n"})
        now = await in_thread(lambda: repo.get_contents(path))
        then = await in_thread(lambda: repo.get_contents(path, ref="v1.5.0"))
        names = await in_thread(lambda: repo.get_contents(".github/workflows"))
        missing = await refused(lambda: repo.get_contents("no/such.yml"))
    assert not isinstance(now, list) and not isinstance(then, list) and isinstance(names, list)
    assert now.decoded_content == b"name: Other\n"
    assert b"run-name: Deploy ${{ inputs.version }}" in then.decoded_content
    assert "deploy.yml" in {file.name for file in names}
    assert missing.status == 404


async def test_checks_tell_which_app_they_are_from() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        told = await act(stand_in, ActName.ADD_CHECK, name="test", app="helpful-bot", conclusion="failure")
        await act(stand_in, ActName.ADD_STATUS, context="ci/legacy", state="pending")
        commit = await in_thread(lambda: repo.get_commit(told["sha"]))
        runs = await in_thread(lambda: [(r.name, r.app.slug, r.conclusion) for r in commit.get_check_runs()])
        state = await in_thread(commit.get_combined_status)
    assert ("test", "helpful-bot", "failure") in runs
    assert {(name, "github-actions", "success") for name in ("lint", "test", "security-scan")} <= set(runs)
    assert (state.state, [one.context for one in state.statuses]) == ("pending", ["ci/legacy"])


async def test_permissions_and_teams_are_told() -> None:
    async with running() as stand_in:
        repo = await repository(stand_in)
        logins = ("ada", "grace", "linus", "dependabot[bot]")
        roles = await in_thread(lambda: {login: repo.get_collaborator_permission(login) for login in logins})
        stranger = await refused(lambda: repo.get_collaborator_permission("nobody"))
    assert roles == {"ada": "admin", "grace": "write", "linus": "write", "dependabot[bot]": "none"}
    assert stranger.status == 404
