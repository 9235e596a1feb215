"""Which backup goes with a rollback: the last one that has none of the migrations that are taken back.

Older ones would fit as well, and lose more. Those made after the first of these migrations hold its tables,
which the release that comes back does not know.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.asking import uses_backup
from bot.core.catalog import Policy
from bot.core.ports import Queries
from bot.core.records import Deployment
from bot.core.restorable import Restorable
from bot.core.run_reports import Backup
from bot.core.targets import Arrival
from bot.core.values import DeploymentId

DEEPEST = 50  # deployments that are read; whoever goes back further looks for a backup by hand


def matters(policy: Policy) -> bool:
    """Whether anything here restores a database, so that it is worth a look."""
    return policy.restore is not None or uses_backup(policy.rollback.pipeline)


def restorable(since: Sequence[Deployment]) -> Restorable | None:
    """`since`: what got there after the release that comes back, or may have, the oldest first.

    None where no migration is known among them. A run makes its backup before its first migration; one that
    failed may have come further than that.
    """
    found: Restorable | None = None
    for each in since:
        backup = _backup(each)
        if backup is not None:
            found = Restorable(each.number, backup, each.number)
        if may_have_migrated(each):
            return Restorable(each.number, found.backup, found.made_by) if found else Restorable(each.number)
    return None


def may_have_migrated(deployment: Deployment) -> bool:
    """By what it changed, as far as that is known, or by what its run said."""
    resolution, kept = deployment.resolution, deployment.reported
    said = kept is not None and kept.report is not None and bool(kept.report.migrations)
    return said or resolution is None or bool(resolution.migrations) or resolution.truncated


async def on_record(
    queries: Queries, workspace: str, arrivals: Sequence[Arrival], target: Arrival
) -> Restorable | None:
    """By all that got there after `target`, and whatever became of it."""
    ids = _after(arrivals, target.id)
    found: list[Deployment] = []
    for id in ids[:DEEPEST]:
        each = await queries.deployment_by_id(workspace, id)
        if each is not None:
            found.append(each)
            if may_have_migrated(each):
                break
    return restorable(found)


def _after(arrivals: Sequence[Arrival], target: DeploymentId) -> list[DeploymentId]:
    ids = [each.id for each in arrivals]
    return ids[ids.index(target) + 1 :] if target in ids else []


def _backup(deployment: Deployment) -> Backup | None:
    kept = deployment.reported
    return kept.report.backup if kept is not None and kept.report is not None else None
