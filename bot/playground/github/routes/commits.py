"""Commits and comparisons."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from bot.playground.github.http import Json, Refusal, Route, answer, listed, not_found, page_of, stamp
from bot.playground.github.model import PullRequest
from bot.playground.github.names import Where
from bot.playground.github.routes.base import REPO, Area
from bot.playground.github.shapes import commits, people, pulls
from bot.playground.github.world import Repository

MOST_COMMITS, MOST_FILES = 250, 300


class CommitArea(Area):
    """The history. Listed last: a commit's own path would take those of all other calls on one."""

    def routes(self) -> list[Route]:
        one = REPO + "/commits/{ref:.+?}"
        return [
            Route("GET", REPO + "/commits", Where.COMMITS_LIST, self.history),
            Route("GET", one + "/branches-where-head", Where.COMMIT_BRANCHES, self.branches),
            Route("GET", one + "/pulls", Where.COMMIT_PULLS, self.pulls),
            Route("GET", REPO + "/pulls/{number:[0-9]+}", Where.PULL, self.pull),
            Route("GET", REPO + "/compare/{basehead:.+}", Where.COMPARE, self.compare),
            Route("GET", REPO + "/git/commits/{sha}", Where.COMMIT, self.git_commit),
            Route("GET", REPO + "/commits/{ref:.+}", Where.COMMIT, self.commit_by_name),
        ]

    async def history(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        name = request.query.get("sha") or repo.default_branch
        start = repo.git.resolve(name)
        if start is None:
            raise not_found()
        rows = repo.git.history(start.sha)
        author, path = request.query.get("author"), request.query.get("path")
        rows = [
            c
            for c in rows
            if author in (None, c.author.login, c.author.email)
            and (path is None or any(f.path == path or f.path.startswith(path + "/") for f in c.changes))
            and request.query.get("since", "")
            <= stamp(c.committer.date)
            <= request.query.get("until", "9999")
        ]
        return listed(request, rows, lambda c: commits.commit(self.urls, self.world, repo, c))

    async def commit_by_name(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        found = self.commit(repo, request.match_info["ref"])
        if request.headers.get("Accept", "").endswith("sha"):
            return web.Response(text=found.sha, content_type="application/vnd.github.sha")
        some, headers = page_of(request, found.changes, MOST_FILES)
        if "per_page" not in request.query:
            some, headers = list(found.changes[:MOST_FILES]), {}
        return answer(commits.commit_with_files(self.urls, self.world, repo, found, some), headers=headers)

    async def git_commit(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        found = repo.git.commits.get(request.match_info["sha"])
        if found is None:
            raise not_found()
        whole = commits.commit(self.urls, self.world, repo, found)
        inner = {k: v for k, v in whole["commit"].items() if k != "comment_count"}
        kept = {k: whole[k] for k in ("sha", "node_id", "html_url", "parents")}
        return answer({**inner, **kept})

    async def branches(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        found = self.commit(repo, request.match_info["ref"])

        def shape(name: str) -> Json:
            short = commits.branch_short(self.urls, repo, name, found.sha)
            return {key: short[key] for key in ("name", "commit", "protected")}

        return listed(request, repo.git.branches_at(found.sha), shape)

    async def pulls(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        found = self.commit(repo, request.match_info["ref"])
        rows = [p for p in repo.pulls if found.sha in (p.merge_sha, p.head_sha)]
        return listed(request, rows, lambda p: self._pull(repo, p))

    async def pull(self, request: web.Request) -> web.StreamResponse:
        """The whole of one: a list does not tell who merged it."""
        repo, number = self.repo(request), int(request.match_info["number"])
        found = next((each for each in repo.pulls if each.number == number), None)
        if found is None:
            raise not_found()
        return answer(pulls.whole(self.urls, self._pull(repo, found), found))

    def _pull(self, repo: Repository, pull: PullRequest) -> Json:
        return pulls.pull(self.urls, repo, pull, people.user(self.urls, repo.owner))

    async def compare(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        left, dots, right = request.match_info["basehead"].partition("...")
        base, head = repo.git.resolve(left), repo.git.resolve(right.rpartition(":")[2])
        if not dots or base is None or head is None:
            raise not_found()
        found = repo.git.compare(base.sha, head.sha)
        if found is None:
            raise Refusal(404, f"No common ancestor between {left} and {right}.")
        paged = "page" in request.query or "per_page" in request.query
        shown, headers = page_of(request, found.ahead) if paged else (list(found.ahead[:MOST_COMMITS]), {})
        files = found.files[:MOST_FILES] if request.query.get("page", "1") == "1" else ()
        names = (base.sha, head.sha)
        cut = replace(found, files=files)
        return answer(commits.comparison(self.urls, self.world, repo, names, cut, shown), headers=headers)
