"""What became of releases, place by place: the port Releases over one database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, exists, func, or_, select

from bot.core.code import RefKind
from bot.core.drill_events import RollbackDrilled
from bot.core.lifecycle import ENDS, HOLDING, State
from bot.core.promoting import Stay
from bot.core.records import Deployment
from bot.core.targets import Arrival
from bot.core.values import DeploymentId, Kind, Sha
from bot.store.database import Database
from bot.store.deployments import read_all
from bot.store.queries import arrived, moves, of_workspace, since, values_of
from bot.store.tables import deployments, events

FIRST = 50  # of one release; nobody asks for it more often
BACK = 300  # arrivals in one place: nobody goes back further
_ENDED = [state.value for state in ENDS]


class SqlReleases:
    """The Releases over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stays(self, workspace: str, service: str, environment: str, release: Sha) -> tuple[Stay, ...]:
        """Each deployment of it there that succeeded or still moves, the oldest first; none was undone.

        What got there past us was verified by nobody; it ends the stay of what was.
        """
        later, succeeded = deployments.alias("later"), State.SUCCEEDED.value
        verified = and_(later.c.workspace_id == workspace, later.c.state == succeeded, moves(later))
        successor = select(func.min(since(later))).where(
            later.c.workspace_id == workspace,
            arrived(later),
            later.c.service == service,
            later.c.environment == environment,
            later.c.release_sha != release,
            since(later) > deployments.c.ended_at,
        )
        undone = exists().where(verified, later.c.undoes_id == deployments.c.id)
        query = (
            select(deployments.c.number, deployments.c.ended_at, successor.scalar_subquery().label("until"))
            .where(
                deployments.c.workspace_id == workspace,
                deployments.c.service == service,
                deployments.c.environment == environment,
                deployments.c.release_sha == release,
                or_(deployments.c.state == succeeded, deployments.c.state.not_in(_ENDED)),
                moves(deployments),
                ~undone,
            )
            .order_by(deployments.c.number)
        )
        async with self._database.read() as connection:
            return tuple(Stay(*row) for row in await connection.execute(query))

    async def asked_for(self, workspace: str, service: str, release: Sha) -> tuple[Deployment, ...]:
        """Whatever became of them, and wherever: the first few, the oldest first.

        With them the rollbacks that took it away again.
        """
        its, undone = deployments.c.release_sha == release, deployments.alias("undone")
        took_away = deployments.c.number.in_(
            select(undone.c.undone_by).where(
                undone.c.workspace_id == workspace,
                undone.c.service == service,
                undone.c.release_sha == release,
                undone.c.undone_by.is_not(None),
            )
        )
        here = (deployments.c.service == service, moves(deployments))
        this = of_workspace(workspace).where(*here, or_(its, took_away))
        async with self._database.read() as connection:
            return await read_all(
                connection, await connection.execute(this.order_by(deployments.c.number).limit(FIRST))
            )

    async def proven(self, workspace: str, service: str, environment: str, since: datetime) -> bool:
        """Whether somebody has gone back there since then, or a drill found the way open."""
        table, body = deployments.c, events.c.body
        gone = exists().where(
            table.workspace_id == workspace,
            table.service == service,
            table.environment == environment,
            table.state == State.SUCCEEDED.value,
            table.kind == Kind.ROLLBACK.value,
            table.ended_at >= since,
        )
        walked = exists().where(
            events.c.workspace_id == workspace,
            events.c.at >= since,
            events.c.kind == RollbackDrilled.__name__,
            body["service"].as_string() == service,
            body["environment"].as_string() == environment,
            body["held_by"].as_string() == "",
        )
        async with self._database.read() as connection:
            return bool((await connection.execute(select(or_(gone, walked)))).scalar())

    async def sent(
        self, workspace: str, service: str, environment: str, limit: int
    ) -> tuple[Deployment, ...]:
        """The last that may have had an effect there, the newest first; whatever only waits is none."""
        table = deployments.c
        here = of_workspace(workspace).where(table.service == service, table.environment == environment)
        query = here.where(or_(table.attempted_at.is_not(None), table.landed_at.is_not(None)))
        async with self._database.read() as connection:
            return await read_all(
                connection, await connection.execute(query.order_by(table.number.desc()).limit(limit))
            )

    async def arrivals(self, workspace: str, service: str, environment: str) -> tuple[Arrival, ...]:
        """What got there or may have, the oldest first and what is under way last; the last few hundred."""
        table = deployments.c
        begun = and_(table.state != State.BYPASSED.value, table.attempted_at.is_not(None))
        ran = or_(arrived(deployments), table.state.in_(values_of(HOLDING)), begun)
        ref = table.resolution["ref_kind"].as_string(), table.resolution["ref_name"].as_string()
        at = since(deployments)
        query = (
            select(
                *(table.id, table.number, table.kind, table.state, table.release_sha, table.undoes_id),
                *(at.label("since"), ref[0].label("ref_kind"), ref[1].label("ref_name")),
            )
            .where(table.workspace_id == workspace, table.service == service)
            .where(table.environment == environment, table.release_sha.is_not(None), ran, moves(deployments))
            .order_by(at.is_(None).desc(), at.desc(), table.number.desc())
            .limit(BACK)
        )
        async with self._database.read() as connection:
            rows = list(await connection.execute(query))
        return tuple(_arrival(row) for row in reversed(rows))


def _arrival(row: Row[Any]) -> Arrival:
    return Arrival(
        id=DeploymentId(row.id),
        number=row.number,
        kind=Kind(row.kind),
        state=State(row.state),
        release=Sha(row.release_sha),
        at=row.since,
        tag=row.ref_name if row.ref_kind == RefKind.TAG.value else None,
        undoes=row.undoes_id,
    )
