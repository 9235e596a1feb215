"""The effective policy as canonical data: what is hashed, kept with a request, and read back to judge by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from bot.core.catalog import Catalog, Environment, Policy, Service
from bot.core.errors import Bug
from bot.core.records import Deployment
from bot.core.request import Canonical, digest_of
from bot.core.rolling_back import place_of


def policy_of(service: Service, environment: Environment) -> dict[str, Canonical]:
    """The normalised policy. Channels and digest messages are no part of it; what is absent is left out."""
    plain: dict[str, Canonical] = {"service": service.name, "environment": environment.name}
    plain["policy"] = _encode(environment.policy)
    return plain


def policy_version(service: Service, environment: Environment) -> str:
    """SHA-256 of the canonical policy, in hex."""
    return digest_of(policy_of(service, environment))


def fingerprint(part: object) -> str:
    """The same for the same part of a policy, and for no other."""
    return digest_of({"part": _encode(part)})


def read_policy(plain: Mapping[str, Any]) -> Policy:
    """The policy that `policy_of` was made from, so that a gate can judge by an older one."""
    read = _decode(Policy, plain["policy"])
    if not isinstance(read, Policy):
        raise Bug("a stored policy is no policy")
    return read


def asked_under(deployment: Deployment) -> Policy | None:
    """The policy of the place when it was resolved; none before that."""
    return read_policy(json.loads(deployment.policy)) if deployment.policy else None


def policies_of(deployment: Deployment, catalog: Catalog) -> tuple[Policy, ...]:
    """The one it was asked under, and today's where that differs: both hold."""
    environment = place_of(catalog, deployment.wish)
    found = (asked_under(deployment), environment.policy if environment else None)
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _encode(value: object) -> Canonical:
    match value:
        case Enum():
            return str(value.value)
        case None | str() | bool() | int():
            return value
        case timedelta():
            return int(value.total_seconds())
        case datetime():
            return value.isoformat()
        case Decimal():
            return format(value.normalize(), "f")
        case tuple():
            return [_encode(item) for item in value]
        case _ if is_dataclass(value):
            return _encode_fields(value)
        case _:
            raise Bug(f"{type(value).__name__} in a policy")


def _encode_fields(value: Any) -> dict[str, Canonical]:
    """Empty parts are left out, so that a new optional part does not change every version there is."""
    kind = getattr(value, "kind", None)
    plain: dict[str, Canonical] = {} if kind is None else {"kind": kind}
    for item in fields(value):
        part = getattr(value, item.name)
        if part is not None and part != ():
            plain[item.name] = _encode(part)
    return plain


def _decode(hint: Any, plain: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _decode_union(get_args(hint), plain)
    if origin is tuple:
        return _decode_tuple(get_args(hint), plain)
    if is_dataclass(hint):
        return _decode_fields(hint, plain)
    if hint is timedelta:
        return timedelta(seconds=plain)
    if hint is datetime:
        return datetime.fromisoformat(plain)
    return plain if hint in (str, int, bool) else hint(plain)


def _decode_tuple(arguments: tuple[Any, ...], plain: list[Any]) -> tuple[Any, ...]:
    if arguments[-1] is Ellipsis:
        return tuple(_decode(arguments[0], item) for item in plain)
    return tuple(_decode(hint, item) for hint, item in zip(arguments, plain, strict=True))


def _decode_union(hints: tuple[Any, ...], plain: Any) -> Any:
    present = [hint for hint in hints if hint is not NoneType]
    if plain is None or not present:
        return None
    if len(present) == 1:
        return _decode(present[0], plain)
    if not isinstance(plain, dict):
        return plain
    return next(_decode(hint, plain) for hint in present if hint.kind == plain["kind"])


def _decode_fields(hint: Any, plain: Mapping[str, Any]) -> Any:
    known = _types_of(hint)
    values = {name: _decode(known[name], part) for name, part in plain.items() if name in known}
    for name in known.keys() - values.keys():
        if get_origin(known[name]) is tuple:
            values[name] = ()
        elif NoneType in get_args(known[name]):
            values[name] = None
    return hint(**values)


@cache
def _types_of(hint: Any) -> Mapping[str, Any]:
    """By field; the annotations are text, and to read them takes longer than all the rest."""
    hints = get_type_hints(hint)
    return {item.name: hints[item.name] for item in fields(hint)}
