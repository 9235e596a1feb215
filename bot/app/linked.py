"""The directory with what people proved: which account of the code host is theirs, and since when."""

from __future__ import annotations

from dataclasses import replace

from bot.core.link_ports import LinkBook
from bot.core.ports import Directory
from bot.core.values import Person


class LinkedDirectory:
    """The port Directory over another one. Links are read anew each time: they are our own."""

    def __init__(self, directory: Directory, book: LinkBook) -> None:
        self._directory = directory
        self._book = book

    async def person(self, workspace: str, id: str, *, fresh: bool = False) -> Person:
        """As the other one knows them, with their account."""
        return await self._linked(workspace, await self._directory.person(workspace, id, fresh=fresh))

    async def known(self, workspace: str, id: str) -> Person | None:
        """The same without asking anybody outside."""
        known = await self._directory.known(workspace, id)
        return known and await self._linked(workspace, known)

    async def members(self, workspace: str, group: str, *, fresh: bool = False) -> frozenset[str]:
        """As the other one knows the group."""
        return await self._directory.members(workspace, group, fresh=fresh)

    async def _linked(self, workspace: str, person: Person) -> Person:
        link = await self._book.of(workspace, person.id)
        if link is None:
            return replace(person, login=None, linked_at=None, account_id=None, link_confirmed=False)
        account = link.account
        return replace(
            person,
            login=account.login,
            linked_at=link.linked_at,
            account_id=account.user_id,
            link_confirmed=link.confirmed,
        )
