"""The database as it was before the first migration that a rollback takes back."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.run_reports import Backup


@dataclass(frozen=True, slots=True)
class Restorable:
    """Which backup it takes; without one, nothing is on record that has none of these migrations."""

    before: int  # the number of the deployment that brought the first of them, or may have
    backup: Backup | None = None
    made_by: int = 0  # the number of the deployment whose run made it

    @property
    def id(self) -> str | None:
        """As the run that made it called it; {backup} in the catalog."""
        return self.backup.id if self.backup else None
