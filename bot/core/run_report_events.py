"""What a run said of itself, on record."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.values import DeploymentId


@dataclass(frozen=True, slots=True)
class RunReported:
    """Kept with the deployment in the commit that ends its run."""

    deployment: DeploymentId
    number: int
    version: str
    backup: str  # by which it can be restored; empty: it made none
    backup_at: str
    migrations: int  # how many it ran
    why: str  # it can't be used; empty: it can
