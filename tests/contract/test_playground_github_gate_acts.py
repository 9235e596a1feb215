"""What people at GitHub do about guarded environments, and what the stand-in tells of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.playground.clock import WallClock
from bot.playground.director import Director, DirectorActName
from bot.playground.github import ActName, AppKey, Conclusion, GitHubStandIn, Status
from bot.playground.github.gates import LONGEST_WAIT
from bot.playground.serve import Playground
from tests.contract.playground_github import (
    KEY,
    act,
    answer_rule,
    as_app,
    client,
    ended,
    in_thread,
    refused_rule,
    running,
    started,
    until,
    waiting,
)
from tests.contract.playground_slack import MANIFEST


class Patience(WallClock):
    """The wall clock, but a wait of days is over when the test says so."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.longest = 0.0

    async def sleep(self, seconds: float) -> None:
        self.longest = max(self.longest, seconds)
        await (self.over.wait() if seconds > 86_400 else super().sleep(seconds))


def reviews(stand_in: GitHubStandIn) -> list[tuple[str, str]]:
    """What the webhooks say about reviews, and by whom."""
    return [
        (str(one.action), one.payload["sender"]["login"])
        for one in stand_in.hooks.deliveries
        if one.event == "deployment_review"
    ]


async def read(stand_in: GitHubStandIn, path: str) -> Any:
    requester = client(stand_in).requester
    url = f"{stand_in.url}/repos/acme/api/{path}"
    return (await in_thread(lambda: requester.requestJsonAndCheck("GET", url)))[1]


async def refusal(stand_in: GitHubStandIn, name: ActName, /, **body: object) -> str:
    """Why an act is refused."""
    told = await stand_in.acts.perform(name, **body)
    assert not told["ok"], told
    return str(told["text"])


async def test_what_guards_an_environment_can_be_changed_and_read() -> None:
    async with running(app=True) as stand_in:
        before = await read(stand_in, "environments/production")
        told = await act(
            stand_in,
            ActName.PROTECT,
            custom_rule=True,
            reviewers=["grace", "ada"],
            prevent_self_review=True,
            admins_may_bypass=False,
            policies=[["release/*", "branch"]],
        )
        after = await read(stand_in, "environments/production")
        rules = await read(stand_in, "environments/production/deployment_protection_rules")
        policies = await read(stand_in, "environments/production/deployment-branch-policies")
    assert (before["can_admins_bypass"], after["can_admins_bypass"]) == (True, False)
    review = next(rule for rule in after["protection_rules"] if rule["type"] == "required_reviewers")
    assert review["prevent_self_review"] is True
    assert [one["reviewer"]["login"] for one in review["reviewers"]] == ["grace", "ada"]
    [rule] = rules["custom_deployment_protection_rules"]
    assert (rule["enabled"], rule["app"]["slug"], rule["app"]["id"]) == (True, "slipway", KEY.id)
    assert [(one["name"], one["type"]) for one in policies["branch_policies"]] == [("release/*", "branch")]
    assert told["text"] == (
        "production of acme/api: the App is asked, grace, ada must agree, administrators may not bypass that."
    )


async def test_without_an_app_there_is_nobody_whose_rule_it_could_be() -> None:
    async with running() as stand_in:
        why = await refusal(stand_in, ActName.PROTECT, custom_rule=True)
        rules = await read(stand_in, "environments/production/deployment_protection_rules")
    assert why == "No App is installed here that could be asked."
    assert rules["total_count"] == 0


@pytest.mark.parametrize(
    ("state", "end"), [("approved", Conclusion.SUCCESS), ("rejected", Conclusion.FAILURE)]
)
async def test_a_reviewer_decides_at_github(state: str, end: Conclusion) -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.PROTECT, reviewers=["grace"])
        run = await waiting(stand_in, login="margaret")
        stranger = await refusal(stand_in, ActName.REVIEW, login="linus")
        await act(stand_in, ActName.REVIEW, run=run.id, state=state, comment="seen")
        await ended(stand_in, run)
        history = await read(stand_in, f"actions/runs/{run.id}/approvals")
    assert stranger == f"Run {run.id} waits for no review by linus."
    assert run.latest.conclusion is end
    assert reviews(stand_in) == [("requested", "margaret"), (state, "grace")]
    assert [(one["state"], one["user"]["login"], one["comment"]) for one in history] == [
        (state, "grace", "seen")
    ]


async def test_an_administrator_goes_past_the_app() -> None:
    async with running(app=True) as stand_in:
        await act(stand_in, ActName.PROTECT, custom_rule=True, reviewers=["grace"])
        run, app = await waiting(stand_in), await as_app(stand_in)
        no_admin = await refusal(stand_in, ActName.REVIEW, bypass=True, login="linus")
        no_no = await refusal(stand_in, ActName.REVIEW, bypass=True, state="rejected")
        await act(stand_in, ActName.REVIEW, bypass=True, comment="on fire")
        late = await refused_rule(app, run)
        await ended(stand_in, run)
        history = await read(stand_in, f"actions/runs/{run.id}/approvals")
    assert no_admin == "Linus Berg is no administrator of acme/api."
    assert no_no == "Rules are bypassed to let a job in, never to turn it away."
    assert late[0] == 422
    assert run.latest.conclusion is Conclusion.SUCCESS
    assert reviews(stand_in)[-1] == ("approved", "ada")
    assert [(one["state"], one["user"]["login"]) for one in history] == [("approved", "ada")]


