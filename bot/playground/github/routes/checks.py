"""Check runs, check suites and commit statuses of one commit."""

from __future__ import annotations

from aiohttp import web

from bot.playground.github.http import Json, Route, answer, body_of, invalid, listed, needed
from bot.playground.github.model import CommitStatus
from bot.playground.github.names import Where
from bot.playground.github.routes.base import REPO, Area, number, text
from bot.playground.github.shapes import actions, repos
from bot.playground.github.world import Repository

MOST_SUITES = 1_000  # the newest of a commit, whose check runs GitHub lists
STATES = ("error", "failure", "pending", "success")


def _wanted(request: web.Request, rows: list[Json]) -> list[Json]:
    """The check runs that fit what was asked, the newest first."""
    rows.sort(key=lambda row: int(row["id"]), reverse=True)
    query = request.query
    if query.get("filter", "latest") == "latest":
        rows = _latest(rows)
    return [
        row
        for row in rows
        if query.get("check_name", row["name"]) == row["name"]
        and query.get("status", row["status"]) == row["status"]
        and query.get("app_id", str(row["app"]["id"])) == str(row["app"]["id"])
    ]


def _latest(rows: list[Json]) -> list[Json]:
    """In each suite the newest of a name hides those before it, whoever made it; the newest come first."""
    found: dict[tuple[int, str], Json] = {}
    for row in rows:
        found.setdefault((row["check_suite"]["id"], row["name"]), row)
    return list(found.values())


class CheckArea(Area):
    """What has been found out about a commit."""

    def routes(self) -> list[Route]:
        one = REPO + "/commits/{ref:.+?}"
        return [
            Route("GET", one + "/check-runs", Where.CHECK_RUNS, self.check_runs),
            Route("GET", one + "/check-suites", Where.CHECK_SUITES, self.check_suites),
            Route("GET", REPO + "/check-suites/{suite}", Where.CHECK_SUITES, self.check_suite),
            Route("GET", REPO + "/check-suites/{suite}/check-runs", Where.CHECK_RUNS, self.runs_of_suite),
            Route("GET", one + "/status", Where.STATUS, self.combined),
            Route("GET", one + "/statuses", Where.STATUSES, self.statuses),
            Route("POST", REPO + "/statuses/{sha}", Where.STATUS_CREATE, self.create_status),
        ]

    async def check_runs(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        rows = self._rows(repo, self.commit(repo, request.match_info["ref"]).sha)
        shown = set(sorted({row["check_suite"]["id"] for row in rows})[-MOST_SUITES:])
        rows = _wanted(request, [row for row in rows if row["check_suite"]["id"] in shown])
        return listed(request, rows, lambda row: row, "check_runs")

    async def runs_of_suite(self, request: web.Request) -> web.StreamResponse:
        repo, suite = self.repo(request), number(request, "suite")
        rows = [row for row in self._rows(repo) if row["check_suite"]["id"] == suite]
        return listed(request, _wanted(request, rows), lambda row: row, "check_runs")

    def _rows(self, repo: Repository, sha: str | None = None) -> list[Json]:
        others = [one for one in repo.checks if sha in (None, one.sha)]
        return self._of_jobs(repo, sha) + [
            actions.check_of_other(self.urls, self.world, repo, one) for one in others
        ]

    def _of_jobs(self, repo: Repository, sha: str | None) -> list[Json]:
        """The check runs of all attempts."""
        return [
            actions.check_of_job(self.urls, self.world, repo, run, job)
            for run in repo.runs.values()
            if sha in (None, run.head_sha)
            for attempt in run.attempts
            for job in attempt.listed
        ]

    async def check_suites(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        sha = self.commit(repo, request.match_info["ref"]).sha
        urls, world, query = self.urls, self.world, request.query
        runs = [run for run in repo.runs.values() if run.head_sha == sha]
        own = {run.check_suite_id for run in runs}
        rows = [actions.check_suite(urls, world, repo, run) for run in runs]
        rows += [
            actions.suite_of_other(urls, world, repo, one)
            for one in {one.suite_id: one for one in repo.checks if one.sha == sha}.values()
            if one.suite_id not in own
        ]
        if "check_name" in query:
            having = {
                r["check_suite"]["id"] for r in self._rows(repo, sha) if r["name"] == query["check_name"]
            }
            rows = [row for row in rows if row["id"] in having]
        rows = [row for row in rows if query.get("app_id", str(row["app"]["id"])) == str(row["app"]["id"])]
        return listed(request, rows, lambda row: row, "check_suites")

    async def check_suite(self, request: web.Request) -> web.StreamResponse:
        repo, wanted = self.repo(request), request.match_info["suite"]
        run = next((r for r in repo.runs.values() if str(r.check_suite_id) == wanted), None)
        if run is None:
            raise invalid("No check suite found")
        return answer(actions.check_suite(self.urls, self.world, repo, run))

    async def combined(self, request: web.Request) -> web.StreamResponse:
        """The newest status of each context; their worst is the state, and none at all is pending."""
        repo = self.repo(request)
        sha = self.commit(repo, request.match_info["ref"]).sha
        newest = {one.context: one for one in repo.statuses if one.sha == sha}
        states = {one.state for one in newest.values()}
        state = (
            "failure" if states & {"error", "failure"} else "success" if states == {"success"} else "pending"
        )
        me = f"{self.urls.repo(repo.full_name)}/commits/{sha}"
        return answer(
            {
                "state": state,
                "statuses": [self._simple(repo, one) for one in newest.values()],
                "sha": sha,
                "total_count": len(newest),
                "repository": repos.minimal(self.urls, repo),
                "commit_url": me,
                "url": f"{me}/status",
            }
        )

    def _simple(self, repo: Repository, one: CommitStatus) -> Json:
        """Without its creator: the combined answer does not tell who said so."""
        return {k: v for k, v in actions.commit_status(self.urls, repo, one).items() if k != "creator"}

    async def statuses(self, request: web.Request) -> web.StreamResponse:
        repo = self.repo(request)
        sha = self.commit(repo, request.match_info["ref"]).sha
        rows = [one for one in reversed(repo.statuses) if one.sha == sha]
        return listed(request, rows, lambda one: actions.commit_status(self.urls, repo, one))

    async def create_status(self, request: web.Request) -> web.StreamResponse:
        repo, body = self.repo(request), await body_of(request)
        sha, state = self.commit(repo, request.match_info["sha"]).sha, needed(body, "state")
        if state not in STATES:
            raise invalid("Validation Failed")
        made = CommitStatus(
            self.world.number("status"),
            sha,
            text(body, "context", "default"),
            state,
            text(body, "description"),
            text(body, "target_url"),
            self.principal(request).user,
            self.site.clock.now(),
        )
        repo.statuses.append(made)
        self.parts.events.status(repo, made)
        self.site.note_change()
        return answer(actions.commit_status(self.urls, repo, made), 201)
