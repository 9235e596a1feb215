"""The ports of linking accounts."""

from __future__ import annotations

from typing import Protocol

from bot.core.identity import Identity
from bot.core.linking import Account, Displaced, Invitation, Link, LinkAttempt


class Linking(Protocol):
    """Lets a person prove which account of the code host is theirs."""

    def invite(self) -> Invitation:
        """A new attempt, not yet kept."""
        ...


class LinkBook(Protocol):
    """Who has linked which account, outside any unit of work."""

    async def of(self, workspace: str, person: str) -> Link | None: ...

    async def holder(self, workspace: str, provider: str, user_id: str) -> Link | None:
        """Whose account this is."""
        ...

    async def people(self, workspace: str, provider: str, accounts: frozenset[str]) -> frozenset[str]:
        """Who has linked one of these."""
        ...

    async def attempt(self, workspace: str, id: str) -> LinkAttempt | None: ...

    async def attempt_by_secret(self, workspace: str, secret_hash: str) -> LinkAttempt | None: ...


class SignIn(Protocol):
    """The code host says who sits at a browser (OAuth)."""

    def address(self, state: str, redirect: str, challenge: str) -> str:
        """Where to send the browser."""
        ...

    async def account(self, code: str, redirect: str, verifier: str) -> Account:
        """Trade the code for the account's id and login; nothing else of the answer is kept."""
        ...


class Links(Protocol):
    """Linked accounts and the attempts to link them, inside a unit of work."""

    async def ask(self, attempt: LinkAttempt) -> None:
        """Keep a new attempt; earlier ones of the same person are worth nothing any more."""
        ...

    async def attempt(self, id: str) -> LinkAttempt | None:
        """The row, locked until the end of the unit of work."""
        ...

    async def save(self, attempt: LinkAttempt) -> None: ...

    async def put(self, link: Link) -> Displaced:
        """Link them, and say whom the account was taken from and which one it replaces."""
        ...

    async def confirm(self, person: str, account: str, by: str) -> Link | None:
        """Note who vouched for it; None where this account is not what is linked."""
        ...

    async def drop(self, person: str) -> Link | None:
        """Unlink them; what was linked, if anything."""
        ...


class Teams(Protocol):
    """Who is in the teams of the code host."""

    async def members(self, team: str) -> frozenset[str]:
        """The numbers of the accounts in `organisation/team` or a team below it: all, or an error."""
        ...


class Accounts(Protocol):
    """What people's own accounts may do at the code host."""

    async def identity(self, repository: str, account: Account) -> Identity:
        """Its login and its role in the repository as they are now; a role of NONE for one that is gone."""
        ...
