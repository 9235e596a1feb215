"""What holds for a rollback inside the unit of work that makes it."""

from __future__ import annotations

from bot.core.locks import Scope
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment
from bot.core.rolling_back import asked_already, is_in_the_way


async def must_be_alone(uow: UnitOfWork, deployment: Deployment) -> None:
    """Raises where one is open in its place; of two at once the second waits for its number."""
    wish = deployment.wish
    ids = list(await uow.locks.waiting(Scope(wish.service, wish.environment)))
    holder = await uow.slots.holder(wish.service, wish.environment)
    for id in [*ids, holder] if holder else ids:
        other = deployment if id == deployment.id else await uow.deployments.get(id)
        if other.id != deployment.id and is_in_the_way(other, wish):
            raise asked_already(other)
