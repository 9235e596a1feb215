"""Reads what a run said of itself once it has ended; nothing that is wrong with it fails a deployment.

It is kept in the commit that ends the run, so after a crash it is read again. While it can't be read the
deployment waits for it a little, and then goes on without.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.records import Deployment
from bot.core.run_report_events import RunReported
from bot.core.run_reports import NAME, Reported, read_report
from bot.core.runs import RUN_ENDS, Run, RunStatus
from bot.engine.world import World

PATIENCE = timedelta(minutes=3)
PAUSE = timedelta(seconds=10)
WAITS = f"The pipeline succeeded; its {NAME} can't be read at the moment."
WAITS_NEXT = f"It is tried again for {PATIENCE // timedelta(minutes=1)} minutes, then it goes on without."


async def report_of(world: World, deployment: Deployment, run: Run | None) -> Reported | None:
    """What is to be kept; it is not settled while it is worth another try."""
    request = deployment.request
    if run is None or run.status not in RUN_ENDS or request is None or run.head_sha != request.workflow_sha:
        return deployment.reported
    artifacts = world.provider(run.ref.provider).artifacts
    if artifacts is None:
        return deployment.reported
    try:
        content = await artifacts.slipway_json(run.ref)
        return None if content is None else Reported(read_report(content))
    except Transient as error:
        return _later(deployment, run, error.why, await world.watch.now())
    except (UserError, NeedsHuman) as error:
        return Reported(said=f"{error.what} {error.why}".strip())


def _later(deployment: Deployment, run: Run, why: str, now: datetime) -> Reported:
    """What failed frees its place at once: somebody may want to go back."""
    since = (deployment.reported.since if deployment.reported else None) or now
    if run.status is RunStatus.SUCCESS and now - since < PATIENCE:
        return Reported(since=since)
    return Reported(said=f"Its {NAME} could not be read, so nobody knows what its run says: {why}")


def reported(deployment: Deployment) -> RunReported | None:
    """For the audit trail; nothing where the run left nothing."""
    kept = deployment.reported
    if kept is None:
        return None
    report = kept.report
    backup = report.backup if report else None
    return RunReported(
        deployment.id,
        deployment.number,
        (report.version or "") if report else "",
        backup.id if backup else "",
        backup.at.isoformat() if backup else "",
        len(report.migrations) if report else 0,
        kept.said,
    )
