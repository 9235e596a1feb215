"""Who sits at a browser, said by GitHub itself (OAuth). The token is asked one question and forgotten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.core.bodies import read_capped
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.linking import Account

SYSTEM = "GitHub"
PROVIDER = "github"
PATIENCE = aiohttp.ClientTimeout(total=10)
MOST = 256 * 1024
_AGAIN = "Ask for a new link with `/slipway link`."
_REFUSED = {  # what GitHub answers, with status 200, when the operators have to look
    "incorrect_client_credentials": "The client secret is not the one of GITHUB_CLIENT_ID.",
    "redirect_uri_mismatch": "The callback address of the OAuth app is not the one under SLIPWAY_PUBLIC_URL.",
    "application_suspended": "The OAuth app is suspended.",
}


class GitHubSignIn:
    """The port SignIn. No scope is asked for: the token may read what everybody may."""

    def __init__(
        self, session: aiohttp.ClientSession, *, web_url: str, api_url: str, client_id: str, secret: str
    ) -> None:
        self._session = session
        self._web_url = web_url.rstrip("/")
        self._api_url = api_url.rstrip("/")
        self._client_id = client_id
        self._secret = secret

    def address(self, state: str, redirect: str, challenge: str) -> str:
        """Where to send the browser; it is asked which account, even when it is signed in."""
        query = {
            "client_id": self._client_id,
            "redirect_uri": redirect,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "allow_signup": "false",
            "prompt": "select_account",
        }
        return f"{self._web_url}/login/oauth/authorize?{urlencode(query)}"

    async def account(self, code: str, redirect: str, verifier: str) -> Account:
        """Trade the code for the account's id and login; nothing else of the answer is kept."""
        token = await self._token(code, redirect, verifier)
        bearer = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "2022-11-28"}
        user = await self._ask("GET", f"{self._api_url}/user", bearer)
        id, login = user.get("id"), user.get("login")
        if type(id) is not int or not isinstance(login, str) or not login:
            raise _garbled()
        return Account(PROVIDER, str(id), login)

    async def _token(self, code: str, redirect: str, verifier: str) -> str:
        form = {
            "client_id": self._client_id,
            "client_secret": self._secret,
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        found = await self._ask("POST", f"{self._web_url}/login/oauth/access_token", {}, form)
        token, error = found.get("access_token"), found.get("error")
        if isinstance(token, str) and token.isascii() and token.isprintable():
            return token
        if error == "bad_verification_code":
            raise UserError("GitHub's answer was used already, or is too old.", "Nothing was linked.", _AGAIN)
        why = _REFUSED.get(str(error))
        if why is not None:
            raise _wrong(why)
        raise _garbled()

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """One call, its answer as an object. Nothing of it is put into an error: it may hold a token."""
        asked = {"Accept": "application/json", "User-Agent": "slipway", **headers}
        try:
            async with self._session.request(
                method, url, headers=asked, data=form, timeout=PATIENCE, allow_redirects=False
            ) as response:
                status, body = response.status, await read_capped(response, MOST)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Transient(f"It cannot be reached ({type(error).__name__}).", system=SYSTEM) from None
        if status == 429 or status >= 500:
            raise Transient(f"It answered with error {status}.", system=SYSTEM)
        if status != 200:
            raise _wrong(
                f"It answered with {status}; GITHUB_WEB_URL, GITHUB_API_URL or the client id is wrong."
            )
        if body is None:
            raise _garbled()
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            raise _garbled() from None
        if not isinstance(found, dict):
            raise _garbled()
        return found


def _wrong(why: str) -> NeedsHuman:
    return NeedsHuman("GitHub did not tell us who you are.", why, "An operator has to look at the settings.")


def _garbled() -> Transient:
    return Transient("Its answer could not be understood.", system=SYSTEM)
