"""The directory with what people proved: which account of the code host is theirs, and their teams there."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from bot.app.teams import TeamMemory
from bot.core.link_ports import LinkBook
from bot.core.linking import Team
from bot.core.values import Person


class Members(Protocol):
    """What the chat itself knows of people."""

    async def person(self, workspace: str, id: str, *, fresh: bool = False) -> Person: ...

    async def known(self, workspace: str, id: str) -> Person | None: ...

    async def members(self, workspace: str, group: str, *, fresh: bool = False) -> frozenset[str]: ...


class LinkedDirectory:
    """The port Directory over another one. Links are read anew each time: they are our own."""

    def __init__(self, directory: Members, book: LinkBook, teams: TeamMemory) -> None:
        self._directory = directory
        self._book = book
        self._teams = teams

    async def person(self, workspace: str, id: str, *, fresh: bool = False) -> Person:
        """As the other one knows them, with their account and its teams."""
        found = await self._directory.person(workspace, id, fresh=fresh)
        return await self._teams.with_teams(await linked(self._book, workspace, found), fresh=fresh)

    async def known(self, workspace: str, id: str) -> Person | None:
        """The same without asking anybody outside."""
        known = await self._directory.known(workspace, id)
        return known and self._teams.remembered(await linked(self._book, workspace, known))

    async def members(self, workspace: str, group: str, *, fresh: bool = False) -> frozenset[str]:
        """As the other one knows the group."""
        return await self._directory.members(workspace, group, fresh=fresh)

    async def team(self, workspace: str, team: str, *, fresh: bool = False) -> Team:
        """Those who have linked one of its accounts."""
        accounts = await self._teams.members(team, fresh=fresh)
        people = await self._book.people(workspace, self._teams.provider, accounts)
        return Team(people, len(accounts) - len(people))


async def linked(book: LinkBook, workspace: str, person: Person) -> Person:
    """With the account that they proved to hold, and with none that they did not."""
    link = await book.of(workspace, person.id)
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
