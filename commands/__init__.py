"""One file for each slash command; a new one is a file beside this and a line below."""

from __future__ import annotations

from typing import Any

from bot.core.command import Command
from commands import confirm_link, deploy, help, link, state, unlink

COMMANDS: tuple[Command[Any], ...] = (
    deploy.COMMAND,
    state.COMMAND,
    help.COMMAND,
    link.COMMAND,
    unlink.COMMAND,
    confirm_link.COMMAND,
)
