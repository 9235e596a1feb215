"""What happened to releases that are kept out; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReleaseQuarantined:
    """It may not go there until that is lifted; no environment: to none of them."""

    quarantine: str
    service: str
    environment: str
    sha: str
    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class QuarantineLifted:
    quarantine: str
    service: str
    environment: str
    sha: str
    put_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class QuarantineMended:
    """An owner says that this release contains the fix; what is made of it is not held any more."""

    quarantine: str
    service: str
    environment: str
    sha: str
    fix: str
    ref: str
    reason: str
