"""How the verifications on a schedule go: one row for each, gone when the catalog no longer has it."""

from __future__ import annotations

from pydantic import TypeAdapter
from sqlalchemy import delete, select

from bot.core.courses import Course
from bot.store.database import Database
from bot.store.inside import Inside
from bot.store.tables import courses

_KEY = ["workspace_id", "service", "environment", "id"]
_body = TypeAdapter(Course)


class StoredCourses(Inside):
    """The courses as a unit of work sees them."""

    async def get(self, service: str, environment: str, id: str) -> Course | None:
        """Locked until the end of the unit of work."""
        this = select(courses.c.body).filter_by(**self._key(service, environment, id))
        body = (await self._connection.execute(this.with_for_update())).scalar_one_or_none()
        return None if body is None else _body.validate_python(body)

    async def put(self, course: Course) -> None:
        """In place of what was known of it."""
        told = {"body": _body.dump_python(course, mode="json"), "updated_at": self._now}
        upsert = self._database.insert(courses).values(self._key(*course.place) | told)
        await self._connection.execute(upsert.on_conflict_do_update(index_elements=_KEY, set_=told))

    async def forget(self, course: Course) -> None:
        """As if it had never been measured."""
        await self._connection.execute(delete(courses).filter_by(**self._key(*course.place)))

    def _key(self, service: str, environment: str, id: str) -> dict[str, str]:
        return dict(zip(_KEY, (self._workspace, service, environment, id), strict=True))


class SqlCourses:
    """The CourseBook over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, workspace: str) -> tuple[Course, ...]:
        """All of them, by place."""
        return await self._read(workspace_id=workspace)

    async def at(self, workspace: str, service: str, environment: str) -> tuple[Course, ...]:
        """Those of one place."""
        return await self._read(workspace_id=workspace, service=service, environment=environment)

    async def _read(self, **which: str) -> tuple[Course, ...]:
        query = select(courses.c.body).filter_by(**which)
        ordered = query.order_by(courses.c.service, courses.c.environment, courses.c.id)
        async with self._database.read() as connection:
            return tuple(_body.validate_python(body) for body in await connection.scalars(ordered))
