"""People as the directory knows them now: they leave, and groups change."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.errors import NeedsHuman, Transient
from bot.core.gates.model import Fact, Known, Unreadable
from bot.engine.world import World


async def read_anew(world: World, workspace: str, ids: Iterable[str]) -> Fact:
    """Each of them once; nothing is asked where there is nobody."""
    try:
        people = [await world.directory.person(workspace, id, fresh=True) for id in dict.fromkeys(ids)]
    except (Transient, NeedsHuman) as error:
        return Unreadable(str(error))
    return Known(tuple(people), world.clock.now())
