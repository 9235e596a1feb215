"""Taking values from the environment or from mounted files, and what they must look like."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.config.mistakes import Mistake
from bot.config.words import is_web_address, wrong

EXAMPLE = "replace-me"
"""What every secret of .env.example holds, so that an unchanged copy is noticed."""
_LARGEST = 65_536
_PEM = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.+-----END \1-----\s*", re.DOTALL)


def gather(
    environ: Mapping[str, str], variables: Iterable[str], secrets: frozenset[str]
) -> tuple[dict[str, Any], list[Mistake]]:
    """Every variable that has a value, secrets also from the file that NAME_FILE names."""
    values: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    for name in variables:
        file = f"{name}_FILE"
        if name in secrets and name in environ and file in environ:
            mistakes.append(_wrong(name, f"this is set twice, here and by {file}", "take one of the two out"))
        elif name in secrets and file in environ:
            _from_file(name, Path(environ[file]), values, mistakes)
        elif name in environ:
            _take(name, environ[name], name in secrets, values, mistakes)
    return values, mistakes


def _from_file(name: str, path: Path, values: dict[str, str], mistakes: list[Mistake]) -> None:
    try:
        with path.open(encoding="utf-8") as opened:
            text = opened.read(_LARGEST)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        mistakes.append(_wrong(name, f"{name}_FILE names {path}, which cannot be read: {why}", ""))
        return
    _take(name, text, True, values, mistakes)


def _take(name: str, text: str, secret: bool, values: dict[str, str], mistakes: list[Mistake]) -> None:
    value = text.strip()
    if value and not (secret and EXAMPLE in value):
        values[name] = value
    elif value:
        mistakes.append(_wrong(name, "this still has the value of the example", "put the real one there"))
    elif secret:
        mistakes.append(_wrong(name, "this is set, but empty", "give it a value, or take it out"))


def _wrong(name: str, message: str, hint: str) -> Mistake:
    return Mistake(name, 0, 0, message, hint)


def bot_token(value: SecretStr) -> SecretStr:
    """xoxb-..."""
    return _prefixed(value, "xoxb-", "the Bot User OAuth Token of the page Install App")


def app_id(text: str) -> str:
    """The number of the GitHub App."""
    if not (text.isascii() and text.isdecimal()):
        raise wrong("this is no App ID", "the number on the page of the GitHub App")
    return text


def app_token(value: SecretStr) -> SecretStr:
    """xapp-..."""
    return _prefixed(value, "xapp-", "an App-Level Token with connections:write")


def command_prefix(text: str) -> str:
    """What Slack allows in the name of a command, with room left for the name itself."""
    if not re.fullmatch(r"[a-z0-9_-]{0,16}", text):
        raise wrong("only small letters, digits, - and _ can stand before a command", "such as x-")
    return text


def _prefixed(value: SecretStr, prefix: str, hint: str) -> SecretStr:
    if not value.get_secret_value().startswith(prefix):
        raise wrong(f"this does not begin with {prefix}", hint)
    return value


def path_secret(value: SecretStr) -> SecretStr:
    """It stands in an address as it is, so it needs no other spelling there, and can't be guessed."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,200}", value.get_secret_value()):
        raise wrong("this cannot be the secret part of an address", "16 or more letters, digits, - and _")
    return value


def private_key(value: SecretStr) -> SecretStr:
    r"""A PEM; where a variable can hold no line breaks, `\n` stands for them."""
    text = value.get_secret_value().replace("\\n", "\n")
    if not _PEM.fullmatch(text):
        raise wrong("this is no private key in PEM form", "the whole file from the page of the GitHub App")
    return SecretStr(text)


def encryption_keys(value: object) -> object:
    """Fernet keys: 32 bytes each, in URL-safe base64."""
    if not isinstance(value, str):
        return value
    keys = tuple(key.strip() for key in value.split(","))
    for place, key in enumerate(keys, start=1):
        if not _is_fernet(key):
            raise wrong(
                f"key {place} is no Fernet key",
                "32 random bytes in URL-safe base64, separated by commas, the newest first",
            )
    if len(set(keys)) < len(keys):
        raise wrong("a key is there twice", "each key once, the newest first")
    return tuple(SecretStr(key) for key in keys)


def _is_fernet(key: str) -> bool:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def port(value: object) -> object:
    """A number from 0 (any free port) to 65535."""
    if isinstance(value, int):
        return value
    text = str(value)
    if text.startswith("tcp://"):
        raise wrong(
            "this is an address that Kubernetes sets for a Service called slipway",
            "set `enableServiceLinks: false` in the pod",
        )
    if not (text.isascii() and text.isdecimal()) or int(text) > 65_535:
        raise wrong(f"`{text}` is no port", "a number up to 65535")
    return int(text)


def web_address(text: str) -> str:
    """http or https, a host, and nothing that could be a secret; kept without a slash at the end."""
    if not is_web_address(text):
        raise wrong("this is no address", "such as https://slipway.example.com")
    if any(letter in text for letter in "@?#"):
        raise wrong("this holds more than an address", "no user, password, ? or #")
    return text.rstrip("/")


def database_url(value: SecretStr) -> SecretStr:
    """sqlite:///PATH or postgresql://..."""
    text = value.get_secret_value()
    scheme, colon, rest = text.partition("://")
    if scheme == "postgres" or scheme.startswith("postgresql+"):
        raise wrong(f"the scheme `{scheme}` is not known", "did you mean `postgresql`?")
    if not colon or scheme not in ("sqlite", "postgresql"):
        raise wrong("this is no database", "sqlite:///slipway.db or postgresql://user:password@host/name")
    if scheme == "sqlite" and (not rest.startswith("/") or rest == "/" or ":memory:" in rest):
        raise wrong("this names no file", "sqlite:///slipway.db, or sqlite:////var/lib/slipway.db")
    if scheme == "postgresql" and not _names_a_database(text):
        raise wrong("this names no database on a server", "postgresql://user:password@host/name")
    return value


def _names_a_database(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return len(parts.path) > 1 and parts.port != 0
    except ValueError:
        return False
