"""What gathers a fact."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.core.catalog import Policy
from bot.core.gates.model import Fact
from bot.core.records import Deployment
from bot.engine.world import World

# A policy that does not ask for the fact costs no call. What can't be read is Unreadable, never raised.
Gather = Callable[[World, Deployment, Policy], Awaitable[Fact]]
