"""The director and the playground as a whole: every button does what it says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import github
import pytest

from bot.playground.control import FaultKind
from bot.playground.director import Director, DirectorActName
from bot.playground.github import Conclusion, GitHubStandIn
from bot.playground.serve import Playground, PlaygroundSecrets
from bot.playground.slack.director_port import Director as Port
from tests.contract.playground_github import (
    INPUTS,
    ended,
    in_thread,
    listening,
    refused,
    running,
    started,
    workflow,
)
from tests.contract.playground_slack import MANIFEST


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "app-manifest.yml"
    path.write_text(json.dumps(MANIFEST))
    return path


@asynccontextmanager
async def playing(manifest: Path, bot_url: str) -> AsyncIterator[Playground]:
    playground = Playground(manifest, bot_url, speed=200.0)
    await playground.start()
    try:
        yield playground
    finally:
        await playground.stop()


async def do(stand_in: GitHubStandIn, name: DirectorActName, **args: str) -> str:
    """Press a button that must work; answers with what the person reads."""
    told = await Director(stand_in).perform(name, args)
    assert told["ok"], told
    return told["text"]


async def test_every_button_can_be_pressed_as_it_is_filled_in() -> None:
    async with running(speed=1.0) as stand_in:
        await started(stand_in, repository="web")
        director: Port = Director(stand_in)
        told = {}
        for act in director.acts():
            assert act["label"] and act["hint"]
            args = {field["name"]: field.get("default", "") for field in act["fields"]}
            told[act["name"]] = await director.perform(act["name"], args)
    refusals = {name for name, result in told.items() if not result["ok"]}
    assert [*told] == [*DirectorActName]
    no_slack = {DirectorActName.SLACK_LOSES, DirectorActName.SLACK_LIMITS}
    assert refusals == no_slack | {DirectorActName.REVIEW}, "no Slack is attached, and no run waits"
    assert all(result["text"].endswith((".", "”")) for result in told.values())


async def test_the_next_deploy_fails_where_the_director_said() -> None:
    async with running() as stand_in:
        text = await do(stand_in, DirectorActName.FAIL_DEPLOY, job="smoke test")
        run = await ended(stand_in, await started(stand_in))
    assert text == "The next run with the job “smoke test” fails there."
    assert run.latest.jobs[-1].conclusion is Conclusion.FAILURE


async def test_a_lost_answer_leaves_a_run_behind() -> None:
    async with running() as stand_in:
        deploy = await workflow(stand_in)
        await do(stand_in, DirectorActName.LOSE_DISPATCH)
        with pytest.raises(OSError, match="aborted"):
            await in_thread(lambda: deploy.create_dispatch("main", INPUTS, throw=True))
        assert [entry.fault for entry in stand_in.dispatches()] == [FaultKind.LOSE_ANSWER]


async def test_github_limits_three_calls_of_any_kind() -> None:
    async with running() as stand_in:
        deploy = await workflow(stand_in)
        await do(stand_in, DirectorActName.GITHUB_LIMITS)
        codes = [(await refused(deploy.update)).status for _ in range(3)]
        await in_thread(deploy.update)
    assert codes == [429] * 3


async def test_the_deploy_workflow_can_be_disabled_and_enabled_again() -> None:
    async with running() as stand_in:
        await do(stand_in, DirectorActName.DISABLE_WORKFLOW, repository="api", state="disabled")
        deploy = await workflow(stand_in)
        error = await refused(lambda: deploy.create_dispatch("main", INPUTS, throw=True))
        await do(stand_in, DirectorActName.DISABLE_WORKFLOW, repository="api", state="enabled")
        assert await in_thread(lambda: deploy.create_dispatch("main", INPUTS, throw=True)) is True
    assert isinstance(error, github.GithubException) and error.status == 422


async def test_a_senseless_wish_is_answered_in_words() -> None:
    async with running() as stand_in:
        director = Director(stand_in)
        assert not (await director.perform("sing", {}))["ok"]
        unknown = await director.perform(DirectorActName.PUSH_COMMIT, {"repository": "nothing"})
        not_a_number = await director.perform(DirectorActName.GITHUB_DOWN, {"seconds": "soon"})
    assert unknown == {"ok": False, "text": "There is no repository nothing."}
    assert not_a_number["text"].startswith("That did not fit: could not convert")


async def test_the_playground_tells_a_bot_all_it_must_know(manifest: Path) -> None:
    async with listening() as ear, playing(manifest, ear.url.removesuffix("/webhooks/github")) as playground:
        settings = playground.environment()
        headers = {"Authorization": f"Bearer {settings['SLACK_BOT_TOKEN']}"}
        async with aiohttp.ClientSession() as session:
            async with session.post(settings["SLACK_API_URL"] + "auth.test", headers=headers) as answer:
                slack = await answer.json()
            github_headers = {"Authorization": f"token {settings['GITHUB_TOKEN']}"}
            async with session.get(settings["GITHUB_API_URL"] + "/user", headers=github_headers) as answer:
                user = await answer.json()
            async with session.get(f"{settings['GITHUB_WEB_URL']}/acme/api") as answer:
                page = answer.status
        await started(playground.github)
        await playground.github.hooks.settled()
    assert (slack["ok"], user["login"], page) == (True, "acme-deployer", 200)
    assert ear.heard, "webhooks go to the bot"
    assert "SLACK_APP_TOKEN" not in settings


async def test_the_director_reaches_slack_too(manifest: Path) -> None:
    async with playing(manifest, "http://127.0.0.1:9") as playground:
        told = await playground.director.perform(DirectorActName.SLACK_LOSES, {})
        faults = [(fault.where, fault.kind) for fault in playground.slack.control.faults]
    assert told["ok"]
    assert faults == [("chat.postMessage", FaultKind.LOSE_ANSWER)]


async def test_a_taken_port_closes_what_was_opened(manifest: Path) -> None:
    async with playing(manifest, "http://127.0.0.1:9") as first:
        port = int(first.slack.url.rpartition(":")[2])
        second = Playground(manifest, "http://127.0.0.1:9")
        with pytest.raises(OSError, match="address already in use"):
            await second.start(slack_port=port)
        with pytest.raises(aiohttp.ClientConnectorError):
            async with aiohttp.ClientSession() as session, session.get(second.github.url):
                await asyncio.sleep(0)


def test_secrets_are_shared_through_the_environment() -> None:
    given = {"SLACK_BOT_TOKEN": "xoxb-given", "GITHUB_TOKEN": "", "OTHER": "x"}
    shared, fresh = PlaygroundSecrets.of(given), PlaygroundSecrets.of({})
    assert shared.slack_bot_token == "xoxb-given"
    assert shared.github_token.startswith("ghp_") and shared.github_token != fresh.github_token
