"""Deployments inside a unit of work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, delete, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.code import Commit
from bot.core.effects import ShowCard
from bot.core.errors import Bug, Transient
from bot.core.events import DeploymentMoved
from bot.core.lifecycle import ENDS, HOLDING, State, Trigger, follow
from bot.core.records import Deployment, NewDeployment, Resolution
from bot.core.runs import Run
from bot.core.values import Actor, DeploymentId
from bot.core.votes import Vote
from bot.store import mapping
from bot.store.ids import new_id, new_key
from bot.store.statements import Kind, the, these, this
from bot.store.tables import counters, deployment_changes, deployments, runs, transitions
from bot.store.votes import read_votes

if TYPE_CHECKING:
    from bot.store.units import Unit

_NUMBER = "deployment"
_ADD = deployments.insert()

_ITS_MOVES = this(transitions, "workspace_id", "deployment_id")
_LAST_MOVE = select(func.max(transitions.c.at)).where(_ITS_MOVES)
_ADD_TRANSITION = transitions.insert().values(
    seq=select(func.count() + 1).where(_ITS_MOVES).scalar_subquery()
)
_WRITE = (
    update(deployments)
    .where(this(deployments, "workspace_id", "id", "version", "state"))
    .where(or_(deployments.c.request.is_(None), this(deployments, "request")))
)
_VERSION = select(deployments.c.version).where(this(deployments, "workspace_id", "id"))
_ITS_CHANGES = this(deployment_changes, "workspace_id", "deployment_id")
_CHANGED = select(deployment_changes.c.sha).where(_ITS_CHANGES).order_by(deployment_changes.c.position)
_FORGET_CHANGES = delete(deployment_changes).where(_ITS_CHANGES)
_CHANGES = (
    select(deployment_changes)
    .where(these(deployment_changes, "workspace_id", "deployment_id"))
    .order_by(deployment_changes.c.position)
)


class StoredDeployments:
    """The deployments as a unit of work sees them."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._connection = unit.connection
        self.places: dict[str, tuple[str, str]] = {}  # of those that were met here, by their ids
        self._stands: dict[DeploymentId, Resolution] = {}  # whose changes lie there already
        self._runs: dict[DeploymentId, tuple[Run, str]] = {}  # as they were written here, with their rows

    async def add(self, new: NewDeployment) -> Deployment:
        """Give it id, number and key, in state `requested`.

        The number comes from a counter and not from the rows, so it is never given twice. A unit of work that
        fails gives its number back: nobody has seen it.
        """
        number = await self._next_number()
        deployment = Deployment(
            id=DeploymentId(new_id()),
            number=number,
            key=new_key(number),
            workspace=self._unit.workspace,
            state=State.REQUESTED,
            wish=new.wish,
            origin=new.origin,
            action=new.action,
            requested_by=new.requested_by,
            place=new.place,
            channel=new.channel,
            planned=new.planned,
            created_at=self._unit.now,
            updated_at=self._unit.now,
            undoes=new.undoes,
            gate_run=new.gate_run,
        )
        row = mapping.birth(deployment) | mapping.life(deployment) | {"version": deployment.version}
        await self._connection.execute(_ADD, row)
        self.places[deployment.id] = (new.wish.service, new.wish.environment)
        return deployment

    async def get(self, id: DeploymentId) -> Deployment:
        """The row, locked until the end of the unit of work."""
        found = await self._find("id", id)
        if found is None:
            raise Bug(f"no deployment {id} in {self._unit.workspace}")
        return found

    async def by_number(self, number: int) -> Deployment | None:
        """The same by the number that people see; locked as well."""
        return await self._find("number", number)

    async def save(self, deployment: Deployment) -> Deployment:
        """Write everything but the state; counts `version` up, sets `updated_at`."""
        return await self._write(deployment, {})

    async def moved_at(self, deployment: Deployment) -> datetime:
        """When its present state began."""
        its = the(workspace_id=self._unit.workspace, deployment_id=deployment.id)
        found: datetime | None = (await self._connection.execute(_LAST_MOVE, its)).scalar_one()
        return found or deployment.created_at

    async def move(self, deployment: Deployment, trigger: Trigger, actor: Actor, why: str) -> Deployment:
        """Follow the life's table: state, transition row, event, audit record and card in this one commit.

        Writes the other fields as well. A deployment that has ended stays as it is, silently.
        """
        if deployment.state in ENDS:
            return deployment
        source, target = deployment.state, follow(deployment.state, trigger)
        ended_at = self._unit.now if target in ENDS else None
        moved = await self._write(
            replace(deployment, state=target, ended_at=ended_at), {"state": target.value}, source
        )
        await self._keep_slot(moved, source)
        await self._add_transition(moved, source, trigger, actor, why)
        event = DeploymentMoved(moved.id, moved.number, source, trigger, target, why, moved.digest or "")
        await self._unit.record(event, actor)
        await self._unit.show(ShowCard(moved.id), urgent=target in ENDS or target is State.UNKNOWN)
        return moved

    async def _next_number(self) -> int:
        first = self._unit.database.insert(counters).values(
            workspace_id=self._unit.workspace, name=_NUMBER, value=1
        )
        count = first.on_conflict_do_update(
            index_elements=[counters.c.workspace_id, counters.c.name],
            set_={"value": counters.c.value + 1},
        ).returning(counters.c.value)
        number: int = (await self._connection.execute(count)).scalar_one()
        return number

    async def _find(self, column: str, value: str | int) -> Deployment | None:
        which = the(workspace_id=self._unit.workspace) | the(**{column: value})
        if not self._unit.database.sqlite:  # there nobody else writes until we end
            # A statement of its own: one that waited for the lock would read the run of before it waited.
            await self._connection.execute(_lock_by(column), which)
        row = (await self._connection.execute(find_by(column), which)).one_or_none()
        if row is None:
            return None
        [found] = await read_all(self._connection, [row])
        self.places[found.id] = (found.wish.service, found.wish.environment)
        self._stands |= {found.id: found.resolution} if found.resolution else {}
        return found

    async def _write(
        self, deployment: Deployment, values: mapping.Values, source: State | None = None
    ) -> Deployment:
        written = replace(deployment, version=deployment.version + 1, updated_at=self._unit.now)
        values = values | mapping.life(written) | {"version": written.version}
        values["run_id"] = await self._write_run(written, written.run) if written.run else None
        unchanged = the(
            workspace_id=self._unit.workspace,
            id=deployment.id,
            version=deployment.version,
            state=(source or deployment.state).value,
            request=values["request"],
        )
        done = await self._connection.execute(_WRITE, {**unchanged, **values})
        if done.rowcount != 1:
            raise await self._why_not_written(deployment)
        resolution = written.resolution
        if resolution is not None and resolution is not self._stands.get(written.id):
            await self._write_changes(written.id, resolution.changes)
            self._stands[written.id] = resolution
        return written

    async def _why_not_written(self, deployment: Deployment) -> Exception:
        its = the(workspace_id=self._unit.workspace, id=deployment.id)
        version = (await self._connection.execute(_VERSION, its)).scalar_one_or_none()
        if version is None:
            return Bug(f"no deployment {deployment.id} in {self._unit.workspace}")
        if version == deployment.version:
            return Bug(f"#{deployment.number}: only a move changes the state, nothing changes a request")
        return Transient(f"#{deployment.number} was changed meanwhile.", system="The database")

    async def _write_run(self, deployment: Deployment, run: Run) -> str:
        """The id of the run's row, which is written once as it is now."""
        known, row = self._runs.get(deployment.id, (None, ""))
        if known != run:
            row = await self._add_run(deployment, run)
            self._runs[deployment.id] = (run, row)
        return row

    async def _add_run(self, deployment: Deployment, run: Run) -> str:
        """A run that belongs to another deployment is never taken over.

        One that began elsewhere belongs to nobody: each gate that it passes may have a card.
        """
        shared = deployment.gate_run is not None
        identity = {
            "workspace_id": self._unit.workspace,
            "provider": run.ref.provider,
            "repository": run.ref.repository,
            "external_id": run.ref.external_id,
            "attempt": run.attempt,
        }
        resolution = deployment.resolution
        state = mapping.run_columns(run) | {
            "repository_id": resolution.repository_id if resolution else None,
            "observed_at": self._unit.now,
        }
        if not shared:
            state["deployment_id"] = deployment.id
        upsert = _upsert_run(self._unit.database.kind, tuple(identity), tuple(state))
        row = identity | state | {"id": new_id()}
        id: str | None = (await self._connection.execute(upsert, row)).scalar_one_or_none()
        if id is None:
            raise Bug(f"run {run.ref.external_id} belongs to another deployment than #{deployment.number}")
        return id

    async def _write_changes(self, id: DeploymentId, changes: tuple[Commit, ...]) -> None:
        its = the(workspace_id=self._unit.workspace, deployment_id=id)
        stored = tuple((await self._connection.execute(_CHANGED, its)).scalars())
        if stored == tuple(commit.sha for commit in changes):
            return
        await self._connection.execute(_FORGET_CHANGES, its)
        if changes:
            key = {"workspace_id": self._unit.workspace, "deployment_id": id}
            rows = [
                key | {"position": position} | mapping.commit_columns(commit)
                for position, commit in enumerate(changes)
            ]
            await self._connection.execute(deployment_changes.insert(), rows)

    async def _keep_slot(self, deployment: Deployment, source: State) -> None:
        if deployment.state in ENDS or (source in HOLDING and deployment.state not in HOLDING):
            await self._unit.slots.free(deployment.id)
        elif deployment.state in HOLDING and source not in HOLDING:
            wish = deployment.wish
            if await self._unit.slots.holder(wish.service, wish.environment) != deployment.id:
                raise Bug(f"#{deployment.number} does not hold its slot")

    async def _add_transition(
        self, moved: Deployment, source: State, trigger: Trigger, actor: Actor, why: str
    ) -> None:
        row = {
            "workspace_id": self._unit.workspace,
            "deployment_id": moved.id,
            "source": source.value,
            "trigger": trigger.value,
            "target": moved.state.value,
            **mapping.actor_columns(actor, "actor_"),
            "at": self._unit.now,
            "why": why,
        }
        its = the(workspace_id=self._unit.workspace, deployment_id=moved.id)
        await self._connection.execute(_ADD_TRANSITION, {**its, **row})


