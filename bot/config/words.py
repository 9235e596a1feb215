"""The kinds of text a catalog holds: durations, zones, channels, patterns. Each says what it wants."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from bot.core.cron import parse_cron
from bot.core.durations import parse_duration, parse_time_of_day
from bot.core.nearest import did_you_mean
from bot.core.placeholders import Placeholder, unknown_words
from bot.core.request import LARGEST_INT

OURS = "slipway"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
_WORKFLOW_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,95}\.ya?ml")
_INPUT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,127}")
_HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", re.ASCII)
_CHANNEL = re.compile(r"#[^\s#@<>,.:;!?\"'()A-Z]{1,80}|[CG][A-Z0-9]{6,}")
_USER = re.compile(r"[UW][A-Z0-9]{5,}")
_BRACES = re.compile(r"\{[^{}]*\}")
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|[/.]$|^[/-]|(?:^|/)\.|\.lock(?:/|$)|^.{201}")
_REPOSITORIES = {
    "github": re.compile(r"[\w.-]+/[\w.-]+"),
    "gitlab": re.compile(r"[\w.-]+(?:/[\w.-]+)+"),
}


def wrong(message: str, hint: str = "") -> PydanticCustomError:
    """A mistake in our own words, for a validator to raise."""
    return PydanticCustomError(OURS, "{said}", {"said": message, "hint": hint})


def _text(value: Any, what: str, example: str) -> str:
    if not isinstance(value, str):
        hint = f'put it in quotes: "{value}"' if isinstance(value, int | float) else f"such as {example}"
        raise wrong(f"{what} must be text, not {kind_of(value)}", hint)
    return value


def kind_of(value: object) -> str:
    """What a person calls this value."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a map"
        case _:
            return type(value).__name__


def _duration(value: Any) -> timedelta:
    found = parse_duration(_text(value, "a duration", "4h"))
    if found is None:
        raise wrong(f"`{value}` is no duration", "write it like 90s, 30m, 2h, 7d or 1h30m")
    return found


def _time_of_day(value: Any) -> time:
    found = parse_time_of_day(_text(value, "a time of day", '"09:00"'))
    if found is None:
        raise wrong(f"`{value}` is no time of day", 'write it like "09:00"')
    return found


def _moment(value: Any) -> date | datetime:
    """A day, or a local time; which of the two matters to whoever reads the end of a freeze."""
    text = _text(value, "a day", "2026-12-20")
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        raise wrong(f"`{text}` is no day or time", 'write it like 2026-12-20 or "2026-12-20 18:00"') from None


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        raise wrong("a time here has no offset of its own", "leave the offset out and name a `zone:`")
    return value


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        hint = did_you_mean(text, sorted(available_timezones())) or "a name such as Europe/London"
        raise wrong(f"`{text}` is no time zone", hint) from None
    return text


def _cron(text: str) -> str:
    try:
        parse_cron(text)
    except ValueError as error:
        raise wrong(f"`{text}` is no cron line: {error}", 'such as "0 17 * * FRI"') from None
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise wrong(
            f"`{text}` cannot be a name", "lower-case letters, digits, dots, dashes; 63 at most, no spaces"
        )
    return text


def _input_name(text: str) -> str:
    if not _INPUT_NAME.fullmatch(text):
        raise wrong(f"`{text}` cannot be the name of an input", "letters, digits, _ and -")
    return text


def _label_name(text: str) -> str:
    if not _LABEL.fullmatch(text):
        raise wrong(f"`{text}` cannot be the name of a label", "letters, digits and _")
    return text


def _channel(text: str) -> str:
    if not _CHANNEL.fullmatch(text):
        hint = f'did you mean "#{text}"?' if _CHANNEL.fullmatch(f"#{text}") else 'such as "#deploys"'
        raise wrong(f"`{text}` is no channel", hint)
    return text


def _user(text: str) -> str:
    if not _USER.fullmatch(text):
        raise wrong(
            f"`{text}` is no Slack user id", "an id such as U024BE7LH, from the person's profile menu"
        )
    return text


def _team(text: str) -> str:
    if not _REPOSITORIES["github"].fullmatch(text):
        raise wrong(f"`{text}` is no GitHub team", "organisation and team, such as acme/payments")
    return text


def _repository(text: str) -> str:
    provider, _, name = text.partition(":")
    pattern = _REPOSITORIES.get(provider)
    if pattern is None or not pattern.fullmatch(name):
        near = did_you_mean(provider, _REPOSITORIES) if name else ""
        raise wrong(f"`{text}` is no repository", near or "such as github:acme/api or gitlab:group/api")
    return text


