"""What `slipway doctor` says about GitHub: looked at once and in order, each with what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from github.Repository import Repository

from bot.core.errors import NeedsHuman, SlipwayError
from bot.core.findings import Finding, Grade, fail, ok, warn
from integrations.github import workflow_files
from integrations.github.clients import Clients
from integrations.github.errors import Call
from integrations.github.gates import look_up
from integrations.github.refs import OUR_TAGS, TAGS
from integrations.github.teams import NEEDS, GitHubTeams
from integrations.github.ways_around import EXAMPLE_TAG, FOLDER, Target, decoded, ways_around
from integrations.github.workflow_files import WorkflowFile

LOW = 0.1  # of the hourly limit
READ = "metadata: read"


async def check(clients: Clients, targets: Sequence[Target], teams: Collection[str]) -> tuple[Finding, ...]:
    """Everything, in the order in which it should be mended; unusable credentials end it at once."""
    findings: list[Finding] = []
    if not targets:
        return (warn("No service of the catalog runs at GitHub.", "Name one, or leave GITHUB_TOKEN out."),)
    found = await _ask(
        clients, targets[0].repository, lambda repo: list(_credentials(clients, repo, targets))
    )
    if any(each.grade is Grade.FAIL for each in found):
        return tuple(found)
    findings += found
    for name in dict.fromkeys(each.repository for each in targets):
        mine = [each for each in targets if each.repository == name]
        findings += await _ask(
            clients, name, partial(_repository_findings, targets=mine, app=clients.access.app_id)
        )
    return (*findings, *[await _team(GitHubTeams(clients), each) for each in sorted(teams)])


async def _team(teams: GitHubTeams, team: str) -> Finding:
    """What can't be read closes whatever waits for its members."""
    try:
        members = await teams.members(team)
    except SlipwayError as error:
        what = f"Nobody can read who is in the team {team}, so nobody counts as a member of it. {error}"
        return fail(what, f"Look at the name in slipway.yml, and give the credentials {NEEDS}.")
    return ok(f"The team {team} can be read: {len(members)} accounts.")


async def _ask(
    clients: Clients, repository: str, work: Callable[[Repository], list[Finding]]
) -> list[Finding]:
    try:
        return await clients.read(Call(repository, f"look at {repository}", READ), work)
    except NeedsHuman as error:
        return [fail(" ".join((error.what, error.why)).strip(), error.next)]
    except SlipwayError as error:
        return [fail(str(error), "Check GITHUB_API_URL and the network, then run `slipway doctor` again.")]


