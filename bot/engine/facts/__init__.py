"""How each fact is gathered. A new fact is a file beside this one and a line below."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.catalog import Policy
from bot.core.gates.model import Fact, FactKind
from bot.core.records import Deployment
from bot.engine.facts import (
    ahead,
    checks,
    identity,
    lifters,
    locks,
    quarantines,
    reachable,
    requester,
    taken_back,
    tickers,
    verified,
    voters,
)
from bot.engine.facts.model import Gather
from bot.engine.world import World

GATHER: Mapping[FactKind, Gather] = {
    FactKind.AHEAD: ahead.gather,
    FactKind.LIFTERS: lifters.gather,
    FactKind.LOCKS: locks.gather,
    FactKind.CHECKS: checks.gather,
    FactKind.IDENTITY: identity.gather,
    FactKind.REACHABLE: reachable.gather,
    FactKind.VERIFIED: verified.gather,
    FactKind.REQUESTER: requester.gather,
    FactKind.QUARANTINES: quarantines.gather,
    FactKind.TAKEN_BACK: taken_back.gather,
    FactKind.TICKERS: tickers.gather,
    FactKind.VOTERS: voters.gather,
}


async def gather(
    world: World, deployment: Deployment, policy: Policy, kinds: frozenset[FactKind]
) -> Mapping[FactKind, Fact]:
    """What is asked for, read anew."""
    return {kind: await GATHER[kind](world, deployment, policy) for kind in FactKind if kind in kinds}


__all__ = ["GATHER", "Gather", "gather"]
