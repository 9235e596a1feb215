"""Whether an answer over HTTP is the one that was wanted, and what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.core.code import RefKind
from bot.core.errors import Bug
from bot.core.records import Deployment
from bot.core.rules import HttpVerification, JsonPart
from bot.core.values import SHORT, Sha, short
from bot.core.verify_ports import Answered, Forbidden, HttpReading, Silent
from bot.core.visible import clip

WORDS = 60  # characters of what others say


@dataclass(frozen=True, slots=True)
class Release:
    """What must answer: the commit, and the tag by which it was asked for."""

    sha: Sha
    tag: str = ""

    def is_called(self, said: str) -> bool:
        """By its tag, with or without the `v`, or by its commit, whole or shortened."""
        name = said.strip().lower()
        tag = self.tag.lower()
        if tag and name in (tag, tag.removeprefix("v")):
            return True
        return len(name) >= SHORT and self.sha.startswith(name)

    @property
    def name(self) -> str:
        """The shortest."""
        return self.tag or short(self.sha)


def wrong_answer(rule: HttpVerification, reading: HttpReading, release: Release | None) -> str:
    """Empty where it is right. Without a release nobody asks which one answers."""
    match reading:
        case Silent(why) | Forbidden(why):
            return why
        case Answered():
            if reading.status != rule.status:
                return f"answered {reading.status}, {rule.status} was wanted"
            wrong = _wrong_version(rule, reading, release)
            return wrong or _wrong_text(rule, reading) or _wrong_json(rule, reading)


def pointed_to(rule: HttpVerification, reading: HttpReading) -> str:
    """That it sends whoever asks elsewhere, and to which host; no more of that address is told."""
    if not isinstance(reading, Answered) or reading.status == rule.status:
        return ""
    location = reading.header("location")
    if not 300 <= reading.status < 400 or location is None:
        return ""
    try:
        host = urlsplit(location).hostname or "another page of its own"
    except ValueError:
        host = "an address that can't be read"
    return f"answered {reading.status}, which points to {clip(host, WORDS)}"


def _wrong_version(rule: HttpVerification, reading: Answered, release: Release | None) -> str:
    if rule.version_header is None or release is None:
        return ""
    said = reading.header(rule.version_header)
    if said is None:
        return f"has no {rule.version_header}, {release.name} was wanted there"
    if release.is_called(said):
        return ""
    return f"{rule.version_header} says {clip(said, WORDS)}, {release.name} was wanted"


def _wrong_text(rule: HttpVerification, reading: Answered) -> str:
    if rule.contains is None or rule.contains.encode() in reading.body:
        return ""
    read = "" if reading.whole else f" in its first {len(reading.body)} bytes"
    return f"does not contain “{clip(rule.contains, WORDS)}”{read}"


def _wrong_json(rule: HttpVerification, reading: Answered) -> str:
    if rule.json is None:
        return ""
    if not reading.whole:
        return "is too long to be read as JSON"
    try:
        found = _part(json.loads(reading.body), rule.json)
    except (ValueError, RecursionError):
        return "is no JSON"
    except LookupError:
        return f"has no {rule.json.path}"
    wanted = rule.json.value
    if type(found) is type(wanted) and found == wanted:
        return ""
    said = "no single value" if isinstance(found, dict | list) else _written(found)
    return f"{rule.json.path} is {said}, {_written(wanted)} was wanted"


def _written(value: Any) -> str:
    return clip(json.dumps(value, ensure_ascii=False), WORDS)


def _part(found: Any, part: JsonPart) -> Any:
    for name in part.path.split("."):
        match found:
            case dict():
                found = found[name]
            case list() if name.isascii() and name.isdecimal():
                found = found[int(name)]
            case _:
                raise LookupError(name)
    return found


def release_of(deployment: Deployment) -> Release:
    """By its tag only where it was asked for by that."""
    resolution = deployment.resolution
    if resolution is None:
        raise Bug("nothing gets anywhere before it is known what it is")
    tag = resolution.ref_name if resolution.ref_kind is RefKind.TAG else ""
    return Release(resolution.release.sha, tag)
