"""Concurrency groups: one run goes, one waits, and a newer one takes the place of the one that waits."""

from __future__ import annotations

import asyncio

from bot.playground.github.model import Run
from bot.playground.github.world import Repository


class Groups:
    """Which runs stand in which line."""

    def __init__(self) -> None:
        self._lines: dict[tuple[int, str], list[Run]] = {}
        self._turns: dict[int, asyncio.Event] = {}

    def join(self, repo: Repository, run: Run, cancel_others: bool) -> list[Run]:
        """Stand in line; answers with the runs that have to give way."""
        turn = self._turns[run.id] = asyncio.Event()
        if run.group is None:
            turn.set()
            return []
        line = self._lines.setdefault((repo.id, run.group), [])
        give_way = list(line) if cancel_others else line[1:]
        line.append(run)
        if line[0] is run:
            turn.set()
        return give_way

    def turn(self, run: Run) -> asyncio.Event:
        """Set when this run may go."""
        return self._turns[run.id]

    def leave(self, run: Run) -> None:
        """The run has ended; the next one may go."""
        if run.group is None:
            return
        line = self._lines.get((run.repository_id, run.group), [])
        if run in line:
            line.remove(run)
        if line:
            self._turns[line[0].id].set()
