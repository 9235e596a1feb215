"""What was measured of a release that got there, and who spoke for it; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.values import DeploymentId
from bot.core.verifications import Outcome


@dataclass(frozen=True, slots=True)
class WrongBefore:
    """A verification was wrong already right before the dispatch: its failure speaks against no release.

    Or it is a workflow, and is not known to have passed there the last time.
    """

    deployment: DeploymentId
    number: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class SmokeStarting:
    """Written before the call: from here on a workflow that looks at the release may have been started."""

    deployment: DeploymentId
    number: int
    key: str
    workflow: str
    dispatch_ref: str


@dataclass(frozen=True, slots=True)
class SmokeFound:
    """The run of that workflow."""

    deployment: DeploymentId
    number: int
    provider: str
    external_id: str


@dataclass(frozen=True, slots=True)
class VerificationEnded:
    """What came of a verification."""

    deployment: DeploymentId
    number: int
    what: str
    outcome: Outcome
    why: str


@dataclass(frozen=True, slots=True)
class VerificationSettled:
    """A person said what nobody could measure: whether it works, or that it shall be measured again."""

    deployment: DeploymentId
    number: int
    word: str
    digest: str
