"""Where every command carries a prefix, what we say names them so: on the way out, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.core.chat_ports import Chat, FormOpener, HomeTabs
from bot.core.command import Command
from bot.core.effects import Posted
from bot.slack.asks import UMBRELLA


class Renaming:
    """Knows our commands in what stands as code, between backticks or by its style; nothing else changes."""

    def __init__(self, prefix: str, commands: Sequence[Command[Any]]) -> None:
        names = "|".join(sorted({each.name for each in commands} | {UMBRELLA[1:]}))
        self._prefix = prefix
        self._quoted = re.compile(rf"`/(?=(?:{names})\b)")
        self._start = re.compile(rf"^/(?=(?:{names})\b)")

    def text(self, text: str) -> str:
        """A sentence with the commands in it renamed."""
        return self._quoted.sub(f"`/{self._prefix}", text) if self._prefix else text

    def message(self, part: Mapping[str, object]) -> dict[str, object]:
        """A message, a form, or any part of one."""
        if not self._prefix:
            return dict(part)
        made = {key: self._renamed(value) for key, value in part.items()}
        style, text = part.get("style"), part.get("text")
        if isinstance(style, Mapping) and style.get("code") and isinstance(text, str):
            made["text"] = self._start.sub(f"/{self._prefix}", text)
        return made

    def _renamed(self, value: object) -> object:
        if isinstance(value, Mapping):
            return self.message(value)
        if isinstance(value, list):
            return [self._renamed(each) for each in value]
        return self.text(value) if isinstance(value, str) else value


class RenamedChat:
    """The port Chat with every message renamed."""

    def __init__(self, chat: Chat, renaming: Renaming) -> None:
        self._chat = chat
        self._renaming = renaming

    async def post(
        self,
        workspace: str,
        channel: str,
        message: Mapping[str, object],
        operation: str,
        thread: str | None = None,
    ) -> Posted:
        """A new message."""
        return await self._chat.post(workspace, channel, self._renaming.message(message), operation, thread)

    async def edit(self, workspace: str, posted: Posted, message: Mapping[str, object]) -> bool:
        """False when the message is gone."""
        return await self._chat.edit(workspace, posted, self._renaming.message(message))

    async def whisper(
        self, workspace: str, channel: str, person: str, message: Mapping[str, object], response_url: str
    ) -> None:
        """For one person's eyes only."""
        renamed = self._renaming.message(message)
        await self._chat.whisper(workspace, channel, person, renamed, response_url)

    async def find(
        self, workspace: str, channel: str, operation: str, since: datetime, thread: str | None = None
    ) -> Posted | None:
        """The message that carries this operation."""
        return await self._chat.find(workspace, channel, operation, since, thread)


class RenamedForms:
    """The port FormOpener with every form renamed."""

    def __init__(self, opener: FormOpener, renaming: Renaming) -> None:
        self._opener = opener
        self._renaming = renaming

    async def open_form(self, workspace: str, trigger: str, view: Mapping[str, object]) -> str:
        """The form's id; empty when the trigger has expired."""
        return await self._opener.open_form(workspace, trigger, self._renaming.message(view))

    async def update_form(self, workspace: str, form: str, view: Mapping[str, object]) -> None:
        """Show something else in its place."""
        await self._opener.update_form(workspace, form, self._renaming.message(view))


class RenamedHomes:
    """The port HomeTabs with every page renamed."""

    def __init__(self, tabs: HomeTabs, renaming: Renaming) -> None:
        self._tabs = tabs
        self._renaming = renaming

    async def publish(self, workspace: str, person: str, view: Mapping[str, object]) -> None:
        """Show it."""
        await self._tabs.publish(workspace, person, self._renaming.message(view))
