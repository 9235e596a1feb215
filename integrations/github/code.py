"""GitHub as the place where the code lives."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from itertools import islice

import github.Repository
from github import GithubException
from github.Comparison import Comparison as ToldComparison

from bot.core.checks import Checks
from bot.core.code import Commit, Comparison, Direction, Repository, ResolvedRef
from bot.core.errors import NeedsHuman
from bot.core.values import Sha, short
from integrations.github import checks, refs
from integrations.github.clients import Clients
from integrations.github.commits import Merges, commit_of
from integrations.github.errors import Call, status_of

# More commits than this are not read: nobody reviews them, and the rules on authors close.
MOST_COMMITS = 1_000
# GitHub lists no more files than this, and does not say whether there were more.
MOST_FILES = 300
# Of so many commits it is asked by which pull request each came; of more, nobody knows who merged them.
MOST_MERGES = 100
# How many branches, and how many tags, are asked one by one whether they contain a commit.
MOST_ASKED = 50
_CONTAINED = frozenset({Direction.BEHIND, Direction.IDENTICAL})


class GitHubCode:
    """Implements `CodeHost`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def repository(self, repository: str) -> Repository:
        return await self._clients.read(
            Call(repository, "read the repository", "metadata: read"), _repository
        )

    async def resolve(self, repository: str, ref: str) -> ResolvedRef:
        call = Call(repository, f"look up {ref!r}")
        return await self._clients.read(call, lambda repo: refs.resolve(repo, repository, ref))

    async def commit(self, repository: str, sha: Sha, *, mergers: bool = False) -> Commit:
        call = Call(repository, f"read the commit {short(sha)}")
        asks = Merges() if mergers else None
        return await self._clients.read(call, lambda repo: commit_of(repo.get_commit(sha), asks))

    async def compare(self, repository: str, base: Sha, head: Sha, *, mergers: bool = False) -> Comparison:
        call = Call(repository, f"compare {short(base)} with {short(head)}")
        return await self._clients.read(call, lambda repo: _compared(repo, base, head, mergers))

    async def reachable(self, repository: str, sha: Sha, branches: Sequence[str]) -> bool:
        """A fork's commit resolves as well, since forks share their objects; only a walk tells them apart."""
        call = Call(repository, f"find {short(sha)} in the branches")
        if branches:
            return await self._clients.read(call, lambda repo: _in_branches(repo, sha, branches))
        return await self._clients.read(call, lambda repo: _anywhere(repo, sha))

    async def checks(self, repository: str, sha: Sha, names: Collection[str]) -> Checks:
        return await checks.read(self._clients, repository, sha, frozenset(names))


def _repository(told: github.Repository.Repository) -> Repository:
    return Repository(
        told.id, told.full_name, told.default_branch, told.html_url, f"{told.html_url}/pull/{{number}}"
    )


def _compared(repo: github.Repository.Repository, base: Sha, head: Sha, mergers: bool) -> Comparison:
    """404 when the two share no history, or when a branch was rewritten and GitHub swept `base` away."""
    try:
        return _comparison(repo.compare(base, head), mergers)
    except GithubException as error:
        if status_of(error) != 404:
            raise
        repo.get_commit(head).complete()  # refused as well: then it is our access that is missing
        return Comparison(Direction.UNRELATED, (), (), 0, truncated=True, url="")


def _comparison(told: ToldComparison, mergers: bool) -> Comparison:
    told.complete()  # so that the first page of commits is not read twice
    asks = Merges() if mergers and told.total_commits <= MOST_MERGES else None
    commits = tuple(commit_of(each, asks) for each in islice(told.commits, MOST_COMMITS))
    files = told.files or []
    # Both names of a file that moved, so that a rule on the old folder still sees it.
    names = (name for each in files for name in (each.filename, each.previous_filename) if name)
    return Comparison(
        direction=Direction(told.status),
        commits=commits,
        paths=tuple(sorted(set(names))),
        total_commits=told.total_commits,
        truncated=told.total_commits > len(commits) or len(files) >= MOST_FILES,
        url=told.html_url,
        behind_by=told.behind_by,
    )


def _in_branches(repo: github.Repository.Repository, sha: Sha, wanted: Sequence[str]) -> bool:
    return any(_contains(repo, head, sha) for head in _heads(repo, wanted))


def _heads(repo: github.Repository.Repository, wanted: Sequence[str]) -> list[str]:
    """The commits at the tips of these branches; a pattern such as `release/*` stands for all that fit."""
    plain = [name for name in wanted if not set(name) & set("*?[")]
    heads = [found for name in plain if (found := refs.ref_sha(repo, refs.HEADS + name))]
    patterns = [name for name in wanted if name not in plain]
    if patterns:
        listed = list(repo.get_branches())
        heads += [
            Sha(each.commit.sha) for each in listed if any(fnmatchcase(each.name, one) for one in patterns)
        ]
    return list(dict.fromkeys(heads))


def _contains(repo: github.Repository.Repository, head: str, sha: Sha) -> bool:
    """Compared with the tip, a commit of the branch is behind it or is the tip itself."""
    if head == sha:
        return True
    try:
        told = repo.compare(head, sha, comparison_commits_per_page=1)
        return Direction(told.status) in _CONTAINED
    except GithubException as error:
        if status_of(error) == 404:  # no common ancestor
            return False
        raise


def _anywhere(repo: github.Repository.Repository, sha: Sha) -> bool:
    """The default branch first, then what is cheap to ask, then branch by branch and tag by tag."""
    default = refs.ref_sha(repo, refs.HEADS + repo.default_branch)
    if default and _contains(repo, default, sha):
        return True
    if repo.get_commit(sha).get_branches_where_head():
        return True
    branches = [each.commit.sha for each in islice(repo.get_branches(), MOST_ASKED + 1)]
    named = (each for each in repo.get_tags() if not each.name.startswith(refs.OUR_TAGS))
    tags = [each.commit.sha for each in islice(named, MOST_ASKED + 1)]
    tips = dict.fromkeys(branches[:MOST_ASKED] + tags[:MOST_ASKED])
    if sha in tips or any(_contains(repo, tip, sha) for tip in tips if tip != default):
        return True
    if len(branches) > MOST_ASKED or len(tags) > MOST_ASKED:
        raise NeedsHuman(
            f"We cannot tell which branch contains {short(sha)}.",
            f"It is not in the default branch, and {repo.full_name} has more branches or tags than we ask.",
            "Name the branches it may come from under `reachable_from` in slipway.yml.",
        )
    return False