@cache
def _upsert_run(kind: Kind, identity: tuple[str, ...], state: tuple[str, ...]) -> Any:
    """Without `deployment_id` it is shared, and nobody's."""
    insert = kind.insert(runs)
    nobodys_or_ours = or_(
        literal("deployment_id" not in state),
        runs.c.deployment_id.is_(None),
        runs.c.deployment_id == insert.excluded.deployment_id,
    )
    return insert.on_conflict_do_update(
        index_elements=identity,
        set_={name: insert.excluded[name] for name in state},
        where=nobodys_or_ours,
    ).returning(runs.c.id)


@cache
def _lock_by(column: str) -> Any:
    return select(deployments.c.id).where(this(deployments, "workspace_id", column)).with_for_update()


@cache
def find_by(column: str) -> Any:
    """The one with the value of this column that `the` names, in the workspace that it names."""
    return deployment_query().where(this(deployments, "workspace_id", column))


@cache
def deployment_query() -> Any:
    """Deployments with their runs; the caller says which."""
    with_run = deployments.outerjoin(
        runs,
        and_(runs.c.workspace_id == deployments.c.workspace_id, runs.c.id == deployments.c.run_id),
    )
    return select(*mapping.deployment_columns()).select_from(with_run)


async def read_all(connection: AsyncConnection, rows: Iterable[Row[Any]]) -> tuple[Deployment, ...]:
    """The records of rows of `deployment_query`; their changes and votes come with one more query each."""
    found = list(rows)
    changes: dict[tuple[str, str], list[Commit]] = {}
    resolved = [row for row in found if row.resolution is not None]
    votes: dict[tuple[str, str], tuple[Vote, ...]] = {}
    if resolved:
        workspaces, ids = ({getattr(row, name) for row in resolved} for name in ("workspace_id", "id"))
        theirs = the(workspace_id=list(workspaces), deployment_id=list(ids))
        for row in await connection.execute(_CHANGES, theirs):
            changes.setdefault((row.workspace_id, row.deployment_id), []).append(mapping.commit(row))
        votes = await read_votes(connection, theirs)
    return tuple(
        mapping.deployment(
            row, changes.get((row.workspace_id, row.id), ()), votes.get((row.workspace_id, row.id), ())
        )
        for row in found
    )
