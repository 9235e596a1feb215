"""The pages that links lead people to: plain, but about the right thing."""

from __future__ import annotations

from html import escape

from aiohttp import web

from bot.playground.github.http import maybe_stamp, not_found
from bot.playground.github.model import Approval, Door, Job, Run
from bot.playground.github.names import Guard, Status
from bot.playground.github.site import Site
from bot.playground.github.world import Repository

STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem}small,dt{opacity:.7}li{margin:.15rem 0}section{border:1px solid #8884;border-radius:8px;
padding:.6rem 1rem;margin:.8rem 0}pre{overflow:auto;font-size:.8rem}code{font-size:.9em}
"""
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"}
MARKS = {"success": "✓", "failure": "✗", "cancelled": "⊘", "skipped": "–", None: "…"}
RECENT = 20


class Pages:
    """Pages of repositories, commits and runs."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def install(self, app: web.Application) -> None:
        app.router.add_get("/{owner}/{repo}/actions/runs/{run}", self.run)
        app.router.add_get("/{owner}/{repo}/actions/runs/{run}/job/{job}", self.run)
        app.router.add_get("/{owner}/{repo}/commit/{sha}", self.commit)
        app.router.add_get("/{owner}/{repo}", self.repository)
        app.router.add_get("/{owner}/{repo}/{rest:.*}", self.repository)

    async def repository(self, request: web.Request) -> web.StreamResponse:
        repo = self._repo(request)
        tip = repo.git.ref_commit(repo.head)
        commits = repo.git.history(tip.sha)[:RECENT] if tip else []
        rows = "".join(
            f'<li><a href="/{repo.full_name}/commit/{c.sha}"><code>{c.sha[:7]}</code></a> '
            f"{escape(c.message.partition(chr(10))[0])} <small>{escape(c.author.name)}</small></li>"
            for c in commits
        )
        runs = "".join(_run_row(repo, run) for run in list(repo.runs.values())[: -RECENT - 1 : -1])
        return page(
            repo.full_name,
            f"<p>{escape(repo.description)}</p><h2>Runs</h2><ul>{runs}</ul><h2>{repo.default_branch}</h2><ul>{rows}</ul>",
        )

    async def commit(self, request: web.Request) -> web.StreamResponse:
        repo = self._repo(request)
        found = repo.git.resolve(request.match_info["sha"])
        if found is None:
            raise not_found()
        files = "".join(
            f"<li><code>{escape(c.path)}</code> +{c.additions} −{c.deletions}</li>" for c in found.changes
        )
        who, when = escape(found.author.name), maybe_stamp(found.author.date)
        head = f"<p><code>{found.sha}</code><br>{who}, {when}</p>"
        return page(
            found.message.partition("\n")[0], f"{head}<pre>{escape(found.message)}</pre><ul>{files}</ul>"
        )

    async def run(self, request: web.Request) -> web.StreamResponse:
        repo, wanted = self._repo(request), request.match_info["run"]
        run = repo.runs.get(int(wanted)) if wanted.isdigit() else None
        if run is None:
            raise not_found()
        now = run.latest
        head = (
            f"<p>{MARKS.get(now.conclusion, '?')} {now.status} {now.conclusion or ''}, "
            f"attempt {now.number}, by {escape(now.actor.login)} "
            f"on <code>{escape(run.head_branch)}</code> at "
            f'<a href="/{repo.full_name}/commit/{run.head_sha}"><code>{run.head_sha[:7]}</code></a></p>'
        )
        again = "" if now.status is Status.COMPLETED else '<meta http-equiv="refresh" content="1">'
        reviews = "".join(_review_row(one) for one in run.approvals)
        reviews = f"<h2>Reviews</h2><ul>{reviews}</ul>" if reviews else ""
        doors = {door.job.id: door for door in run.doors}
        jobs = "".join(_job_section(job, doors.get(job.id)) for job in now.listed)
        return page(run.title, head + jobs + reviews, again)

    def _repo(self, request: web.Request) -> Repository:
        found = self._site.world.repository(f"{request.match_info['owner']}/{request.match_info['repo']}")
        if found is None:
            raise not_found()
        return found


def _run_row(repo: Repository, run: Run) -> str:
    mark = MARKS.get(run.latest.conclusion, "?")
    link = f'<a href="/{repo.full_name}/actions/runs/{run.id}">{escape(run.title)}</a>'
    return f"<li>{mark} {link} <small>{run.trigger}</small></li>"


def _review_row(one: Approval) -> str:
    said = f"{escape(one.environment)}: {one.state} by {escape(one.user.login)}"
    return f"<li>{said} <small>{escape(one.comment)}</small></li>"


def _awaited(door: Door | None) -> str:
    """Whose answer the job still waits for."""
    if door is None or door.verdict is not None:
        return ""
    names = {Guard.REVIEWERS: ", ".join(door.environment.reviewers), Guard.RULE: "a protection rule"}
    waits = " and ".join(escape(names[guard]) for guard in door.open)
    return f"<p>Waits for {waits} to let it into {escape(door.environment.name)}.</p>"


def _job_section(job: Job, door: Door | None) -> str:
    steps = "".join(f"<li>{MARKS.get(s.conclusion, '?')} {escape(s.name)}</li>" for s in job.steps)
    log = (
        f"<details><summary>Log</summary><pre>{escape(chr(10).join(job.log))}</pre></details>"
        if job.log
        else ""
    )
    head = f"<b>{MARKS.get(job.conclusion, '?')} {escape(job.name)}</b> <small>{job.status}</small>"
    waits = _awaited(door) if job.status is Status.WAITING else ""
    return f"<section>{head}{waits}<ul>{steps}</ul>{log}</section>"


def page(title: str, body: str, more_head: str = "") -> web.Response:
    """A page in the look of this GitHub; `body` is HTML already."""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width">{more_head}<style>{STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    return web.Response(text=text, content_type="text/html", headers=HEADERS)
