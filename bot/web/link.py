"""The pages under /link: a browser goes to the code host, comes back, and is asked for a code."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from bot.core.bodies import read_capped
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.linking import VALID, LinkAttempt
from bot.engine.linking import CALLBACK, CONFIRM, Browser, LinkDesk
from bot.web import link_pages
from bot.web.limits import SECURITY_HEADERS

log = logging.getLogger(__name__)

COOKIE = "slipway_link"
MOST = 4 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LinkPages:
    """Every request ends in a page that says what happened. `code_host` is where forms may lead."""

    def __init__(self, desk: LinkDesk, base_url: str, code_host: str) -> None:
        self._desk = desk
        self._base_url = base_url
        parts = urlsplit(base_url)
        self._secure = parts.scheme == "https"
        self._path = f"{parts.path}/link"
        # Browsers hold the answer to a form to this as well, and that answer leads to the code host.
        host = urlsplit(code_host)
        policy = SECURITY_HEADERS["Content-Security-Policy"]
        self._policy = f"{policy}; script-src 'none'; form-action 'self' {host.scheme}://{host.netloc}"

    def routes(self) -> list[web.RouteDef]:
        """For the application; the fixed addresses come before the one that takes any secret."""
        return [
            web.get("/link/style.css", _style),
            web.get(CALLBACK, self._guarded(self._callback)),
            web.get(CONFIRM, self._guarded(self._confirm)),
            web.post(CONFIRM, self._guarded(self._confirmed)),
            web.get("/link/{secret}", self._guarded(self._start)),
            web.post("/link/{secret}", self._guarded(self._open)),
        ]

    async def _start(self, request: web.Request) -> web.Response:
        """Whoever looks gets a cookie of their own; only sending the form uses the link."""
        attempt = await self._desk.look(request.match_info["secret"])
        known = _browser(request)
        browser = known if known and known.attempt == attempt.id else Browser.new(attempt.id)
        response = self._page(link_pages.start(attempt, self._desk.form(browser)))
        response.set_cookie(
            COOKIE,
            browser.write(),
            max_age=int(VALID.total_seconds()),
            path=self._path,
            secure=self._secure,
            httponly=True,
            samesite="Lax",  # it must come along when the code host sends the browser back
        )
        return response

    async def _open(self, request: web.Request) -> web.Response:
        fields = await _fields(request)
        secret = request.match_info["secret"]
        address = await self._desk.open(secret, _browser(request), fields.get("form", ""))
        return web.Response(status=303, headers={"Location": address})

    async def _callback(self, request: web.Request) -> web.Response:
        """The code and the state leave the address at once, so that no history and no referrer keeps them."""
        await self._desk.come_back(
            _browser(request), request.query.get("state", ""), request.query.get("code", "")
        )
        return web.Response(status=303, headers={"Location": self._base_url + CONFIRM})

    async def _confirm(self, request: web.Request) -> web.Response:
        browser = _browser(request)
        attempt = await self._desk.confirming(browser)
        return self._page(link_pages.ask_code(attempt, self._form(browser)))

    async def _confirmed(self, request: web.Request) -> web.Response:
        browser = _browser(request)
        fields = await _fields(request)
        try:
            linked = await self._desk.confirm(browser, fields.get("form", ""), fields.get("code", ""))
        except UserError as error:
            still = await self._still(browser, error)
            return self._page(link_pages.ask_code(still, self._form(browser), error), 403)
        response = self._page(link_pages.done(linked))
        response.del_cookie(COOKIE, path=self._path)
        return response

    async def _still(self, browser: Browser | None, error: UserError) -> LinkAttempt:
        """The attempt, if it goes on; else what was wrong with it is all there is to say."""
        try:
            return await self._desk.confirming(browser)
        except UserError:
            raise error from None

    def _form(self, browser: Browser | None) -> str:
        return self._desk.form(browser) if browser else ""

    def _guarded(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except UserError as error:
                return self._page(link_pages.refused(error.what, error.why, error.next), 403)
            except NeedsHuman as error:
                log.error("linking failed: %s", error)
                return self._page(link_pages.refused(error.what, error.why, error.next), 502)
            except Transient as error:
                log.warning("linking failed: %s: %s", error.system, error.why)
                what = f"{error.system or 'The other side'} does not answer."
                next = "Ask for a new link with `/slipway link` in a moment."
                return self._page(link_pages.refused(what, "Nothing was linked.", next), 503)
            except Exception:
                reference = uuid.uuid4().hex[:8]
                log.exception("reference %s: linking failed", reference)
                why = f"The log has the details under reference {reference}."
                return self._page(link_pages.refused("Slipway made a mistake.", why), 500)

        return handle

    def _page(self, text: str, status: int = 200) -> web.Response:
        headers = {"Content-Security-Policy": self._policy}
        return web.Response(text=text, content_type="text/html", status=status, headers=headers)


async def _style(_request: web.Request) -> web.Response:
    return web.Response(text=link_pages.STYLE, content_type="text/css")


def _browser(request: web.Request) -> Browser | None:
    return Browser.read(request.cookies.get(COOKIE, ""))


async def _fields(request: web.Request) -> dict[str, str]:
    body = await read_capped(request, MOST)
    if body is None:
        raise UserError("That is too much for this form.")
    try:
        fields = parse_qs(body.decode(), max_num_fields=5)
    except ValueError:
        raise UserError("That form can't be read.") from None
    return {name: values[0] for name, values in fields.items()}
