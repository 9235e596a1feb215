"""Reads for commands, views and the watch, outside any unit of work."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, and_, bindparam, case, exists, func, not_, or_, select

from bot.core.effects import Posted, deployment_of
from bot.core.lifecycle import ENDS, HOLDING, State
from bot.core.line import IN_LINE, MOST
from bot.core.records import Deployment, Live, Shown, Transition, Wish
from bot.core.runs import RunRef
from bot.core.values import HURRIES, DeploymentId, Kind, Origin, Sha
from bot.store import mapping
from bot.store.database import Database
from bot.store.deployments import deployment_query, find_by, read_all
from bot.store.statements import the, this
from bot.store.tables import cards, deployments, runs, transitions, workspaces

_ENDED = [state.value for state in ENDS]
_FOLLOWING = [State.RUNNING.value, State.CANCELLING.value]  # one run, and nothing else
_STILL = [*_ENDED, State.SCHEDULED.value]  # what is due later has a wish of its own for that moment


class SqlQueries:
    """The Queries and the Watch over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def deployment(self, workspace: str, number: int) -> Deployment | None:
        """By the number that people see."""
        return await self._by("number", workspace, number)

    async def deployment_by_id(self, workspace: str, id: DeploymentId) -> Deployment | None:
        return await self._by("id", workspace, id)

    async def deployment_at(self, workspace: str, card: Posted) -> Deployment | None:
        """The one whose card, or a copy of it, stands there."""
        here = (cards.c.workspace_id == workspace, cards.c.channel == card.channel, cards.c.ts == card.ts)
        async with self._database.read() as connection:
            standing = (await connection.execute(select(cards.c.card).where(*here))).scalars().first()
        return await self._by("id", workspace, deployment_of(standing)) if standing else None

    async def card_of(self, workspace: str, id: DeploymentId) -> Posted | None:
        """Where its card stands; its copies stand elsewhere."""
        query = select(cards).filter_by(workspace_id=workspace, card=id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Posted(row.channel, row.ts) if row is not None and row.ts else None

    async def live(self, workspace: str, service: str, environment: str) -> Live | None:
        """The last one that succeeded there, or got there past us."""
        query = (
            of_workspace(workspace)
            .where(
                deployments.c.service == service,
                deployments.c.environment == environment,
                arrived(deployments),
            )
            .order_by(since(deployments).desc(), deployments.c.number.desc())
            .limit(1)
        )
        found = await self._first(query)
        return Live(service, environment, found) if found else None

    async def recent(
        self, workspace: str, service: str | None, environment: str | None, limit: int
    ) -> tuple[Deployment, ...]:
        """The newest first."""
        query = of_workspace(workspace).order_by(deployments.c.number.desc()).limit(limit)
        if service is not None:
            query = query.where(deployments.c.service == service)
        if environment is not None:
            query = query.where(deployments.c.environment == environment)
        return await self._all(query)

    async def in_line(self, workspace: str, wish: Wish, number: int | None = None) -> tuple[Deployment, ...]:
        """Who is in its place: those who run come first. Of one with a number only who may go before it."""
        return await self._all(in_line_query(workspace, wish, number))

    async def in_states(
        self, workspace: str, states: Collection[State], limit: int, requester: str | None = None
    ) -> tuple[Shown, ...]:
        """Those in one of these states, the oldest first; of one requester, if one is named."""
        async with self._database.read() as connection:
            rows = list(await connection.execute(in_states_query(workspace, states, limit, requester)))
            found = await read_all(connection, rows)
        return tuple(Shown(each, _place(row)) for each, row in zip(found, rows, strict=True))

    async def transitions(self, workspace: str, id: DeploymentId) -> tuple[Transition, ...]:
        """The whole life so far, in order."""
        query = (
            select(transitions)
            .where(transitions.c.workspace_id == workspace, transitions.c.deployment_id == id)
            .order_by(transitions.c.seq)
        )
        async with self._database.read() as connection:
            return tuple(mapping.transition(row) for row in await connection.execute(query))

    async def open_reviews(self, workspace: str) -> tuple[Deployment, ...]:
        """The most urgent first."""
        waiting = of_workspace(workspace).where(deployments.c.review_due.is_not(None))
        return await self._all(waiting.order_by(deployments.c.review_due, deployments.c.number))

    async def open_deployments(
        self,
        workspace: str,
        repository: str | None = None,
        head: Sha | None = None,
        *,
        run: str | None = None,
        waiting_alone: bool = False,
    ) -> tuple[DeploymentId, ...]:
        """Those that may move now, the oldest first; of one repository, if it is named.

        With `head`, what happened did so at that commit: whoever waits with another release need not look.
        With `run`, it happened to that run: whoever follows another one need not look either.
        """
        which = the(workspace_id=workspace, repository=repository, release_sha=head, external_id=run)
        query = _open(repository is not None, head is not None, run is not None, waiting_alone)
        async with self._database.read() as connection:
            return tuple(DeploymentId(id) for id in (await connection.execute(query, which)).scalars())

    async def of_run(self, workspace: str, ref: RunRef) -> tuple[Deployment, ...]:
        """Those that this run belongs to, in any of its attempts; several where it passes several gates."""
        this = (runs.c.provider == ref.provider, runs.c.repository == ref.repository)
        query = of_workspace(workspace).where(*this, runs.c.external_id == ref.external_id)
        return await self._all(query.order_by(deployments.c.number))

    async def workspaces(self) -> tuple[str, ...]:
        """Every workspace that we know."""
        query = select(workspaces.c.workspace_id).order_by(workspaces.c.workspace_id)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def now(self) -> datetime:
        """The store's time, by which everything in it is dated."""
        async with self._database.read() as connection:
            return await self._database.now(connection)

    async def _by(self, column: str, workspace: str, value: str | int) -> Deployment | None:
        which = the(workspace_id=workspace) | the(**{column: value})
        async with self._database.read() as connection:
            found = await read_all(connection, await connection.execute(find_by(column), which))
        return found[0] if found else None

    async def _first(self, query: Any) -> Deployment | None:
        found = await self._all(query)
        return found[0] if found else None

    async def _all(self, query: Any) -> tuple[Deployment, ...]:
        async with self._database.read() as connection:
            return await read_all(connection, await connection.execute(query))


@cache
def _open(of_a_repository: bool, at_a_commit: bool, of_a_run: bool, waiting_alone: bool) -> Any:
    """Asked for with every webhook."""
    query = select(deployments.c.id).where(this(deployments, "workspace_id"))
    query = query.where(deployments.c.state.not_in(_STILL))
    if of_a_repository:
        query = query.where(this(deployments, "repository"))
    if waiting_alone:
        query = query.where(deployments.c.state == State.WAITING.value)
    if at_a_commit:
        moves = deployments.c.state != State.WAITING.value
        query = query.where(or_(moves, this(deployments, "release_sha")))
    if of_a_run:
        follows_it = not_(_follows_another())
        query = query.where(or_(deployments.c.state.not_in(_FOLLOWING), follows_it))
    return query.order_by(deployments.c.number)


def _follows_another() -> ColumnElement[bool]:
    its = and_(runs.c.workspace_id == deployments.c.workspace_id, runs.c.id == deployments.c.run_id)
    return exists().where(its, runs.c.external_id != bindparam("the_external_id"))


def in_line_query(workspace: str, wish: Wish, number: int | None = None) -> Any:
    """By state, not along all that ended there."""
    runs = deployments.c.state.in_(values_of(HOLDING))
    query = (
        of_workspace(workspace)
        .where(
            deployments.c.service == wish.service,
            deployments.c.environment == wish.environment,
            or_(deployments.c.state.in_(values_of(IN_LINE)), _goes_back_soon()),
        )
        .order_by(case((runs, 0), else_=1), deployments.c.number + 0)
        .limit(MOST)
    )
    if number is None:
        return query
    hurries = deployments.c.kind.in_(sorted(each.value for each in HURRIES))
    passes = or_(deployments.c.emergency, hurries)
    before = or_(runs, passes, deployments.c.number < number)
    return query.where(deployments.c.number != number, before)


def _goes_back_soon() -> ColumnElement[bool]:
    """What goes back by itself in a moment has its place already: nothing else shall begin before it."""
    by_itself = and_(
        deployments.c.origin == Origin.AUTOMATIC.value, deployments.c.kind == Kind.ROLLBACK.value
    )
    return and_(deployments.c.state == State.SCHEDULED.value, by_itself)


def in_states_query(
    workspace: str, states: Collection[State], limit: int, requester: str | None = None
) -> Any:
    """Found by state: what has ended is never read through."""
    card = and_(cards.c.workspace_id == deployments.c.workspace_id, cards.c.card == deployments.c.id)
    query = (
        of_workspace(workspace)
        .outerjoin(cards, card)
        .add_columns(cards.c.channel.label("card_channel"), cards.c.ts.label("card_ts"))
        .where(deployments.c.state.in_(values_of(states)))
        .order_by(deployments.c.number + 0)  # an index by number alone would lead through all that ended
        .limit(limit)
    )
    return query if requester is None else query.where(deployments.c.requested_by_id == requester)


def arrived(table: FromClause) -> ColumnElement[bool]:
    """What runs there once it has ended, until something else does; by state, so that it is found by that."""
    state = table.c.state
    landed = and_(state == State.BYPASSED.value, table.c.landed_at.is_not(None))
    return and_(
        state.in_(values_of((State.SUCCEEDED, State.BYPASSED))),
        or_(state == State.SUCCEEDED.value, landed),
        moves(table),
    )


def moves(table: FromClause) -> ColumnElement[bool]:
    """Whether a release came or went with it: to restore a database changes nothing of what runs."""
    return table.c.kind != Kind.RESTORE.value


def since(table: FromClause) -> ColumnElement[datetime]:
    """Since when."""
    return func.coalesce(table.c.landed_at, table.c.ended_at)


def values_of(states: Collection[State]) -> list[str]:
    return sorted(state.value for state in states)


def _place(row: Row[Any]) -> Posted | None:
    return Posted(row.card_channel, row.card_ts) if row.card_channel and row.card_ts else None


def of_workspace(workspace: str) -> Any:
    return deployment_query().where(deployments.c.workspace_id == workspace)
