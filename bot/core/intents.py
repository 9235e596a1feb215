"""What a person decided. The engine applies it inside a unit of work; nothing else changes the store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.records import Resolution, Wish
from bot.core.values import DeploymentId


class Settlement(StrEnum):
    """What a person says of a dispatch whose answer never came."""

    IT_RAN = "it ran"
    IT_DID_NOT_RUN = "it did not run"
    LOOK_AGAIN = "look again"


@dataclass(frozen=True, slots=True)
class AskDeployment:
    """Ask for a deployment; without a resolution the reference is resolved later."""

    wish: Wish
    resolution: Resolution | None
    channel: str


@dataclass(frozen=True, slots=True)
class CancelDeployment:
    """Withdraw it while nothing runs, else cancel its run."""

    number: int


@dataclass(frozen=True, slots=True)
class Settle:
    """Answer for a deployment that is `unknown`."""

    number: int
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class NoteReading:
    """Keep in the audit trail that it was read."""

    service: str
    environment: str
    words: str


@dataclass(frozen=True, slots=True)
class OffBoard:
    """Somebody left: withdraw what they asked for, and void their votes, in what has not begun."""

    person: str
    name: str
    deployments: tuple[DeploymentId, ...]


Intent = AskDeployment | CancelDeployment | Settle | NoteReading | OffBoard
