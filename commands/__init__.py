"""One file for each slash command; a new one is a file beside this and a line below."""

from __future__ import annotations

from typing import Any

from bot.core.command import Command
from commands import (
    approvals,
    approve,
    audit,
    confirm_link,
    deploy,
    digest,
    emergency,
    emergency_rollback,
    explain,
    handover,
    help,
    history,
    link,
    lock,
    override,
    promote,
    quarantine,
    reject,
    review,
    rollback,
    state,
    unlink,
    unlock,
)

COMMANDS: tuple[Command[Any], ...] = (
    deploy.COMMAND,
    emergency.COMMAND,
    promote.COMMAND,
    rollback.COMMAND,
    emergency_rollback.COMMAND,
    state.COMMAND,
    approve.COMMAND,
    reject.COMMAND,
    approvals.COMMAND,
    override.COMMAND,
    quarantine.COMMAND,
    handover.COMMAND,
    review.COMMAND,
    lock.COMMAND,
    unlock.COMMAND,
    history.COMMAND,
    audit.COMMAND,
    digest.COMMAND,
    explain.COMMAND,
    help.COMMAND,
    link.COMMAND,
    unlink.COMMAND,
    confirm_link.COMMAND,
)
