"""Where a process can die: around each commit, and around each call to the outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.core.alerts import Alarms
from bot.core.chat_ports import Channels, Chat, FormOpener, HomeTabs
from bot.core.following_ports import RunReader
from bot.core.landing_ports import Landings
from bot.core.link_ports import Accounts
from bot.core.metrics import Metrics
from bot.core.ports import CiProvider, CodeHost, Directory, Doors, Pins
from bot.core.publishing_ports import ReleaseReader
from bot.core.redelivery import Deliveries
from bot.core.run_reports import Artifacts
from bot.core.steps import Step
from bot.core.tails import RunLogs
from bot.core.verify_ports import Probe


class Moment(StrEnum):
    """When, seen from a commit or a call."""

    BEFORE = "before"
    DURING = "during"  # the call is on its way and has its effect; nobody is left to hear the answer
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Call:
    """One method of a port that goes over the network."""

    port: str
    method: str

    def __str__(self) -> str:
        return f"{self.port}.{self.method}"


Target = Step | Call

# Two more call out, each behind something that the table has: Teams behind Directory.team, and SignIn within
# the turn of a browser, Step.LINK_TURN.
OUTSIDE = (
    CodeHost,
    Pins,
    CiProvider,
    Doors,
    Landings,
    RunReader,
    Deliveries,
    Artifacts,
    ReleaseReader,
    RunLogs,
    Accounts,
    Alarms,
    Chat,
    Channels,
    FormOpener,
    HomeTabs,
    Directory,
    Probe,
    Metrics,
)


@dataclass(frozen=True, slots=True)
class Point:
    """The `nth` time that this moment comes."""

    target: Target
    moment: Moment
    nth: int = 1

    def __str__(self) -> str:
        often = f" #{self.nth}" if self.nth > 1 else ""
        return f"{self.moment} {self.target}{often}"


def methods(port: type) -> list[str]:
    """The methods that a protocol names."""
    return [name for name, value in vars(port).items() if callable(value) and not name.startswith("_")]


def calls(ports: Iterable[type] = OUTSIDE) -> list[Call]:
    """Every call there is."""
    return [Call(port.__name__, name) for port in ports for name in methods(port)]


def calls_of(port: type) -> dict[str, Target]:
    """By the method's name."""
    return {call.method: call for call in calls([port])}


def moments(target: Target) -> tuple[Moment, ...]:
    """A commit has happened or not; a call may also be under way."""
    return (Moment.BEFORE, Moment.AFTER) if isinstance(target, Step) else tuple(Moment)
