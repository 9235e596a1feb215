"""What a run says of itself in its artifact `slipway.json`: read strictly, and never believed by halves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.core.errors import UserError
from bot.core.run_report_schema import SCHEMA
from bot.core.runs import RunRef
from bot.core.secrets import looks_secret
from bot.core.visible import clip, visible

NAME = "slipway.json"
NAMES = (NAME, "slipway")  # that the artifact itself may have
LARGEST = 64 * 1024  # bytes of the file
LONGEST = 200  # characters of what is wrong with it

_KINDS: Mapping[str, type] = {"object": dict, "array": list, "string": str}


@dataclass(frozen=True, slots=True)
class Image:
    """What was built, by its immutable digest."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup of the database: by which name it can be restored, and when it was made."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RunReport:
    """Whatever the run chose to say."""

    version: str | None = None
    images: tuple[Image, ...] = ()
    backup: Backup | None = None
    migrations: tuple[str, ...] = ()  # that it ran
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """What is kept of it with the deployment: the report, or why there is none."""

    report: RunReport | None = None
    said: str = ""
    since: datetime | None = None  # since when it can't be read, while that is tried again

    @property
    def settled(self) -> bool:
        """Whether it need not be read again."""
        return self.since is None


class Artifacts(Protocol):
    """What runs leave behind."""

    async def slipway_json(self, run: RunRef) -> bytes | None:
        """The file of that name; None where there is none, UserError or NeedsHuman where it can't be used."""
        ...


def read_report(content: bytes) -> RunReport:
    """UserError that says what is wrong with it first."""
    try:
        plain = json.loads(
            content.decode("utf-8"), object_pairs_hook=_only_once, parse_constant=_no_such_number
        )
    except (ValueError, RecursionError) as error:
        raise _unfit(f"it is no JSON that can be read ({_first_line(error)})") from None
    wrong = next(_wrong(plain, SCHEMA, "it"), None)
    if wrong is not None:
        raise _unfit(wrong)
    if looks_secret(json.dumps(plain, ensure_ascii=False)):
        raise _unfit("it holds something that looks like a secret, which should be rotated now")
    return _report(plain)


def _report(plain: Mapping[str, Any]) -> RunReport:
    backup = plain.get("backup")
    return RunReport(
        version=plain.get("version"),
        images=tuple(Image(each["name"], each["digest"]) for each in plain.get("images", ())),
        backup=Backup(backup["id"], _moment(backup["at"])) if backup else None,
        migrations=tuple(plain.get("migrations", ())),
        url=plain.get("url"),
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _unfit("backup.at is no moment") from None


def _wrong(value: object, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    """By the schema that is published, so that the two can't part."""
    kind = schema["type"]
    if not isinstance(value, _KINDS[kind]):
        yield f"{where} is no {kind}"
    elif isinstance(value, dict):
        yield from _wrong_object(value, schema, where)
    elif isinstance(value, list):
        yield from _wrong_array(value, schema, where)
    elif isinstance(value, str):
        yield from _wrong_string(value, schema, where)


def _wrong_object(value: Mapping[str, Any], schema: Mapping[str, Any], where: str) -> Iterator[str]:
    known: Mapping[str, Any] = schema["properties"]
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{where} has no {key}"
    for key, part in value.items():
        place = key if where == "it" else f"{where}.{key}"
        if key in known:
            yield from _wrong(part, known[key], place)
        else:
            yield f"{where} may have no “{clip(visible(key), 40)}”"


def _wrong_array(value: Sequence[Any], schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if len(value) > schema["maxItems"]:
        yield f"{where} has more than {schema['maxItems']} entries"
    for place, part in enumerate(value):
        yield from _wrong(part, schema["items"], f"{where}[{place}]")


def _wrong_string(value: str, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if len(value) > schema["maxLength"]:
        yield f"{where} is longer than {schema['maxLength']} characters"
    elif re.fullmatch(schema["pattern"], value) is None:
        yield f"{where} is not written as the schema says"


def _only_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _no_such_number(word: str) -> object:
    raise ValueError(f"{word} is no number")


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return clip(visible(lines[0]), 100) if lines else type(error).__name__


def _unfit(why: str) -> UserError:
    return UserError(
        f"The run left a {NAME} that can't be used: {clip(why, LONGEST)}.",
        "",
        "Mend what writes it; the schema stands beside the documentation.",
    )
