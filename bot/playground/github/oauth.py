"""Signing in with GitHub: an OAuth app's authorize page, its codes and the tokens of people."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from bot.playground.github.http import Route, answer, not_found
from bot.playground.github.model import User
from bot.playground.github.names import Where
from bot.playground.github.pages import page
from bot.playground.github.site import Site

CODE_LIFE = timedelta(minutes=10)
AUTHORIZE, TOKEN = "/login/oauth/authorize", "/login/oauth/access_token"
KEPT = ("client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method")


@dataclass(frozen=True)
class OAuthApp:
    """An OAuth app as it is registered; `callback` is where people are sent back to."""

    client_id: str
    secret: str
    callback: str


@dataclass(frozen=True)
class Grant:
    """What a code stands for; it works once."""

    user: User
    redirect: str
    challenge: str
    until: datetime


class OAuth:
    """The three steps of signing in. Whoever sits at this GitHub's page says who they are."""

    def __init__(self, site: Site, app: OAuthApp | None) -> None:
        self._site = site
        self._app = app
        self._grants: dict[str, Grant] = {}

    def routes(self) -> list[Route]:
        return [
            Route("GET", AUTHORIZE, Where.OAUTH_AUTHORIZE, self.ask),
            Route("POST", AUTHORIZE, Where.OAUTH_AUTHORIZE, self.decide),
            Route("POST", TOKEN, Where.OAUTH_TOKEN, self.token),
        ]

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """Who are you, and may this app know it?"""
        given = dict(request.query)
        self._redirect(given)
        kept = "".join(
            f'<input type="hidden" name="{name}" value="{escape(given.get(name, ""))}">' for name in KEPT
        )
        people = [who for who in self._site.world.users.values() if who.kind == "User"]
        buttons = " ".join(
            f'<button name="login" value="{escape(who.login)}">{escape(who.login)}</button>' for who in people
        )
        return page(
            "Authorize Slipway",
            "<p>Slipway wants to know who you are at this GitHub. It gets nothing else.</p>"
            f'<form method="post" action="{AUTHORIZE}">{kept}<p>Continue as {buttons}</p>'
            '<p><button name="login" value="">Cancel</button></p></form>',
        )

    async def decide(self, request: web.Request) -> web.StreamResponse:
        """Back to the app, with a code or a refusal."""
        given = dict(parse_qsl(await request.text(), keep_blank_values=True))
        redirect, state = self._redirect(given), given.get("state", "")
        login = given.get("login", "")
        if not login:
            return _back(redirect, {"error": "access_denied", "state": state})
        user = self._site.world.user(login)
        if user is None:
            raise not_found()
        code = secrets.token_hex(10)
        until = self._site.clock.now() + CODE_LIFE
        self._grants[code] = Grant(user, redirect, given.get("code_challenge", ""), until)
        return _back(redirect, {"code": code, "state": state})

    async def token(self, request: web.Request) -> web.StreamResponse:
        """Trade a code in. Every refusal has status 200, as GitHub's have."""
        given = dict(parse_qsl(await request.text()))
        app = self._registered(given)
        if not hmac.compare_digest(given.get("client_secret", "").encode(), app.secret.encode()):
            return answer({"error": "incorrect_client_credentials"})
        grant = self._grants.pop(given.get("code", ""), None)
        if grant is None or self._site.clock.now() >= grant.until:
            return answer({"error": "bad_verification_code"})
        if given.get("redirect_uri", grant.redirect) != grant.redirect:
            return answer({"error": "redirect_uri_mismatch"})
        if grant.challenge and _challenge(given.get("code_verifier", "")) != grant.challenge:
            return answer({"error": "bad_verification_code"})
        token = self._site.access.issue_to(grant.user)
        return answer({"access_token": token, "token_type": "bearer", "scope": ""})

    def _registered(self, given: dict[str, str]) -> OAuthApp:
        if self._app is None or given.get("client_id") != self._app.client_id:
            raise not_found()
        return self._app

    def _redirect(self, given: dict[str, str]) -> str:
        """The address to go back to; only at or below the one that is registered."""
        app = self._registered(given)
        wanted = given.get("redirect_uri") or app.callback
        if wanted != app.callback and not wanted.startswith(app.callback + "/"):
            raise not_found()
        return wanted


def _back(redirect: str, answers: dict[str, str]) -> web.Response:
    return web.Response(status=302, headers={"Location": f"{redirect}?{urlencode(answers)}"})


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
