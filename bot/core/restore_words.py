"""What could be restored with a rollback, from when, and what that would lose: the same words everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.durations import format_duration
from bot.core.gates.migrations import MIGRATIONS
from bot.core.lifecycle import State
from bot.core.policy_version import asked_under
from bot.core.records import Deployment
from bot.core.restorable import Restorable
from bot.core.text import NOTHING, Icon, Moment, Span, Text, bold, code, line
from bot.core.values import Kind
from bot.core.verdicts import passes

LOST = "What was written since then would be lost."


def offers_restore(deployment: Deployment) -> bool:
    """Whether its card has the button: it went back, or the rule on migrations keeps it from that."""
    restores, policy = deployment.wish.restores, asked_under(deployment)
    if deployment.wish.kind is not Kind.ROLLBACK or restores is None or restores.backup is None:
        return False
    if policy is None or policy.restore is None:
        return False
    return deployment.state is State.SUCCEEDED or _is_held(deployment)


def database_text(restores: Restorable | None, now: datetime | None = None) -> Text:
    """Beside a rollback; nothing where it takes back no migration that is known."""
    if restores is None:
        return NOTHING
    if restores.backup is None:
        none = f"Database: no backup from before the migrations of #{restores.before} is on record."
        return line(Icon("warning"), " ", bold(none), " Slipway can't restore it.")
    return line(bold("Database: "), *source(restores, now), f". {LOST}")


def source(restores: Restorable, now: datetime | None = None) -> list[Span | str]:
    """Which backup, by whom, when, and before what."""
    backup = restores.backup
    if backup is None:
        return ["no backup"]
    whose = "its" if restores.made_by == restores.before else f"#{restores.before}'s"
    spans: list[Span | str] = ["backup ", code(backup.id), f", made by #{restores.made_by} at "]
    spans += [Moment(backup.at), f" before {whose} migrations"]
    return [*spans, f", {age(now - backup.at)} ago"] if now is not None else spans


def age(lasted: timedelta) -> str:
    """In whole minutes: nobody decides by seconds."""
    minute = timedelta(minutes=1)
    return format_duration(max(minute, lasted // minute * minute))


def restored_text(restores: Restorable | None) -> Text:
    """In place of a release, which a restore has none of."""
    return line("Database: ", *source(restores)) if restores is not None else NOTHING


def _is_held(deployment: Deployment) -> bool:
    closed = any(each.gate == MIGRATIONS.name and not passes(each) for each in deployment.verdicts)
    return closed and deployment.state in (State.WAITING, State.REFUSED)
