"""Votes inside a unit of work; whoever votes holds the deployment's row, so two never decide at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.records import Deployment
from bot.core.votes import Vote, VoteKind
from bot.store.statements import these
from bot.store.tables import votes

if TYPE_CHECKING:
    from bot.store.units import Unit


_VOTES = (
    select(votes).where(these(votes, "workspace_id", "deployment_id")).order_by(votes.c.at, votes.c.person)
)


class StoredVotes:
    """The votes as a unit of work sees them."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def cast(self, deployment: Deployment, vote: Vote) -> Deployment:
        """Keep it in place of the same person's earlier one; counts the deployment's version up."""
        row = {
            "workspace_id": self._unit.workspace,
            "deployment_id": deployment.id,
            "person": vote.person,
            "name": vote.name,
            "kind": vote.kind.value,
            "digest": vote.digest,
            "at": vote.at,
            "reason": vote.reason,
        }
        await self._remove(deployment, vote.person)
        await self._unit.connection.execute(votes.insert(), row)
        others = tuple(each for each in deployment.votes if each.person != vote.person)
        return await self._unit.deployments.save(replace(deployment, votes=(*others, vote)))

    async def take_back(self, deployment: Deployment, person: str) -> Deployment:
        """As if they had not voted; the audit trail keeps both."""
        await self._remove(deployment, person)
        left = tuple(each for each in deployment.votes if each.person != person)
        return await self._unit.deployments.save(replace(deployment, votes=left))

    async def _remove(self, deployment: Deployment, person: str) -> None:
        this = and_(
            votes.c.workspace_id == self._unit.workspace,
            votes.c.deployment_id == deployment.id,
            votes.c.person == person,
        )
        await self._unit.connection.execute(delete(votes).where(this))


async def read_votes(
    connection: AsyncConnection, theirs: Mapping[str, Any]
) -> dict[tuple[str, str], tuple[Vote, ...]]:
    """The votes on deployments, by workspace and id, in the order in which they were given."""
    found: dict[tuple[str, str], tuple[Vote, ...]] = {}
    for row in await connection.execute(_VOTES, theirs):
        vote = Vote(row.person, row.name, VoteKind(row.kind), row.digest, row.at, row.reason)
        key = (row.workspace_id, row.deployment_id)
        found[key] = (*found.get(key, ()), vote)
    return found
