"""One delivery to the app and what came back; the courier is HTTP or a socket."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

Json = dict[str, Any]
ANSWER_SECONDS = 3


class DeliveryKind(StrEnum):
    """By the names of Socket Mode's envelopes."""

    COMMAND = "slash_commands"
    INTERACTIVE = "interactive"
    EVENT = "events_api"


class RetryReason(StrEnum):
    """Why an event comes again."""

    TIMEOUT = "http_timeout"
    ERROR = "http_error"
    CONNECTION = "connection_failed"


class Outcome(StrEnum):
    """What became of a delivery."""

    ANSWERED = "answered"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Delivery:
    """What is sent; `retry` counts the attempts after the first."""

    kind: DeliveryKind
    payload: Json
    wants_answer: bool = False
    retry: int = 0
    reason: RetryReason | None = None


@dataclass
class Receipt:
    """`answer` is the parsed JSON body, or the text when it is none."""

    outcome: Outcome
    status: int = 0
    answer: Json | str | None = None
    no_retry: bool = False

    @property
    def taken(self) -> bool:
        """The app said 2xx in time."""
        return self.outcome is Outcome.ANSWERED

    @property
    def error(self) -> str:
        """Slack's word for the failure, shown to the person."""
        match self.outcome:
            case Outcome.ANSWERED:
                return ""
            case Outcome.TIMED_OUT:
                return "operation_timeout"
            case Outcome.REFUSED | Outcome.UNREACHABLE:
                return "dispatch_failed"

    @property
    def reason(self) -> RetryReason:
        """Why it would be sent again."""
        match self.outcome:
            case Outcome.TIMED_OUT:
                return RetryReason.TIMEOUT
            case Outcome.UNREACHABLE:
                return RetryReason.CONNECTION
            case Outcome.REFUSED | Outcome.ANSWERED:
                return RetryReason.ERROR


@dataclass
class Sent:
    """A delivery that was made, for tests that look at it or send it again."""

    delivery: Delivery
    at: float
    body: bytes = b""
    content_type: str = ""
    receipt: Receipt | None = None


class Courier(Protocol):
    """Carries deliveries to the app."""

    sent: list[Sent]

    async def deliver(self, delivery: Delivery) -> Receipt: ...

    async def close(self) -> None: ...