def pipeline_parts(text: str) -> dict[str, str] | None:
    """What `jenkins:team/deploy` is short for."""
    provider, _, rest = text.partition(":")
    name = {"github": "workflow", "gitlab": "ref", "jenkins": "job"}.get(provider)
    return {"provider": provider, name: rest} if name and rest else None


def is_web_address(text: str) -> bool:
    """Whether it is http or https with a host, and a port that can be one."""
    try:
        parts = urlsplit(text)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return fine and not any(letter.isspace() for letter in text)


def _url(text: str) -> str:
    if not is_web_address(text):
        raise wrong(f"`{text}` is no address", "such as https://api.example.com/health")
    if "@" in urlsplit(text).netloc:
        raise wrong("an address here holds no user or password", "take what stands before the @ out")
    return text


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text):
        raise wrong(f"`{text}` is no name of a header", "such as X-Version")
    return text


def _one_part(value: Any) -> Any:
    """Fractions have no place in a digest, and nobody compares them exactly."""
    found = list(value.items()) if isinstance(value, dict) else []
    fits = len(found) == 1 and isinstance(found[0][0], str) and isinstance(found[0][1], str | int | bool)
    if not fits or not found[0][0] or (isinstance(found[0][1], int) and abs(found[0][1]) >= LARGEST_INT):
        raise wrong(
            "this must be one name with its text, whole number, true or false", "such as {db.ok: true}"
        )
    return value


def _pattern(text: str) -> str:
    if not text or text != text.strip() or any(letter.isspace() for letter in text):
        raise wrong(f"`{text}` is no pattern", 'such as main or "v*"')
    if text.count("[") != text.count("]") or "[]" in text:
        raise wrong(f"`{text}` opens a bracket that it does not close", "")
    return text


def _glob(text: str) -> str:
    _pattern(text)
    if text.startswith(("/", "./", "../", "!")) or "/../" in text:
        raise wrong(f"`{text}` does not start inside the repository", "such as db/migrations/**")
    if "***" in text:
        raise wrong(f"`{text}` has too many stars", "** stands for any folders, * for part of a name")
    return text


def _template(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value) if isinstance(value, int) else _text(value, "an input", '"{sha}"')
    for word in unknown_words(text):
        near = did_you_mean(word.strip(), [each.value for each in Placeholder])
        known = ", ".join(Placeholder)
        raise wrong(f"`{{{word}}}` is no placeholder", near or f"there are: {known}")
    return text


def _tag_template(text: str) -> str:
    """With the key in it, a tag of that name can be this deployment's alone."""
    _template(text)
    example = _BRACES.sub("x", text)
    if f"{{{Placeholder.KEY}}}" not in text:
        raise wrong(f"`{text}` has no {{key}}", f'no two deployments may make the same tag: "{text}-{{key}}"')
    if example.startswith(("refs/", "slipway/")):
        raise wrong(f"`{text}` may not begin so", "refs/tags/ goes without saying, and slipway/ is our own")
    if _NO_REF.search(example):
        raise wrong(f"git allows no tag `{text}`", 'such as "deploy-{environment}-{key}"')
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise wrong("this must not be empty", "")
    if len(text) > 500:
        raise wrong("this is too long", "500 characters at most")
    return text


def _workflow_file(text: str) -> str:
    if not _WORKFLOW_FILE.fullmatch(text):
        raise wrong(f"`{text}` is no workflow file", "such as release.yml")
    return text


Duration = Annotated[timedelta, BeforeValidator(_duration)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Moment = Annotated[date | datetime, AfterValidator(_local), BeforeValidator(_moment)]
Said = Annotated[str, AfterValidator(_said)]
Zone = Annotated[str, AfterValidator(_zone)]
CronLine = Annotated[str, AfterValidator(_cron)]
Name = Annotated[str, AfterValidator(_name)]
WorkflowFileName = Annotated[str, AfterValidator(_workflow_file)]
InputName = Annotated[str, AfterValidator(_input_name)]
LabelName = Annotated[str, AfterValidator(_label_name)]
ChannelName = Annotated[str, AfterValidator(_channel)]
UserId = Annotated[str, AfterValidator(_user)]
TeamName = Annotated[str, AfterValidator(_team)]
RepositoryName = Annotated[str, AfterValidator(_repository)]
Url = Annotated[str, AfterValidator(_url)]
HeaderName = Annotated[str, AfterValidator(_header)]
OnePart = Annotated[dict[str, str | int | bool], BeforeValidator(_one_part)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Glob = Annotated[str, AfterValidator(_glob)]
Template = Annotated[str, BeforeValidator(_template)]
TagTemplate = Annotated[str, AfterValidator(_tag_template)]
