"""What a provider has on record of the releases that reached its environments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.runs import RunRef
from bot.core.values import Sha


@dataclass(frozen=True, slots=True)
class Landing:
    """One release that reached an environment, by the provider's record."""

    id: str
    repository: str
    environment: str  # as the provider calls it
    sha: Sha
    at: datetime
    run: RunRef | None = None  # the one run that brought it; absent: none did, or nobody can say which
    actor: str = ""
    actor_id: str = ""


class Landings(Protocol):
    """The provider's record, read anew."""

    async def read(self, repository: str, id: str) -> Landing | None:
        """None where there is no such thing, or where it did not succeed."""
        ...
