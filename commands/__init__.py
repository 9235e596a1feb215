"""One file for each slash command; a new one is a file beside this and a line below."""

from __future__ import annotations

from typing import Any

from bot.core.command import Command
from commands import approve, deploy, help, override, promote, reject, state

COMMANDS: tuple[Command[Any], ...] = (
    deploy.COMMAND,
    promote.COMMAND,
    state.COMMAND,
    approve.COMMAND,
    reject.COMMAND,
    override.COMMAND,
    help.COMMAND,
)
