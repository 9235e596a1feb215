"""What is recorded of a drill."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.values import Sha


@dataclass(frozen=True, slots=True)
class RollbackDrilled:
    """Somebody walked the way back; nothing was changed."""

    service: str
    environment: str
    leaves: int  # the number of the deployment that would be taken away
    release: Sha  # what would come back
    workflow: str
    held_by: str  # the gates that would hold it; empty: it would start at once
    seconds: int  # how long it would take by what is known; 0: nobody knows