async def test_an_environment_can_keep_administrators_out() -> None:
    async with running(app=True) as stand_in:
        await act(stand_in, ActName.PROTECT, custom_rule=True, admins_may_bypass=False)
        run = await waiting(stand_in)
        why = await refusal(stand_in, ActName.REVIEW, bypass=True)
        assert run.latest.status is Status.WAITING
    assert why == "Administrators may not bypass the rules of production."


async def test_after_thirty_days_of_silence_the_job_fails_and_a_new_attempt_asks_again() -> None:
    clock = Patience()
    async with running(app=True, clock=clock) as stand_in:
        await act(stand_in, ActName.PROTECT, custom_rule=True)
        run, app = await waiting(stand_in), await as_app(stand_in)
        clock.over.set()
        await ended(stand_in, run)
        late = await refused_rule(app, run)
        clock.over.clear()
        await act(stand_in, ActName.RERUN, run=run.id)
        await until(stand_in, lambda: run.latest.status is Status.WAITING, "the second attempt waits")
    assert clock.longest == LONGEST_WAIT.total_seconds() == 30 * 86_400
    assert run.attempts[0].conclusion is Conclusion.FAILURE
    assert "was not approved within 30 days" in run.attempts[0].jobs[1].log[-1]
    assert late[0] == 422


async def test_thirty_days_can_be_over_at_once() -> None:
    async with running(app=True) as stand_in:
        await act(stand_in, ActName.PROTECT, custom_rule=True)
        nobody = await refusal(stand_in, ActName.EXPIRE_GATES)
        run = await waiting(stand_in)
        await act(stand_in, ActName.EXPIRE_GATES, run=run.id)
        await ended(stand_in, run)
    assert nobody == "No run waits at an environment."
    assert run.latest.conclusion is Conclusion.FAILURE


async def test_github_may_stumble_over_an_answer_and_take_the_next() -> None:
    async with running(app=True) as stand_in:
        await act(stand_in, ActName.PROTECT, custom_rule=True)
        run, app = await waiting(stand_in), await as_app(stand_in)
        await act(stand_in, ActName.GATE_TROUBLE)
        told = await refused_rule(app, run)
        assert run.latest.status is Status.WAITING
        await answer_rule(app, run, state="approved")
        await ended(stand_in, run)
    assert told == (422, "There was a problem approving one of the gates")
    assert run.latest.conclusion is Conclusion.SUCCESS


async def test_finishing_now_opens_no_door() -> None:
    async with running(app=True) as stand_in:
        await act(stand_in, ActName.PROTECT, custom_rule=True)
        run = await waiting(stand_in)
        await act(stand_in, ActName.FINISH_NOW)
        assert run.latest.status is Status.WAITING


async def test_the_page_of_a_run_says_who_is_awaited_and_who_decided() -> None:
    async with running(app=True) as stand_in:
        await act(stand_in, ActName.PROTECT, custom_rule=True, reviewers=["grace"])
        run = await waiting(stand_in)
        url = f"{stand_in.web_url}/acme/api/actions/runs/{run.id}"
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as page:
                before = await page.text()
            await act(stand_in, ActName.REVIEW, comment="<seen>")
            async with session.get(url) as page:
                after = await page.text()
    assert "Waits for grace and a protection rule to let it into production." in before
    assert "Waits for a protection rule to let it into production." in after
    assert "production: approved by grace <small>&lt;seen&gt;</small>" in after


async def test_the_director_guards_production_and_decides() -> None:
    async with running() as stand_in:
        director = Director(stand_in)
        told = await director.perform(DirectorActName.PROTECT, {"repository": "api", "by": "a reviewer"})
        app = await director.perform(DirectorActName.PROTECT, {"repository": "api", "by": "the bot's App"})
        run = await waiting(stand_in, environment="production", inputs={})
        done = await director.perform(DirectorActName.REVIEW, {"decision": "reject"})
        await ended(stand_in, run)
        free = await director.perform(DirectorActName.PROTECT, {"repository": "api", "by": "nobody"})
        await ended(stand_in, await started(stand_in, environment="production"))
    assert told["text"] == "production of acme/api: grace must agree."
    assert not app["ok"]
    assert done["text"] == f"Grace Murray rejected what waits in run {run.id}."
    assert run.latest.conclusion is Conclusion.FAILURE
    assert free["text"] == "production of acme/api: nobody is asked."


async def test_a_whole_playground_can_have_its_bot_as_an_app(tmp_path: Path) -> None:
    manifest = tmp_path / "app-manifest.yml"
    manifest.write_text(str(MANIFEST))
    key = AppKey.fresh(5)
    playground = Playground(manifest, "http://127.0.0.1:9", app=key)
    await playground.github.start()
    settings = playground.environment()
    await playground.github.stop()
    assert (settings["GITHUB_APP_ID"], settings["GITHUB_APP_PRIVATE_KEY"]) == ("5", key.private_key)
    assert "GITHUB_TOKEN" not in settings, "a bot is an App or has a token, never both"
