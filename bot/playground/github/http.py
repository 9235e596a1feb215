"""How GitHub's API answers, whatever was asked: errors, pages, times, ETags."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from aiohttp import web

from bot.playground.github.names import Where

Json = dict[str, Any]
T = TypeVar("T")
DOCS = "https://docs.github.com/rest"
DEFAULT_PAGE, MAX_PAGE = 30, 100


@dataclass
class Refusal(Exception):
    """An error answer in GitHub's shape."""

    status: int
    message: str
    errors: list[Json] | str | None = None
    headers: dict[str, str] | None = None

    def body(self) -> Json:
        answer: Json = {"message": self.message, "documentation_url": DOCS, "status": str(self.status)}
        if self.errors is not None:
            answer["errors"] = self.errors
        return answer


def not_found() -> Refusal:
    return Refusal(404, "Not Found")


def invalid(message: str) -> Refusal:
    return Refusal(422, message)


class Route(NamedTuple):
    """One call of the API."""

    method: str
    path: str
    where: Where
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]


def stamp(moment: datetime) -> str:
    """A time as GitHub writes it: whole seconds, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe_stamp(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def answer(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(data, status=status, headers=headers, dumps=_dumps)


def nothing() -> web.Response:
    return web.Response(status=204)


def _dumps(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


async def body_of(request: web.Request) -> Json:
    """The JSON object that was sent; nothing sent is an empty one."""
    raw = await request.read()
    if not raw:
        return {}
    try:
        data = json.loads(raw)
    except ValueError as error:
        raise Refusal(400, "Problems parsing JSON") from error
    if not isinstance(data, dict):
        raise Refusal(400, "Body should be a JSON object")
    return data


def needed(body: Json, key: str) -> str:
    """A string that must have been sent."""
    value = body.get(key)
    if value is None:
        raise invalid(f'Invalid request.\n\n"{key}" wasn\'t supplied.')
    if not isinstance(value, str):
        raise invalid(f"Invalid request.\n\nFor 'properties/{key}', {json.dumps(value)} is not a string.")
    return value


def page_of(
    request: web.Request, rows: Sequence[T], largest: int = MAX_PAGE
) -> tuple[list[T], dict[str, str]]:
    """The rows asked for, and the Link header that leads to the others."""
    per_page = max(1, min(_number(request, "per_page", min(DEFAULT_PAGE, largest)), largest))
    page = max(1, _number(request, "page", 1))
    last = max(1, -(-len(rows) // per_page))
    links = []
    if page < last:
        links += [(page + 1, "next"), (last, "last")]
    if page > 1:
        links += [(1, "first"), (page - 1, "prev")]
    written = ", ".join(f'<{request.url.update_query(page=n)}>; rel="{rel}"' for n, rel in links)
    start = (page - 1) * per_page
    return list(rows[start : start + per_page]), ({"Link": written} if written else {})


def listed(
    request: web.Request, rows: Sequence[T], shape: Callable[[T], Json], key: str | None = None
) -> web.Response:
    """One page of a list; with `key`, wrapped as `{"total_count": .., key: [..]}`."""
    some, headers = page_of(request, rows)
    shaped = [shape(row) for row in some]
    return answer({"total_count": len(rows), key: shaped} if key else shaped, headers=headers)


def _number(request: web.Request, name: str, otherwise: int) -> int:
    try:
        return int(request.query.get(name, otherwise))
    except ValueError:
        return otherwise


def with_etag(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Give a JSON answer its ETag, or say 304 when the caller has it already."""
    if request.method != "GET" or response.status != 200 or not isinstance(response, web.Response):
        return response
    if response.content_type != "application/json" or not isinstance(response.body, bytes):
        return response
    etag = f'W/"{hashlib.sha256(response.body).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
    return response
