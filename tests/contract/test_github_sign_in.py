"""Signing in at GitHub: our adapter and the stand-in's OAuth pages, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.linking import Account, challenge
from bot.playground.clock import WallClock
from bot.playground.control import Fault, FaultKind
from bot.playground.github import GitHubStandIn
from bot.playground.github.names import Where
from bot.playground.github.oauth import OAuthApp
from integrations.github.oauth import MOST, GitHubSignIn

BACK = "http://bot.test/link/callback"
APP = OAuthApp("Ov23liTest", "client-secret", BACK)


@dataclass
class Desk:
    """Both sides, and a browser without cookies."""

    github: GitHubStandIn
    session: aiohttp.ClientSession

    def sign_in(self, secret: str = APP.secret, client_id: str = APP.client_id) -> GitHubSignIn:
        urls = {"web_url": self.github.web_url, "api_url": self.github.url}
        return GitHubSignIn(self.session, **urls, client_id=client_id, secret=secret)

    async def code(self, login: str = "ada", redirect: str = BACK) -> str:
        """What a person who signs in brings back."""
        query = parse_qs(urlsplit(self.sign_in().address("s", redirect, challenge("v"))).query)
        form = {name: values[0] for name, values in query.items()} | {"login": login}
        url = f"{self.github.web_url}/login/oauth/authorize"
        async with self.session.post(url, data=form, allow_redirects=False) as answer:
            back = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert back["state"] == ["s"]
        return back["code"][0]


@asynccontextmanager
async def open_desk() -> AsyncIterator[Desk]:
    github = GitHubStandIn(clock=WallClock(), token="t", webhook_secret="w", deliver_to=None, oauth=APP)
    await github.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Desk(github, session)
    finally:
        await github.stop()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as made:
        yield made


async def test_a_code_is_traded_for_the_account(desk: Desk) -> None:
    found = await desk.sign_in().account(await desk.code(), BACK, "v")
    assert found == Account("github", str(desk.github.world.users["ada"].id), "ada")


async def test_a_code_works_once(desk: Desk) -> None:
    code = await desk.code()
    await desk.sign_in().account(code, BACK, "v")
    with pytest.raises(UserError, match="used already"):
        await desk.sign_in().account(code, BACK, "v")


@pytest.mark.parametrize("verifier", ["w", ""])
async def test_a_code_works_only_for_who_asked_for_it(desk: Desk, verifier: str) -> None:
    with pytest.raises(UserError, match="used already, or is too old"):
        await desk.sign_in().account(await desk.code(), BACK, verifier)


async def test_a_wrong_secret_or_address_is_for_the_operators(desk: Desk) -> None:
    with pytest.raises(NeedsHuman, match="client secret"):
        await desk.sign_in(secret="other").account(await desk.code(), BACK, "v")
    with pytest.raises(NeedsHuman, match="callback address"):
        await desk.sign_in().account(await desk.code(), BACK + "/else", "v")
    with pytest.raises(NeedsHuman, match="client id"):
        await desk.sign_in(client_id="other").account(await desk.code(), BACK, "v")


@pytest.mark.parametrize("where", [Where.OAUTH_TOKEN, Where.USER])
@pytest.mark.parametrize("kind", [FaultKind.ERROR_502, FaultKind.RATE_LIMIT, FaultKind.DROP])
async def test_silence_proves_nothing(desk: Desk, where: Where, kind: FaultKind) -> None:
    code = await desk.code()
    desk.github.control.faults.append(Fault(where, kind, 2))
    with pytest.raises(Transient) as raised:
        await desk.sign_in().account(code, BACK, "v")
    assert code not in str(raised.value)


async def test_nobody_is_sent_back_to_an_address_that_is_not_registered(desk: Desk) -> None:
    for redirect in ("http://evil.test/", BACK + ".evil.test", "http://bot.test/"):
        async with desk.session.get(desk.sign_in().address("s", redirect, "c")) as answer:
            assert answer.status == 404


async def test_the_token_of_a_person_is_good_for_asking_who_they_are(desk: Desk) -> None:
    form = {"client_id": APP.client_id, "client_secret": APP.secret, "code": await desk.code("linus")}
    url = f"{desk.github.web_url}/login/oauth/access_token"
    async with desk.session.post(url, data=form | {"code_verifier": "v"}) as answer:
        token = (await answer.json())["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    async with desk.session.get(f"{desk.github.url}/user", headers=headers) as answer:
        assert (await answer.json())["login"] == "linus"


@asynccontextmanager
async def halting(padding: int = 0) -> AsyncIterator[GitHubSignIn]:
    """Signs in at a side that sends the first byte of each answer, halts, and sends the rest."""

    async def answer(request: web.Request) -> web.StreamResponse:
        told = {"access_token": "t"} if request.method == "POST" else {"id": 7, "login": "ada"}
        body = json.dumps(told).encode() + b" " * padding
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(body[:1])
        await asyncio.sleep(0.05)
        await response.write(body[1:])
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url("/"))
        yield GitHubSignIn(session, web_url=url, api_url=url, client_id="c", secret="s")


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end() -> None:
    async with halting() as sign_in:
        assert await sign_in.account("code", BACK, "v") == Account("github", "7", "ada")


async def test_an_answer_without_end_is_not_held() -> None:
    async with halting(MOST) as sign_in:
        with pytest.raises(Transient, match="could not be understood"):
            await sign_in.account("code", BACK, "v")
