"""What a verification looks at over a network, and what it may see there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answered:
    """Whatever the other side said; `headers` by their names in small letters."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    whole: bool = True  # or the body goes on beyond what is read

    def header(self, name: str) -> str | None:
        """The first one of this name."""
        return next((value for each, value in self.headers if each == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Forbidden:
    """It was not even asked, because the address is one that the catalog does not allow."""

    why: str


HttpReading = Answered | Silent | Forbidden


class Probe(Protocol):
    """Asks an address as anybody could."""

    async def get(self, url: str, patience: timedelta, *, private: bool) -> HttpReading:
        """One answer; no redirect is followed. Never raises for what the other side does.

        `private`: the address may be in a network that is closed to the outside.
        """
        ...
