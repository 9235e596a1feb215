"""Small checks from which the rules of Block Kit are put together; each yields what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Check = Callable[[Any, str], Iterator[str]]


def at(problem: str, path: str) -> str:
    """A problem with its JSON pointer, in Slack's words."""
    return f"{problem} [json-pointer:{path}]"


def anything(_value: Any, _path: str) -> Iterator[str]:
    """No rule."""
    yield from ()


def boolean(value: Any, path: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield at("must provide a boolean", path)


def text(most: int, least: int = 1) -> Check:
    """A string of so many characters."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield at("must provide a string", path)
        elif len(value) > most:
            yield at(f"must be less than {most + 1} characters", path)
        elif len(value) < least:
            yield at(f"must be more than {least - 1} characters", path)

    return check


def integer(low: int, high: int) -> Check:
    """A whole number between two bounds."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            yield at(f"must be an integer between {low} and {high}", path)

    return check


def number(value: Any, path: str) -> Iterator[str]:
    """Any number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield at("must provide a number", path)


def one_of(*allowed: str) -> Check:
    """One of these words."""

    def check(value: Any, path: str) -> Iterator[str]:
        if value not in allowed:
            yield at(f"must be a valid enum value: {', '.join(allowed)}", path)

    return check


def items(each: Check, most: int, least: int = 1) -> Check:
    """An array of so many, each passing a check."""

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield at("must provide an array", path)
            return
        if len(value) > most:
            yield at(f"no more than {most} items allowed", path)
        if len(value) < least:
            yield at(f"no less than {least} items allowed", path)
        for index, item in enumerate(value):
            yield from each(item, f"{path}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with exactly these fields."""
    optional = optional or {}
    known = {**required, **optional}

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield at("must provide an object", path)
            return
        for name in required:
            if value.get(name) is None:
                yield at(f"missing required field: {name}", path)
        for name, given in value.items():
            if name not in known:
                yield at(f"invalid additional property: {name}", path)
            elif given is not None:
                yield from known[name](given, f"{path}/{name}")

    return check


def typed(table: Mapping[str, Check], allowed: Iterable[str] | None = None) -> Check:
    """An object whose `type` picks the check."""
    names = frozenset(table if allowed is None else allowed)

    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield at("must provide an object", path)
        elif value.get("type") is None:
            yield at("missing required field: type", path)
        elif value["type"] not in names:
            yield at(f"unsupported type: {value['type']}", f"{path}/type")
        else:
            yield from table[value["type"]](value, path)

    return check


def both(*checks: Check) -> Check:
    """All of these checks."""

    def check(value: Any, path: str) -> Iterator[str]:
        for one in checks:
            yield from one(value, path)

    return check


def any_field(*names: str) -> Check:
    """At least one of these fields is there."""

    def check(value: Any, path: str) -> Iterator[str]:
        if isinstance(value, dict) and not any(value.get(name) for name in names):
            yield at(f"must define one of: {', '.join(names)}", path)

    return check


TYPE = {"type": anything}


def plain(most: int) -> Check:
    """A plain_text object."""
    body = record({**TYPE, "text": text(most)}, {"emoji": boolean})
    return typed({"plain_text": body})


def rich(most: int) -> Check:
    """A plain_text or mrkdwn object."""
    mrkdwn = record({**TYPE, "text": text(most)}, {"verbatim": boolean})
    plain_body = record({**TYPE, "text": text(most)}, {"emoji": boolean})
    return typed({"plain_text": plain_body, "mrkdwn": mrkdwn})
