"""Whether anything is left to do, asked of the database itself."""

from __future__ import annotations

from sqlalchemy import func, or_, select, union_all

from bot.engine import publishing, redelivering, seeking
from bot.store.statements import the, this
from bot.store.store import Store
from bot.store.tables import deployments, inbox, leases, outbox, work

# What is looked through for ever is never done.
_KEYS = (seeking.PREFIX, redelivering.PREFIX, publishing.LIST)
_ENDLESS = or_(*(work.c.key.startswith(each) for each in _KEYS))
_HELD = or_(*(leases.c.key.startswith(each) for each in _KEYS))
_UNTOLD = select(func.count()).where(outbox.c.shown < outbox.c.wanted, outbox.c.dead_at.is_(None))
_LOOKS = select(func.count()).where(leases.c.until.is_not(None), ~_HELD)
_LEFT = union_all(
    select(func.count()).where(inbox.c.handled_at.is_(None), inbox.c.dead_at.is_(None)),
    select(func.count()).where(work.c.due_at.is_not(None), ~_ENDLESS),
    _LOOKS,
    _UNTOLD,
)
_VERSION = select(deployments.c.version).where(this(deployments, "workspace_id", "number"))


async def version_of(store: Store, workspace: str, number: int) -> int | None:
    """Which version of the deployment is on record: cheaper to ask than for all of it."""
    which = the(workspace_id=workspace, number=number)
    async with store.database.read() as connection:
        return (await connection.execute(_VERSION, which)).scalar_one_or_none()


async def left_to_tell(store: Store) -> int:
    """Effects not shown."""
    async with store.database.read() as connection:
        return int((await connection.execute(_UNTOLD)).scalar_one())


async def looks_under_way(store: Store) -> int:
    """Keys that somebody looks at now; when they want the next look is said at the end."""
    async with store.database.read() as connection:
        return int((await connection.execute(_LOOKS)).scalar_one())


async def left_to_do(store: Store) -> int:
    """Deliveries not handled, keys wanted or leased, effects not shown."""
    async with store.database.read() as connection:
        return sum((await connection.execute(_LEFT)).scalars())
