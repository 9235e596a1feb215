"""Makes the world of GitHub out of the histories."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from importlib import resources

from bot.playground.github.company.histories import MAIN, PROJECTS, Change, Project
from bot.playground.github.company.people import (
    ADA,
    APP_LOGIN,
    GRACE,
    LINUS,
    MARGARET,
    TOKEN_LOGIN,
    Person,
    empty_world,
)
from bot.playground.github.company.systems import MARKETPLACE, TASKFLOW_BACKEND
from bot.playground.github.git import HEADS, TAGS, Commit, Signature
from bot.playground.github.model import Environment, PullRequest
from bot.playground.github.workflow_file import FOLDER
from bot.playground.github.world import Repository, World

Company = Callable[[datetime], World]
"""All there is of an organisation, as it stands at that time."""
GUARDED = (("main", "branch"), ("v*", "tag"), ("slipway/*", "tag"))
WEB_FLOW = ("GitHub", "noreply@github.com", "web-flow")
PULL_AGE = timedelta(hours=5)


def acme(now: datetime) -> World:
    """The whole company as it stands now."""
    return filled(empty_world(), PROJECTS, now)


def taskflow(now: datetime) -> World:
    """A team that rolls back by a workflow of its own."""
    world = empty_world("taskflow", "TaskFlow", {"operators": (ADA, MARGARET)})
    return filled(world, (TASKFLOW_BACKEND,), now)


def marketplace(now: datetime) -> World:
    """A team that rolls back by its deploy workflow, with backups and a database that others look after."""
    teams = {"release-managers": (ADA, MARGARET), "database": (GRACE, LINUS)}
    return filled(empty_world("ca-marketplace", "CA Marketplace", teams), (MARKETPLACE,), now)


def filled(world: World, projects: Iterable[Project], now: datetime) -> World:
    """With these repositories, as they stand now."""
    for project in projects:
        repo = _repository(world, project, now)
        for change in project.changes:
            _apply(world, repo, project, change, now)
        _outsiders_commit(repo, now)
        world.sync_workflows(repo, repo.created_at)
        for name in project.environments:
            policies = GUARDED if name == "production" else ()
            number = world.number("environment") * 100
            repo.environments[name] = Environment(number, name, repo.created_at, policies)
    return world


def _repository(world: World, project: Project, now: datetime) -> Repository:
    oldest = max(change.hours for change in project.changes)
    repo = Repository(
        world.number("repository"),
        world.organization,
        project.name,
        project.description,
        now - timedelta(hours=oldest),
        language=project.language,
        roles={**project.roles, TOKEN_LOGIN: "write", APP_LOGIN: "write"},
    )
    world.repositories[repo.id] = repo
    return repo


def _apply(world: World, repo: Repository, project: Project, change: Change, now: datetime) -> None:
    git, when = repo.git, now - timedelta(hours=change.hours)
    tip = git.refs.get(HEADS + change.branch) or git.refs.get(HEADS + MAIN)
    files: dict[str, str | None] = {path: f"{path}: {change.message}\n" for path in change.files}
    sizes = dict(change.files)
    if tip is None:
        files |= {FOLDER + name: workflow_text(name) for name in project.workflows}
    author = signature(change.author, when)
    made = git.commit(
        message=_message(change),
        author=author,
        committer=Signature(WEB_FLOW[0], WEB_FLOW[1], when, WEB_FLOW[2]) if change.pull else author,
        parents=(tip,) if tip else (),
        files=files,
        sizes=sizes,
        signed=bool(change.pull),
    )
    git.refs[HEADS + change.branch] = made.sha
    if change.pull:
        repo.pulls.append(_pull(world, change, made, when))
    if change.tag and change.tag_note:
        git.tag(change.tag, made.sha, change.tag_note, author)
    elif change.tag:
        git.refs[TAGS + change.tag] = made.sha


def signature(person: Person, when: datetime) -> Signature:
    return Signature(person.name, person.email, when, person.login)


def workflow_text(name: str) -> str:
    """A workflow file of the company."""
    return (resources.files(__package__) / "workflows" / name).read_text(encoding="utf-8")


def _message(change: Change) -> str:
    title = f"{change.message} (#{change.pull})" if change.pull else change.message
    if change.with_author is None:
        return title
    return f"{title}\n\nCo-authored-by: {change.with_author.name} <{change.with_author.email}>"


def _pull(world: World, change: Change, made: Commit, when: datetime) -> PullRequest:
    words = change.message.lower().split()[:3]
    return PullRequest(
        id=world.number("pull"),
        number=change.pull or 0,
        title=change.message,
        author=world.users[change.author.login],
        head_ref="-".join(words),
        head_sha=made.sha[::-1],
        base_ref=MAIN,
        base_sha=made.parents[0] if made.parents else made.sha,
        merge_sha=made.sha,
        created_at=when - PULL_AGE,
        merged_at=when,
        merged_by=world.users[change.author.login],
    )


def _outsiders_commit(repo: Repository, now: datetime) -> None:
    """A commit in somebody's fork: it can be read here, but no branch or tag of ours leads to it."""
    who = Signature("Mallory", "mallory@example.net", now - timedelta(hours=30))
    base = repo.git.refs[HEADS + MAIN]
    repo.git.commit(message="Print the environment", author=who, parents=(base,), files={"debug.sh": "env\n"})


def forked_commit(repo: Repository) -> str:
    """The SHA of the commit that only a fork has."""
    own = repo.git.reachable(*(repo.git.peel(sha) for sha in repo.git.refs.values()))
    return next(sha for sha in repo.git.commits if sha not in own)
