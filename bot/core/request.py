"""The frozen request and its digest: what was asked for is what runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from bot.core.errors import Bug
from bot.core.values import Action, Kind, OperationKey, Sha

Canonical = str | int | bool | None | list["Canonical"] | dict[str, "Canonical"]
LARGEST_INT = 2**53
LATER = frozenset({"awaits"})  # parts that are left out where they are empty: older requests never had them


class NotCanonical(Bug):
    """A value that has no single canonical form, so no digest."""


def canonical_json(value: Canonical) -> bytes:
    """RFC 8785 JSON of the few shapes that a digest may hold."""
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(value: Canonical) -> str:
    """SHA-256 over the canonical form, in hex."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _check(value: object) -> None:
    match value:
        case None | bool():
            return
        case str():
            _check_text(value)
        case int():
            if abs(value) >= LARGEST_INT:
                raise NotCanonical(f"{value} does not fit an exact number")
        case list():
            for item in value:
                _check(item)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise NotCanonical(f"key {key!r} is not ASCII text")
                _check(item)
        case _:
            raise NotCanonical(f"{type(value).__name__} has no canonical form")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotCanonical("text holds a lone surrogate") from None


@dataclass(frozen=True, slots=True)
class DeployRequest:
    """Everything that will be dispatched, and everything the votes are bound to. Never edited."""

    workspace: str
    key: OperationKey
    kind: Kind
    action: Action
    service: str
    environment: str
    provider: str
    repository: str
    repository_id: int
    workflow: str
    start: str
    pin: str
    asked_ref: str  # as the person named it, after resolution: a branch, tag or commit
    release_sha: Sha
    dispatch_ref: str
    workflow_sha: Sha
    inputs: tuple[tuple[str, str], ...]
    policy_version: str
    requester: str
    emergency: bool
    nonce: str
    expires_at: datetime | None
    awaits: str = ""  # the attempt of a run that waits at the provider, where that began it

    def canonical(self) -> dict[str, Canonical]:
        """The request as plain canonical data, from which it can be read back."""
        plain: dict[str, Canonical] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name not in LATER or value:
                plain[item.name] = _plain(value)
        plain["inputs"] = dict(self.inputs)
        return plain

    def digest(self) -> str:
        """The one number that an approval is bound to."""
        return digest_of(self.canonical())

    @staticmethod
    def read(plain: Mapping[str, Any]) -> DeployRequest:
        """The request that `canonical` was made from."""
        values = dict(plain)
        values["kind"] = Kind(values["kind"])
        values["action"] = Action(values["action"])
        values["inputs"] = tuple(sorted(values["inputs"].items()))
        if values["expires_at"] is not None:
            values["expires_at"] = datetime.fromisoformat(values["expires_at"])
        return DeployRequest(**values)


def differences(was: DeployRequest, now: DeployRequest) -> tuple[str, ...]:
    """The names of the parts that differ, in the order of the class."""
    return tuple(f.name for f in fields(was) if getattr(was, f.name) != getattr(now, f.name))


def _plain(value: object) -> Canonical:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool | int) or value is None:
        return value
    return str(value)
