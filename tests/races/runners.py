"""Those who decide in the same moment: tasks with a store each, or processes that stay alive."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from tests.databases import Backend
from tests.races.deeds import Answer, Replica, Scene
from tests.races.plan import MOST, Deed

PATIENCE = 60.0
Run = Callable[[Scene], Awaitable[tuple[Answer, ...]]]
Job = tuple[Deed, Scene]


@asynccontextmanager
async def runners(backend: Backend, url: str) -> AsyncIterator[Run]:
    """Who runs the races on this database: calls it once for each."""
    match backend:
        case Backend.SQLITE:  # one process alone may serve it
            async with _tasks(url) as run:
                yield run
        case Backend.POSTGRESQL:
            async with _processes(url) as run:
                yield run


@asynccontextmanager
async def _tasks(url: str) -> AsyncIterator[Run]:
    async with AsyncExitStack() as opened:
        replicas = [
            await opened.enter_async_context(Replica(url, f"replica {number}")) for number in range(MOST)
        ]

        async def run(scene: Scene) -> tuple[Answer, ...]:
            barrier = asyncio.Barrier(len(scene.race.deeds))

            async def one(replica: Replica, deed: Deed) -> Answer:
                await barrier.wait()
                return await replica.does(deed, scene)

            return tuple(await asyncio.gather(*map(one, replicas, scene.race.deeds)))

        yield run


@asynccontextmanager
async def _processes(url: str) -> AsyncIterator[Run]:
    """Each is given its part over a pipe, waits for the others at a barrier, and stays for the next race."""
    context = multiprocessing.get_context("spawn")
    barriers = {count: context.Barrier(count) for count in range(2, MOST + 1)}
    pipes: list[Connection] = []
    processes = []
    for number in range(MOST):
        ours, theirs = context.Pipe()
        process = context.Process(
            target=serve, args=(url, f"replica {number}", theirs, barriers), daemon=True
        )
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)

    def race(scene: Scene) -> tuple[Answer, ...]:
        taking_part = pipes[: len(scene.race.deeds)]
        for pipe, deed in zip(taking_part, scene.race.deeds, strict=True):
            pipe.send((deed, scene))
        return tuple(_received(pipe) for pipe in taking_part)

    async def run(scene: Scene) -> tuple[Answer, ...]:
        return await asyncio.to_thread(race, scene)

    try:
        yield run
    finally:
        for pipe in pipes:
            pipe.close()  # the end of the pipe is the end of the process
        for process in processes:
            await asyncio.to_thread(process.join, PATIENCE)
            process.close()


def _received(pipe: Connection) -> Answer:
    if not pipe.poll(PATIENCE):
        raise AssertionError("a replica hangs")
    answer: Answer = pipe.recv()
    return answer


def serve(url: str, name: str, pipe: Connection, barriers: Mapping[int, Barrier]) -> None:
    """The life of one process."""
    asyncio.run(_serve(url, name, pipe, barriers))


async def _serve(url: str, name: str, pipe: Connection, barriers: Mapping[int, Barrier]) -> None:
    async with Replica(url, name) as replica:
        while True:
            try:
                deed, scene = pipe.recv()
            except EOFError:
                return
            barriers[len(scene.race.deeds)].wait(PATIENCE)
            pipe.send(await replica.does(deed, scene))
