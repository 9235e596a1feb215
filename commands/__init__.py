"""One file for each slash command; a new one is a file beside this and a line below."""

from __future__ import annotations

from typing import Any

from bot.core.command import Command
from commands import audit, deploy, explain, help, history, state

COMMANDS: tuple[Command[Any], ...] = (
    deploy.COMMAND,
    state.COMMAND,
    history.COMMAND,
    audit.COMMAND,
    explain.COMMAND,
    help.COMMAND,
)
