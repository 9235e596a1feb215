"""Who is told of what happens: right before each commit, so that nobody hears of what did not happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.core.effects import Effect
from bot.core.events import Event
from bot.core.ports import UnitOfWork
from bot.core.values import Actor

Recorded = tuple[Event, Actor]
Hear = Callable[[UnitOfWork, Sequence[Recorded], Sequence[Effect]], Awaitable[None]]
"""Called with what is told in this commit; adds what others shall hear of it."""
