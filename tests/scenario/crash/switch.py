"""Ends the life of a process at one point: nothing that belongs to it runs on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar
from typing import Any

from bot.core.errors import DATABASE, Transient
from tests.scenario.crash.points import Moment, Point, Target

LETTING_GO = 10  # rounds in which a connection may be given back in good order
LIFE: ContextVar[Life | None] = ContextVar("life", default=None)


class Life:
    """All tasks of one bot: those it was started with, and those that they started."""

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[Any]] = set()
        self.ended = asyncio.Event()

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run this as part of the life; whatever it starts belongs to it as well."""
        token = LIFE.set(self)
        try:
            return asyncio.create_task(work)
        finally:
            LIFE.reset(token)

    def end(self) -> None:
        """Stop every task where it stands."""
        self.ended.set()
        self._cancel()

    async def over(self) -> None:
        """Wait until none is left."""
        rounds = 0
        while left := [task for task in self.tasks if not task.done()]:
            await asyncio.wait(left, timeout=0.3)
            rounds += 1
            self._cancel(all_of_them=rounds > LETTING_GO)

    def _cancel(self, *, all_of_them: bool = False) -> None:
        """At first all but those that let go of a connection; one may wait for another that is gone."""
        for task in self.tasks:
            code = getattr(task.get_coro(), "cr_code", None)  # the end of a generator has none
            if all_of_them or code is None or "sqlalchemy" not in code.co_filename:
                task.cancel()


def watch_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """From now on each task of this loop knows the life it belongs to."""

    def factory(
        loop: asyncio.AbstractEventLoop,
        work: Coroutine[Any, Any, Any],
        context: Context | None = None,
        **more: Any,
    ) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, context=context, **more)
        life = context[LIFE] if context is not None and LIFE in context else LIFE.get()
        if life is not None:
            life.tasks.add(task)
            task.add_done_callback(life.tasks.discard)
        return task

    loop.set_task_factory(factory)  # type: ignore[arg-type]  # its type differs between versions


async def forever() -> None:
    """Until cancelled."""
    await asyncio.Event().wait()


class Switch:
    """Armed with a point, it ends the life that reaches it; unarmed, it only counts."""

    def __init__(self) -> None:
        self.life: Life | None = None
        self.passed: Counter[tuple[Target, Moment]] = Counter()
        self._armed: Point | None = None
        self._failing: Target | None = None

    def arm(self, point: Point) -> None:
        """Count from here on, and strike when this point is reached."""
        self.passed.clear()
        self._armed = point

    def fail(self, target: Target) -> None:
        """The database does not take the next commit of this kind."""
        self._failing = target

    def waits_for(self, target: Target, moment: Moment) -> bool:
        """Whether the strike may come here."""
        armed = self._armed
        return armed is not None and (armed.target, armed.moment) == (target, moment)

    async def reach(self, target: Target, moment: Moment) -> None:
        """Here is the point; a process that dies never comes back from it, and the dead reach nothing."""
        life = LIFE.get()
        if life is None or life is not self.life or life.ended.is_set():
            return await forever()
        self.passed[target, moment] += 1
        if target == self._failing:
            self._failing = None
            raise Transient("as the test wants it", system=DATABASE)
        if Point(target, moment, self.passed[target, moment]) == self._armed:
            self._armed = None
            life.end()
            return await forever()
        return None

    async def while_it_runs(
        self, target: Target, call: Coroutine[Any, Any, Any], received: Callable[[], int]
    ) -> Any:
        """Reach DURING as soon as the other side has received the call."""
        before = received()
        task = asyncio.ensure_future(call)
        while not task.done() and received() == before:
            await asyncio.wait({task}, timeout=0.002)
        await self.reach(target, Moment.DURING)
        return await task