def _credentials(clients: Clients, repo: Repository, targets: Sequence[Target]) -> Iterator[Finding]:
    yield ok(f"GitHub knows us as {clients.login(repo)}.")
    headers, _ = repo.requester.requestJsonAndCheck("GET", "/rate_limit")
    scopes = {scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")} - {""}
    if scopes and "repo" not in scopes:
        yield fail("The token lacks the scope repo.", "Give it the scope repo, or use a fine-grained token.")
    yield from _permissions(clients.access.permissions(repo.full_name), targets)
    yield _rate_limit(repo)


def _permissions(granted: dict[str, str], targets: Sequence[Target]) -> Iterator[Finding]:
    """An App is told what it may; a fine-grained token is not, and shows it at the first refusal."""
    if not granted:
        return
    needed = ("contents", "actions", *(["deployments"] if any(each.waits for each in targets) else []))
    for name in needed:
        if granted.get(name) != "write":
            yield fail(
                f"The GitHub App lacks the permission {name}: write.", "Grant it in the App's settings."
            )
    if any(each.guarded for each in targets) and "deployments" not in granted:
        yield warn(
            "The GitHub App lacks the permission deployments: read, and can't see what others deploy.",
            "Grant it in the App's settings; with write, it can answer gates as well.",
        )


def _rate_limit(repo: Repository) -> Finding:
    core = repo.requester.requestJsonAndCheck("GET", "/rate_limit")[1]["resources"]["core"]
    told = f"{core['remaining']} of {core['limit']} calls are left this hour."
    if core["remaining"] < LOW * core["limit"]:
        return warn(told, "Find out what else uses this token, or use a GitHub App of our own.")
    return ok(told)


def _repository_findings(repo: Repository, targets: Sequence[Target], app: str) -> list[Finding]:
    return list(_repository(repo, targets, app))


def _repository(repo: Repository, targets: Sequence[Target], app: str) -> Iterator[Finding]:
    asked = targets[0].repository
    told = repo.complete()
    if told.full_name.lower() != asked.lower():
        yield fail(f"{asked} is called {told.full_name} now.", "Put the new name into slipway.yml.")
        return
    if told.archived:
        yield fail(f"{asked} is archived.", "Unarchive it, or take it out of slipway.yml.")
        return
    if told.permissions and not told.permissions.push:
        yield fail(f"We may only read {asked}.", "Give the token contents: write and actions: write there.")
    yield ok(f"{asked} can be read.")
    files = _files(repo)
    for workflow in dict.fromkeys(each.workflow for each in targets):
        sent = [each for each in targets if each.workflow == workflow]
        yield from _workflow(repo, workflow, files.get(workflow), sent)
    if any(each.pinned and not each.pushes for each in targets):
        yield from _tag_hits(asked, files)
    for tag in dict.fromkeys(each.tag for each in targets if each.pinned):
        yield from _rulesets(repo, asked, tag)
    yield from ways_around(repo, targets, app)


def _files(repo: Repository) -> dict[str, WorkflowFile | None]:
    """The workflow files of the default branch by name; None for one that cannot be read."""
    listed = look_up(repo, f"/contents/{FOLDER.rstrip('/')}") or []
    names = [str(each["name"]) for each in listed if str(each["name"]).endswith((".yml", ".yaml"))]
    told = {
        name: repo.requester.requestJsonAndCheck("GET", f"{repo.url}/contents/{FOLDER}{name}")[1]
        for name in names
    }
    return {name: workflow_files.parse(decoded(each)) for name, each in told.items()}


def _workflow(
    repo: Repository, name: str, file: WorkflowFile | None, targets: Sequence[Target]
) -> Iterator[Finding]:
    where = f"{name} in {targets[0].repository}"
    told = look_up(repo, f"/actions/workflows/{quote(name, safe='')}")
    if told is None or file is None:
        yield fail(
            f"There is no workflow {where}.",
            f"Put {FOLDER}{name} on the default branch, or mend slipway.yml.",
        )
        return
    if told.get("state") != "active":
        yield fail(f"{where} is disabled.", "Enable it on the repository's Actions page.")
    deaf = [each.pushes for each in targets if each.pushes and not file.starts_by_push_of(each.pushes)]
    for tag in deaf:
        yield fail(
            f"{where} does not start when the tag {tag} is pushed.",
            "Add `push: tags:` under `on:` with a pattern that fits, or mend `tag` in slipway.yml.",
        )
    targets = [each for each in targets if not each.waits and not each.pushes]  # the others are sent nothing
    if not targets:
        yield from [] if deaf else [ok(f"{where} is there.")]
        return
    if not file.dispatchable:
        yield fail(f"{where} has no `workflow_dispatch` trigger.", "Add `workflow_dispatch:` under `on:`.")
        return
    wrong = list(_inputs(where, file, targets))
    yield from wrong or [ok(f"{where} takes what we send.")]


def _inputs(where: str, file: WorkflowFile, targets: Sequence[Target]) -> Iterator[Finding]:
    for each in targets:
        if unknown := sorted(each.inputs - file.inputs):
            yield fail(
                f"{where} does not declare {', '.join(unknown)}, which {each.environment} sends.",
                "Declare it under `workflow_dispatch`, or take it out of `inputs` in slipway.yml.",
            )
        if missing := sorted(file.required - each.inputs):
            yield fail(
                f"{where} requires {', '.join(missing)}, which {each.environment} does not send.",
                "Add it to `inputs` or `accepts` in slipway.yml.",
            )


def _tag_hits(repository: str, files: dict[str, WorkflowFile | None]) -> Iterator[Finding]:
    for name, file in files.items():
        if file is not None and file.runs_for_tag(EXAMPLE_TAG):
            yield warn(
                f"{name} in {repository} also runs for each tag that we make.",
                f"Add `tags-ignore: ['{OUR_TAGS}**']` under `on: push`.",
            )


def _rulesets(repo: Repository, repository: str, tag: str) -> Iterator[Finding]:
    for brief in look_up(repo, "/rulesets?includes_parents=true") or []:
        if brief.get("target") != "tag" or brief.get("enforcement") != "active":
            continue
        told = look_up(repo, f"/rulesets/{brief['id']}") or {}
        what = {rule.get("type") for rule in told.get("rules") or ()} & {"creation", "deletion"}
        if what and _covers(told, tag) and told.get("current_user_can_bypass") != "always":
            yield fail(
                f"The ruleset {told.get('name')} of {repository} forbids {' and '.join(sorted(what))}.",
                f"Exclude tags such as {tag} from it, or let Slipway bypass it.",
            )


def _covers(ruleset: dict[str, Any], tag: str) -> bool:
    names = (ruleset.get("conditions") or {}).get("ref_name") or {}
    full = TAGS + tag
    included = "~ALL" in (names.get("include") or ()) or workflow_files.matches(
        names.get("include") or (), full
    )
    return included and not workflow_files.matches(names.get("exclude") or (), full)
