"""Which ways lead past Slipway into an environment of GitHub; a part of what the doctor looks at."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from github.Repository import Repository

from bot.core.findings import Finding, fail, ok, warn
from integrations.github import codeowners, workflow_files
from integrations.github.gates import asks_us, look_up
from integrations.github.refs import OUR_TAGS

FOLDER = ".github/workflows/"
CATALOG = "slipway.yml"
EXAMPLE_TAG = OUR_TAGS + "slw-1-aaaaaaaaaa"
ANY_NAME = ("some-name", "some/name")  # a pattern that fits one of these fits what anybody may push


@dataclass(frozen=True, slots=True)
class Target:
    """One pipeline of the catalog at GitHub: what it would dispatch, and how."""

    repository: str
    workflow: str
    environment: str
    inputs: frozenset[str] = field(default_factory=frozenset)
    pinned: bool = True
    gate: str = ""  # what GitHub calls the environment, where that differs
    waits: bool = False  # its runs begin at GitHub and wait there for us
    pushes: str = ""  # a tag such as the one whose push starts it, if that is how it begins
    guarded: bool = False  # a release needs more than a wish

    @property
    def place(self) -> str:
        return self.gate or self.environment

    @property
    def tag(self) -> str:
        """What a tag of ours is called there."""
        return self.pushes or EXAMPLE_TAG


def ways_around(repo: Repository, targets: Sequence[Target], app: str) -> Iterator[Finding]:
    """Of one repository: its environments one by one, then who owns the files that say what happens there."""
    for name in dict.fromkeys(each.place for each in targets):
        yield from _environment(repo, [each for each in targets if each.place == name], app)
    guarded = [each for each in targets if each.guarded]
    if guarded:
        yield from _owners(repo, guarded)


def _environment(repo: Repository, targets: Sequence[Target], app: str) -> Iterator[Finding]:
    first = targets[0]
    told = look_up(repo, f"/environments/{quote(first.place, safe='')}")
    waits, guarded = any(each.waits for each in targets), any(each.guarded for each in targets)
    if waits or guarded:
        asked = told is not None and bool(app) and asks_us(repo, first.place, app)
        yield from _rule(first, told, asked=asked, app=app, waits=waits)
    if told is not None:
        yield from _references(repo, targets, told, guarded=guarded)


def _rule(
    target: Target, told: dict[str, Any] | None, *, asked: bool, app: str, waits: bool
) -> Iterator[Finding]:
    """Runs that others start wait for us only where our App is asked, and nobody may pass it."""
    name = f"{target.place} of {target.repository}"
    where = f"The environment {name}"
    say = fail if waits else warn  # what begins at GitHub can't do without
    if told is None and not waits:
        yield warn(
            f"There is no environment {name}: nothing at GitHub keeps a workflow from deploying there.",
            "Create it in the repository's settings, and name it in the job that deploys.",
        )
    elif not app:
        yield say(
            f"Only a GitHub App can answer the gate {name}: with a token, runs of others don't wait for us.",
            "Set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY instead of GITHUB_TOKEN.",
        )
    elif not asked:
        yield say(
            f"{where} does not ask Slipway: whoever may start a workflow can deploy there without it.",
            "Tick the App under its *Deployment protection rules* there.",
        )
    elif told is not None and told.get("can_admins_bypass"):
        yield warn(
            f"Administrators may pass the rules of the environment {name}: no approval is asked for then.",
            "Untick *Allow administrators to bypass configured protection rules* there.",
        )
    else:
        yield ok(f"{where} asks Slipway, and nobody passes it.")


def _references(
    repo: Repository, targets: Sequence[Target], told: dict[str, Any], *, guarded: bool
) -> Iterator[Finding]:
    """From which branches and tags it is deployed to: ours must be among them, and not just any."""
    first, made = targets[0], dict.fromkeys(each.tag for each in targets if each.pinned and not each.waits)
    name = f"{first.place} of {first.repository}"
    policy = told.get("deployment_branch_policy")
    ours = " and ".join(f"`{OUR_TAGS}*`" if tag == EXAMPLE_TAG else f"one that fits {tag}" for tag in made)
    if not policy:
        if guarded:
            more = f", and the tag rule {ours}" if made else ""
            yield warn(
                f"Any branch may deploy to {name}: who can push one decides what its workflow does there.",
                f"Choose *Selected branches and tags* there, with those that are released{more}.",
            )
        return
    path = f"/environments/{quote(first.place, safe='')}/deployment-branch-policies"
    rules = (look_up(repo, path) or {}).get("branch_policies") or ()
    tags = [str(each["name"]) for each in rules if each.get("type") == "tag"]
    admitted = not policy.get("protected_branches") and all(workflow_files.matches(tags, tag) for tag in made)
    if not admitted and made:
        yield fail(
            f"The environment {name} does not admit our tags.",
            f"Add a tag rule {ours} to its deployment branches and tags.",
        )
    elif made:
        yield ok(f"The environment {name} admits our tags.")
    if guarded and (wide := [str(each["name"]) for each in rules if _is_wide(str(each["name"]))]):
        yield warn(
            f"The environment {name} admits {', '.join(wide)}: whoever can push decides what happens there.",
            "Name the branches and tags that are released instead.",
        )


def _is_wide(pattern: str) -> bool:
    return any(workflow_files.matches([pattern], name) for name in ANY_NAME)


def _owners(repo: Repository, targets: Sequence[Target]) -> Iterator[Finding]:
    """A workflow, and the catalog where it lies here, is as safe as the review of its changes."""
    files = [FOLDER + each.workflow.removeprefix(FOLDER) for each in targets]
    files += [CATALOG] if look_up(repo, f"/contents/{CATALOG}") is not None else []
    text = next((found for place in codeowners.PLACES if (found := _text(repo, place)) is not None), "")
    bare = [path for path in dict.fromkeys(files) if not codeowners.owners_of(text, path)]
    repository = targets[0].repository
    if bare:
        yield warn(
            f"Nobody owns {', '.join(bare)} of {repository}: who may merge there decides what is deployed.",
            f"Name its owners in {codeowners.PLACES[0]}, such as `/{bare[0]} @{repository.partition('/')[0]}"
            "/leads`, and require a review from code owners.",
        )
    else:
        yield ok(f"The workflows of {repository} have owners.")


def _text(repo: Repository, path: str) -> str | None:
    told = look_up(repo, f"/contents/{path}")
    return decoded(told) if isinstance(told, dict) else None


def decoded(content: dict[str, Any]) -> str:
    """A file as GitHub hands it out."""
    return base64.b64decode(content.get("content") or "").decode("utf-8", "replace")
