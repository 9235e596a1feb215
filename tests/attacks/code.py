"""Attacks on the code: what is deployed, where it comes from, and what was said of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp

from bot.playground.github.names import ActName
from tests.attacks.stage import TOO_LATE, Moment, Stage

EVIL = """name: {name}
on: {{push: {{branches: ["**"]}}}}
jobs:
  test: {{runs-on: ubuntu-latest, steps: [{{name: Say yes, run: "true"}}]}}
"""
Act = Callable[[], Awaitable[object]]
SUCCEEDED = "run succeeded"  # what was approved ran, and the judge compares it


async def fork_commit(stage: Stage) -> str:
    """A commit of a fork resolves in the repository as well."""
    git = stage.repository.git
    own = git.reachable(*(git.peel(sha) for sha in git.refs.values()))
    strange = stage.choose(*sorted(git.commits.keys() - own))
    await stage.gets_through(strange[: stage.choose(40, 20, 12)])
    return "It is not on"


async def unmerged_tag(stage: Stage) -> str:
    """A tag says nothing of a review: it stands on a commit beside `main`."""
    side = await stage.act(ActName.ADD_COMMIT, branch=f"side/{stage.name}")
    tag = f"v9.{stage.name}"
    await stage.act(ActName.CREATE_TAG, tag=tag, sha=side["sha"], annotated=stage.choose(True, False))
    await stage.gets_through(stage.choose(tag, f"refs/tags/{tag}", side["sha"]))
    return "It is not on main"


async def tag_named_main(stage: Stage) -> str:
    """Whoever says `main` may mean the branch, and get the tag."""
    side = await stage.act(ActName.ADD_COMMIT, branch=f"side/{stage.name}")
    annotated = stage.choose(True, False)
    await stage.act(ActName.CREATE_TAG, tag="main", sha=side["sha"], annotated=annotated)
    await stage.gets_through(stage.choose("main", ""))
    await _delete(stage, "tags/main")
    return "is a branch and a tag"


async def _delete(stage: Stage, ref: str) -> None:
    play = stage.house.play
    url = f"{play.github.url}/repos/{stage.repository.full_name}/git/refs/{ref}"
    headers = {"Authorization": f"Bearer {play.secrets.github_token}"}
    async with aiohttp.ClientSession() as session, session.delete(url, headers=headers) as answer:
        assert answer.status == 204, await answer.text()


async def forged_status(stage: Stage) -> str:
    """The tests are red, and somebody says by the API that they are green."""
    await stage.act(ActName.FAIL_NEXT, job="test", workflow="ci.yml")
    red = (await stage.act(ActName.ADD_COMMIT))["sha"]
    await stage.green()
    how = stage.choose("status", "github-actions", "helpful-bot")

    async def forge() -> None:
        if how == "status":
            await stage.act(ActName.ADD_STATUS, sha=red, context="test", state="success")
        else:
            await stage.act(ActName.ADD_CHECK, sha=red, name="test", app=how, conclusion="success")

    return await _with_red_tests(stage, forge, {})


async def other_workflow(stage: Stage) -> str:
    """The tests are red, and another workflow has a green job of their name."""
    await stage.act(ActName.FAIL_NEXT, job="test", workflow="ci.yml")
    path = f".github/workflows/{stage.choose('evil', 'ci-2', 'tests')}-{stage.name}.yml"
    await stage.act(ActName.ADD_COMMIT, files={path: EVIL.format(name=stage.choose("CI", "Evil", "Tests"))})
    await stage.green()
    return await _with_red_tests(stage, stage.rests, {path: None})


async def _with_red_tests(stage: Stage, forge: Act, files: dict[str, str | None]) -> str:
    number = await stage.asked(stage.choose("main", ""))
    await stage.through(number, stage.choose(Moment.BEFORE, Moment.BETWEEN), forge)
    await stage.expires(number)
    await stage.act(ActName.ADD_COMMIT, files=files)
    await stage.green()
    return "What held it: Waiting for checks on .*test"


async def branch_moved(stage: Stage) -> str:
    """`main` moves on: what was approved runs, not what stands there by then."""
    number, moment = await stage.asked(stage.choose("main", "")), stage.choose(*Moment)
    await stage.through(number, moment, lambda: stage.act(ActName.ADD_COMMIT))
    await stage.green()
    return SUCCEEDED


async def force_pushed(stage: Stage) -> str:
    """What was asked for is no longer on `main`."""
    number, moment = await stage.asked(stage.choose("main", "")), stage.choose(*Moment)
    await stage.through(number, moment, lambda: stage.act(ActName.FORCE_PUSH))
    await stage.green()
    return SUCCEEDED if moment in TOO_LATE else "must be on"


async def tag_moved(stage: Stage) -> str:
    """The tag that was approved stands elsewhere by now."""
    tag, git = f"v8.{stage.name}", stage.repository.git
    annotated = stage.choose(True, False)
    await stage.act(ActName.CREATE_TAG, tag=tag, sha="main", annotated=annotated)
    older = git.commits[git.refs["refs/heads/main"]].parents[0]
    side = await stage.act(ActName.ADD_COMMIT, branch=f"side/{stage.name}")
    to = {"back": older, "aside": side["sha"]}[stage.choose("back", "aside")]
    number, moment = await stage.asked(tag), stage.choose(*Moment)
    await stage.through(number, moment, lambda: stage.act(ActName.MOVE_TAG, tag=tag, sha=to))
    return SUCCEEDED if moment in TOO_LATE else "has changed since"


async def workflow_changed(stage: Stage) -> str:
    """Another workflow stands at the same path, or the catalog names another one."""
    number, moment = await stage.asked(stage.choose("main", "")), stage.choose(*Moment)
    if stage.choose("the file", "the catalog") == "the file":
        path = ".github/workflows/deploy.yml"
        git = stage.repository.git
        text = git.commits[git.refs["refs/heads/main"]].tree[path] + f"# {stage.name}\n"
        await stage.through(number, moment, lambda: stage.act(ActName.ADD_COMMIT, files={path: text}))
        await stage.green()
        return SUCCEEDED
    other = stage.choose("rollback.yml", "smoke.yml", "release.yml")
    await stage.under_law(number, moment, ("workflow: deploy.yml", f"workflow: {other}"))
    return SUCCEEDED if moment in TOO_LATE else "has changed since: .*workflow"


async def pin_taken(stage: Stage) -> str:
    """Somebody makes the tag that is to hold the dispatch, in the moment before we do."""
    side = await stage.act(ActName.ADD_COMMIT, branch=f"side/{stage.name}")
    number = await stage.asked(stage.choose("main", ""))
    annotated = stage.choose(True, False)

    async def take() -> None:
        found = await stage.house.deployment(number)
        assert found is not None
        await stage.act(ActName.CREATE_TAG, tag=f"slipway/{found.key}", sha=side["sha"], annotated=annotated)

    await stage.through(number, Moment.PINNING, take)
    return "Somebody else made or moved it"
