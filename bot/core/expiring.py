"""When a request has waited for too long."""

from __future__ import annotations

from datetime import datetime

from bot.core.due import GRACE
from bot.core.durations import format_duration
from bot.core.emergencies import is_emergency
from bot.core.gates.approvals import APPROVALS
from bot.core.records import Deployment
from bot.core.verdicts import passes


def expired(deployment: Deployment, now: datetime) -> tuple[str, str] | None:
    """Why it must not start any more, and what to do next; None while it still may."""
    due = deployment.wish.due
    if due is not None and now >= due.at + GRACE:
        held = f" What held it: {deployment.note}" if deployment.note else ""
        late = (
            f"It was due on {due.said} and did not start within {format_duration(GRACE)}, so it does not run."
        )
        return late + held, "Ask again if it is still wanted."
    request = deployment.request
    if request is not None and request.expires_at is not None and now >= request.expires_at:
        return _too_late(deployment), "It can be asked for again."
    return None


def _too_late(deployment: Deployment) -> str:
    """Once enough have approved it, another rule held it, and the trail must say which."""
    closed = next((each for each in deployment.verdicts if not passes(each)), None)
    if is_emergency(deployment):
        return "The emergency is over."
    if closed is None or closed.gate == APPROVALS.name:
        return "It was not approved in time."
    return f"It did not start in time. What held it: {closed.what} {closed.why}".strip()
