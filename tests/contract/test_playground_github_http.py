"""How the GitHub stand-in answers whatever is asked: who may, how often, in which pages, and what breaks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import github
import jwt
import pytest

from bot.playground.control import ANYWHERE, TOKEN_HEADER, Fault, FaultKind
from bot.playground.github import ActName, AppIdentity, GitHubStandIn, Where
from bot.playground.github.auth import Access
from bot.playground.github.http import Refusal
from bot.playground.github.model import User
from tests.contract.playground_github import (
    APP_ID,
    INPUTS,
    PRIVATE_KEY,
    PUBLIC_KEY,
    TOKEN,
    act,
    app_token,
    client,
    in_thread,
    refused,
    repository,
    running,
    workflow,
)

ALLOWED = {"Authorization": f"Bearer {TOKEN}"}


class FrozenClock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


async def get(stand_in: GitHubStandIn, path: str, headers: dict[str, str]) -> tuple[int, Any, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(stand_in.url + path, headers=headers) as answer,
    ):
        body = await answer.json() if answer.content_type == "application/json" else None
        return answer.status, answer.headers, body


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "Requires authentication"),
        ("Bearer wrong", "Bad credentials"),
        ("Basic abc", "Bad credentials"),
        ("Bearer a.b.c", "A JSON web token could not be decoded"),
    ],
)
async def test_a_caller_without_the_right_token_is_turned_away(header: str | None, words: str) -> None:
    async with running() as stand_in:
        status, _, body = await get(stand_in, "/user", {"Authorization": header} if header else {})
    assert (status, body["message"], body["status"]) == (401, words, "401")


async def test_a_classic_token_tells_its_scopes_and_a_fine_grained_one_does_not() -> None:
    fine = "github_pat_" + "p" * 40
    async with running() as stand_in:
        _, classic, me = await get(stand_in, "/user", ALLOWED)
    async with running(token=fine) as stand_in:
        _, other, _ = await get(stand_in, "/user", {"Authorization": f"token {fine}"})
    assert me["login"] == "acme-deployer"
    assert classic["X-OAuth-Scopes"] == "read:org, repo, workflow"
    assert "X-OAuth-Scopes" not in other


async def test_answers_carry_the_limits_and_an_id() -> None:
    async with running() as stand_in:
        _, first, _ = await get(stand_in, "/user", ALLOWED)
        _, second, _ = await get(stand_in, "/user", ALLOWED)
    assert int(first["X-RateLimit-Remaining"]) == int(second["X-RateLimit-Remaining"]) + 1 == 4999
    assert int(first["X-RateLimit-Reset"]) > 0
    assert first["X-GitHub-Request-Id"] != second["X-GitHub-Request-Id"]


async def test_what_did_not_change_is_not_sent_again_and_costs_nothing() -> None:
    path = "/repos/acme/api/branches/main"
    async with running() as stand_in:
        status, first, _ = await get(stand_in, path, ALLOWED)
        same, second, _ = await get(stand_in, path, ALLOWED | {"If-None-Match": first["ETag"]})
        await act(stand_in, ActName.ADD_COMMIT)
        fresh, _, _ = await get(stand_in, path, ALLOWED | {"If-None-Match": first["ETag"]})
    assert (status, same, fresh) == (200, 304, 200)
    assert second["X-RateLimit-Remaining"] == first["X-RateLimit-Remaining"]


async def test_lists_come_in_pages_that_lead_to_each_other() -> None:
    async with running() as stand_in:
        _, first, rows = await get(stand_in, "/repos/acme/api/commits?per_page=4", ALLOWED)
        repo = await repository(stand_in)
        walked = await in_thread(lambda: [c.sha for c in repo.get_commits()])
        links = await in_thread(
            lambda: client(stand_in).requester.requestJsonAndCheck("GET", first["Link"].split(">")[0][1:])[1]
        )
    assert [row["sha"] for row in rows] == walked[:4]
    assert [row["sha"] for row in links] == walked[4:8]
    assert 'rel="next"' in first["Link"] and 'rel="last"' in first["Link"]


async def test_the_hourly_limit_can_run_out() -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.EXHAUST_RATE_LIMIT, seconds=60)
        status, headers, body = await get(stand_in, "/user", ALLOWED)
        assert isinstance(
            await refused(lambda: client(stand_in).get_user().login), github.RateLimitExceededException
        )
        assert (status, headers["X-RateLimit-Remaining"]) == (403, "0")
        assert body["message"].startswith("API rate limit exceeded for user ID")
        stand_in.site.limits.exhaust(stand_in.site.clock.now())
        assert (await get(stand_in, "/user", ALLOWED))[0] == 200


async def test_an_outage_hits_every_call_and_ends() -> None:
    async with running() as stand_in:
        await act(stand_in, ActName.OUTAGE, seconds=0.2)
        status, _, _ = await get(stand_in, "/user", ALLOWED)
        other, _, _ = await get(stand_in, "/repos/acme/api", ALLOWED)
        assert await stand_in.changed()
        after, _, _ = await get(stand_in, "/user", ALLOWED)
    assert (status, other, after) == (503, 503, 200)
    assert [entry.happened for entry in stand_in.control.journal] == [False, False, True]


async def test_a_fault_hits_the_calls_it_names_as_often_as_it_says() -> None:
    async with running() as stand_in:
        stand_in.control.faults.append(Fault(Where.REPOSITORY, FaultKind.ERROR_502, 2))
        stand_in.control.faults.append(Fault(ANYWHERE, FaultKind.RATE_LIMIT, 1))
        codes = [(await get(stand_in, "/repos/acme/api", ALLOWED))[0] for _ in range(2)]
        limited, headers, body = await get(stand_in, "/user", ALLOWED)
        fine, _, _ = await get(stand_in, "/repos/acme/api", ALLOWED)
    assert (codes, limited, fine) == ([502, 502], 429, 200)
    assert headers["Retry-After"] == "1"
    assert "secondary rate limit" in body["message"]


async def test_the_journal_and_the_acts_are_there_over_http_for_those_who_know_the_token() -> None:
    async with running() as stand_in:
        deploy = await workflow(stand_in)
        await in_thread(lambda: deploy.create_dispatch("main", INPUTS, throw=True))
        base = f"{stand_in.web_url}/_play"
        known = {TOKEN_HEADER: stand_in.control.token}
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{base}/journal?where={Where.DISPATCH}", headers=known) as answer:
                journal = (await answer.json())["journal"]
            async with session.post(
                f"{base}/act", json={"act": "runs", "repository": "api"}, headers=known
            ) as answer:
                runs = (await answer.json())["runs"]
            wish = {"act": "move_tag", "tag": "v0"}
            async with session.post(f"{base}/act", json=wish, headers=known) as answer:
                senseless = await answer.json()
            async with session.get(f"{base}/journal") as answer:
                stranger = answer.status
    assert [(one["method"], one["happened"], one["status"]) for one in journal] == [("POST", True, 204)]
    assert runs[-1]["inputs"]["operation"] == INPUTS["operation"]
    assert senseless == {"ok": False, "text": "acme/api has no tag “v0”."}
    assert stranger == 403


async def test_an_answer_held_back_comes_when_it_is_released() -> None:
    async with running() as stand_in:
        deploy = await workflow(stand_in)
        stand_in.control.faults.append(Fault(Where.DISPATCH, FaultKind.HOLD_AFTER, 1))
        asked = asyncio.create_task(
            in_thread(lambda: deploy.create_dispatch("main", INPUTS, throw=True, return_run_details=True))
        )
        assert await stand_in.changed()
        assert len(stand_in.dispatches()) == 1 and not asked.done()
        while not stand_in.control.holding:
            assert await stand_in.changed()
        await stand_in.control.acts["release"]({})
        assert (await asked).id == stand_in.runs("acme/api")[-1].id


async def test_an_app_gets_a_token_for_its_installation() -> None:
    async with running(app=True) as stand_in:
        auth = github.Auth.AppAuth(APP_ID, PRIVATE_KEY)
        integration = github.GithubIntegration(auth=auth, base_url=stand_in.url, retry=None)
        installations = await in_thread(lambda: list(integration.get_installations()))
        user = await in_thread(installations[0].get_github_for_installation)
        deploy = await in_thread(lambda: user.get_repo("acme/api").get_workflow("deploy.yml"))
        told = await in_thread(
            lambda: deploy.create_dispatch("main", INPUTS, throw=True, return_run_details=True)
        )
        assert stand_in.run(told.id).actor.login == "slipway[bot]"
        person = await refused(lambda: client(stand_in).requester.requestJsonAndCheck("GET", "/app"))
        _, _, app = await get(stand_in, "/app", {"Authorization": f"Bearer {app_token()}"})
    assert person.status == 401
    assert (app["id"], app["slug"]) == (APP_ID, "slipway")


def access(clock: FrozenClock) -> Access:
    person = User(1, "ada", "Ada Byron", "ada@acme.example")
    return Access(clock, TOKEN, person, person, AppIdentity(APP_ID, PUBLIC_KEY))


def claim(clock: FrozenClock, starts: int, ends: int, issuer: int = APP_ID) -> str:
    now = int(clock.now().timestamp())
    claims = {"iat": now + starts, "exp": now + ends, "iss": str(issuer)}
    return "Bearer " + jwt.encode(claims, PRIVATE_KEY, algorithm="RS256")


def test_an_installation_token_lasts_an_hour() -> None:
    clock = FrozenClock()
    known = access(clock)
    token, _ = known.issue()
    assert known.principal(f"token {token}").user.login == "ada"
    clock.moment += timedelta(hours=1)
    with pytest.raises(Refusal, match="Bad credentials"):
        known.principal(f"token {token}")


@pytest.mark.parametrize(
    ("starts", "ends", "issuer", "words"),
    [
        (-700, -1, APP_ID, "Expiration time"),
        (0, 3600, APP_ID, "too far in the future"),
        (300, 500, APP_ID, "Issued at"),
        (0, 300, 1, "Integration not found"),
    ],
)
def test_an_apps_claim_is_only_taken_in_its_minutes(starts: int, ends: int, issuer: int, words: str) -> None:
    clock = FrozenClock()
    assert access(clock).principal(claim(clock, 0, 300)).kind == "app"
    with pytest.raises(Refusal, match=words):
        access(clock).principal(claim(clock, starts, ends, issuer))


async def test_links_lead_to_a_page_about_the_run() -> None:
    async with running(speed=1) as stand_in:
        run = await act(stand_in, ActName.START_RUN, repository="api")
        url = f"{stand_in.web_url}/acme/api/actions/runs/{run['run']}"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            page = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
    assert "build" in page and "http-equiv" in page
    assert policy.startswith("default-src 'none'")
