"""Somebody at a browser: follows links, keeps cookies, fills in forms; and what Slack says to get there."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from html import unescape
from typing import Self
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
from yarl import URL

from tests.scenario.house import House

LINK = re.compile(r"http://127\.0\.0\.1:\d+/link/[\w-]+")
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
ACTION = re.compile(r'<form method="post" action="([^"]*)"')
CODE = re.compile(r"\b\d{8}\b")


@dataclass
class Surfer:
    """One browser; each has cookies of its own."""

    page: str = ""
    status: int = 0
    url: str = ""
    trail: list[str] = field(default_factory=list)  # every address it saw
    policy: str = ""

    def __post_init__(self) -> None:
        self._opened = AsyncExitStack()

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True)  # a name that is a number may have cookies, too
        self.session = await self._opened.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    async def visit(self, url: str) -> Self:
        """Type or follow an address."""
        return await self._ask("GET", url)

    async def send(self, **typed: str) -> Self:
        """Send the form of the page, with what it holds and what is typed."""
        action = ACTION.search(self.page)
        url = urljoin(self.url, unescape(action[1])) if action else self.url
        held = {name: unescape(value) for name, value in HIDDEN.findall(self.page)}
        return await self._ask("POST", url, held | typed)

    async def post(self, url: str, **fields: str) -> Self:
        """Send a form that another page made."""
        return await self._ask("POST", url, fields)

    async def begin(self, link: str) -> Self:
        """From the link to the code host's page."""
        await self.visit(link)
        return await self.send()

    async def sign_in(self, link: str, login: str) -> Self:
        """From the link to the page that asks for the code."""
        await self.begin(link)
        return await self.send(login=login)

    def cookie(self, base: str) -> str:
        """What it would send along to our pages."""
        found = self.session.cookie_jar.filter_cookies(URL(base + "/link/confirm")).get("slipway_link")
        return found.value if found else ""

    async def _ask(self, method: str, url: str, form: dict[str, str] | None = None) -> Self:
        for _ in range(10):
            self.trail.append(url)
            async with self.session.request(method, url, data=form, allow_redirects=False) as response:
                self.status, self.url, self.page = response.status, url, await response.text()
                self.policy = response.headers.get("Content-Security-Policy", "")
                if response.status not in (302, 303):
                    return self
                url = urljoin(url, response.headers["Location"])
            method, form = "GET", None
        raise AssertionError("it never stopped sending us on")

    def query(self, name: str) -> str:
        """From the last address that had it."""
        found = [parse_qs(urlsplit(each).query).get(name, [""])[0] for each in self.trail]
        return next(each for each in reversed(found) if each)


async def link_of(house: House, person: str) -> str:
    """Ask for a link, and read it where only this person can."""
    before = len(house.play.slack.ephemerals(person))
    await house.says(person, "#deploys", "/slipway link")

    def fresh() -> list[str]:
        told = house.play.slack.ephemerals(person)[before:]
        return [found[0] for each in told if (found := LINK.search(str(each.blocks)))]

    await house.play.slack.until(lambda: bool(fresh()), 30)
    return fresh()[0]


async def code_for(house: House, person: str, after: int = 0) -> str:
    """Wait for the code of a direct message, where so many came before."""
    await house.play.slack.until(lambda: len(_codes(house, person)) > after, 30)
    return _codes(house, person)[-1]


def _codes(house: House, person: str) -> list[str]:
    told = (str(each.blocks) for each in house.play.slack.direct_messages(person))
    return [found[0] for each in told if "Give it to nobody" in each and (found := CODE.search(each))]


async def told(house: House, person: str, words: str) -> str:
    """Wait until a direct message says so."""

    def found() -> list[str]:
        said = (f"{each.text} {each.blocks}" for each in house.play.slack.direct_messages(person))
        return [each for each in said if words in each]

    await house.play.slack.until(lambda: bool(found()), 30)
    return found()[-1]


async def link(house: House, person: str, login: str) -> None:
    """The whole way."""
    before = len(_codes(house, person))
    async with Surfer() as surfer:
        await surfer.sign_in(await link_of(house, person), login)
        await surfer.send(code=await code_for(house, person, before))
        assert surfer.status == 200, surfer.page
