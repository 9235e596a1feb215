"""Linked accounts: inside a unit of work, and for whoever only looks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, select, update

from bot.core.linking import Account, Displaced, Link, LinkAttempt, LinkState
from bot.core.values import Actor, ActorKind
from bot.store.database import Database
from bot.store.tables import counters, link_attempts, links

if TYPE_CHECKING:
    from bot.store.units import Unit

ATTEMPTS_KEPT = timedelta(days=1)
_OVER = (LinkState.LINKED.value, LinkState.ENDED.value)


class StoredLinks:
    """The links as a unit of work sees them."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def ask(self, attempt: LinkAttempt) -> None:
        """Keep a new attempt; earlier ones of the same person are worth nothing any more."""
        earlier = (
            link_attempts.c.workspace_id == self._unit.workspace,
            link_attempts.c.person == attempt.asker.id,
            link_attempts.c.state.not_in(_OVER),
        )
        ended = update(link_attempts).where(*earlier).values(state=LinkState.ENDED.value)
        await self._unit.connection.execute(ended)
        row = {
            "workspace_id": self._unit.workspace,
            "id": attempt.id,
            "person": attempt.asker.id,
            "person_name": attempt.asker.name,
            "secret_hash": attempt.secret_hash,
            "asked_at": attempt.asked_at,
            **_progress(attempt),
        }
        await self._unit.connection.execute(link_attempts.insert().values(row))

    async def attempt(self, id: str) -> LinkAttempt | None:
        """The row, locked until the end of the unit of work."""
        query = _attempt(self._unit.workspace, link_attempts.c.id == id).with_for_update()
        return _read_attempt((await self._unit.connection.execute(query)).one_or_none())

    async def save(self, attempt: LinkAttempt) -> None:
        """Write how far it has gone."""
        this = (link_attempts.c.workspace_id == self._unit.workspace, link_attempts.c.id == attempt.id)
        await self._unit.connection.execute(update(link_attempts).where(*this).values(_progress(attempt)))

    async def put(self, link: Link) -> Displaced:
        """Link them, and say whom the account was taken from and which one it replaces.

        An account that is proven again keeps its age: nothing about it is new.
        """
        await self._one_at_a_time()
        account = link.account
        same_account = (
            links.c.workspace_id == self._unit.workspace,
            links.c.provider == account.provider,
            links.c.user_id == account.user_id,
        )
        holder = (await self._unit.connection.execute(select(links).where(*same_account))).one_or_none()
        if holder is not None and holder.person == link.person:
            renamed = update(links).where(*same_account).values(login=account.login)
            await self._unit.connection.execute(renamed)
            return Displaced()
        await self._unit.connection.execute(delete(links).where(*same_account))
        own = await self.drop(link.person)
        row = {
            "workspace_id": self._unit.workspace,
            "person": link.person,
            "provider": account.provider,
            "user_id": account.user_id,
            "login": account.login,
            "linked_at": link.linked_at,
        }
        await self._unit.connection.execute(links.insert().values(row))
        return Displaced(holder.person if holder else "", own.account if own else None)

    async def drop(self, person: str) -> Link | None:
        """Unlink them; what was linked, if anything."""
        this = (links.c.workspace_id == self._unit.workspace, links.c.person == person)
        gone = delete(links).where(*this).returning(*links.c)
        return _read_link((await self._unit.connection.execute(gone)).one_or_none())

    async def confirm(self, person: str, account: str, by: str) -> Link | None:
        """Note who vouched for it; None where this account is not what is linked."""
        whose = (links.c.workspace_id == self._unit.workspace, links.c.person == person)
        this = (*whose, links.c.user_id == account)
        noted = update(links).where(*this).values(confirmed_by=by).returning(*links.c)
        return _read_link((await self._unit.connection.execute(noted)).one_or_none())

    async def _one_at_a_time(self) -> None:
        """Two who prove the same account at once come one after the other."""
        row = {"workspace_id": self._unit.workspace, "name": "links", "value": 1}
        upsert = self._unit.database.insert(counters).values(row)
        await self._unit.connection.execute(
            upsert.on_conflict_do_update(
                index_elements=["workspace_id", "name"], set_={"value": counters.c.value + 1}
            )
        )


class SqlLinks:
    """The LinkBook over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, workspace: str, person: str) -> Link | None:
        """What this person has linked."""
        query = select(links).where(links.c.workspace_id == workspace, links.c.person == person)
        async with self._database.read() as connection:
            return _read_link((await connection.execute(query)).one_or_none())

    async def holder(self, workspace: str, provider: str, user_id: str) -> Link | None:
        """Whose account this is."""
        this = (links.c.provider == provider, links.c.user_id == user_id)
        query = select(links).where(links.c.workspace_id == workspace, *this)
        async with self._database.read() as connection:
            return _read_link((await connection.execute(query)).one_or_none())

    async def people(self, workspace: str, provider: str, accounts: frozenset[str]) -> frozenset[str]:
        """Who has linked one of these; all of the provider's are read, since a team may be large."""
        these = (links.c.workspace_id == workspace, links.c.provider == provider)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(links.c.person, links.c.user_id).where(*these))).all()
        return frozenset(row.person for row in rows if row.user_id in accounts)

    async def attempt(self, workspace: str, id: str) -> LinkAttempt | None:
        """By its name."""
        return await self._attempt(_attempt(workspace, link_attempts.c.id == id))

    async def attempt_by_secret(self, workspace: str, secret_hash: str) -> LinkAttempt | None:
        """By what its link hashes to."""
        return await self._attempt(_attempt(workspace, link_attempts.c.secret_hash == secret_hash))

    async def purge(self) -> int:
        """Forget attempts of days past; the audit trail has what became of them."""
        async with self._database.write() as connection:
            now = await self._database.now(connection)
            old = link_attempts.c.asked_at < now - ATTEMPTS_KEPT
            return (await connection.execute(delete(link_attempts).where(old))).rowcount

    async def _attempt(self, query: Any) -> LinkAttempt | None:
        async with self._database.read() as connection:
            return _read_attempt((await connection.execute(query)).one_or_none())


def _attempt(workspace: str, this: Any) -> Any:
    return select(link_attempts).where(link_attempts.c.workspace_id == workspace, this)


def _progress(attempt: LinkAttempt) -> dict[str, Any]:
    account = attempt.account or Account("", "", "")
    return {
        "state": attempt.state.value,
        "browser_hash": attempt.browser_hash,
        "provider": account.provider,
        "user_id": account.user_id,
        "login": account.login,
        "tries": attempt.tries,
    }


def _read_link(row: Row[Any] | None) -> Link | None:
    if row is None:
        return None
    account = Account(row.provider, row.user_id, row.login)
    return Link(row.person, account, row.linked_at, bool(row.confirmed_by))


def _read_attempt(row: Row[Any] | None) -> LinkAttempt | None:
    if row is None:
        return None
    return LinkAttempt(
        id=row.id,
        asker=Actor(ActorKind.PERSON, row.person, row.person_name),
        secret_hash=row.secret_hash,
        asked_at=row.asked_at,
        state=LinkState(row.state),
        browser_hash=row.browser_hash,
        account=Account(row.provider, row.user_id, row.login) if row.provider else None,
        tries=row.tries,
    )
