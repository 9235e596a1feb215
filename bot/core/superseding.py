"""Which request gives way to a newer one: by itself where that contains it, else by its owners' word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.catalog import Catalog
from bot.core.code import Direction
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.lifecycle import ENDS, State
from bot.core.policy import Permission, authorise_on
from bot.core.ports import CodeHost, Queries
from bot.core.records import Deployment, Resolution, Wish
from bot.core.values import HURRIES, Actor, ActorKind, DeploymentId, Person, Sha

WAITS = frozenset({State.REQUESTED, State.WAITING})  # nothing from `ready` on is retired
LOOKED_AT = 200  # of what one person has waiting anywhere


@dataclass(frozen=True, slots=True)
class Behind:
    """Of whom a new request waits in line, as far as that can be changed."""

    number: int
    digest: str
    version: int
    owners: str  # who may let the new one replace it, by the names of the catalog
    mine: bool  # whoever asks may do so


def takes_turns(wish: Wish) -> bool:
    """Whether it waits in line at all: emergencies and rollbacks pass the others, and replace none."""
    return not wish.emergency and wish.kind not in HURRIES


def in_line(deployment: Deployment) -> bool:
    """Whether it waits for its turn, and nothing of it has begun."""
    return deployment.state in WAITS and takes_turns(deployment.wish)


def same_place(one: Wish, other: Wish) -> bool:
    """Whether they share one line."""
    return (one.service, one.environment) == (other.service, other.environment)


def gives_way(older: Deployment, wish: Wish, requester: Actor) -> bool:
    """Whether a newer request of this person retires it, once it is known to contain it."""
    same = older.requested_by
    mine = same.kind is ActorKind.PERSON and (same.kind, same.id) == (requester.kind, requester.id)
    return mine and in_line(older) and takes_turns(wish) and same_place(older.wish, wish)


async def contained(
    host: CodeHost, repository: str, resolution: Resolution, older: Iterable[Deployment]
) -> tuple[DeploymentId, ...]:
    """Those whose release the new one contains; what can't be compared is not."""
    return tuple(
        [each.id for each in older if await _contains(host, repository, resolution, each)],
    )


async def own_in_line(
    queries: Queries, workspace: str, wish: Wish, requester: Actor
) -> tuple[Deployment, ...]:
    """What the same person has waiting in the same line, the oldest first."""
    found = await queries.in_states(workspace, WAITS, LOOKED_AT, requester.id)
    return tuple(each.deployment for each in found if gives_way(each.deployment, wish, requester))


async def _contains(host: CodeHost, repository: str, resolution: Resolution, older: Deployment) -> bool:
    request, release = older.request, resolution.release.sha
    if request is None or request.repository_id != resolution.repository_id:
        return False
    base = Sha(request.release_sha)
    if base == release:
        return True
    try:
        return (await host.compare(repository, base, release)).direction is Direction.AHEAD
    except (UserError, NeedsHuman, Transient):
        return False


def must_replace(older: Deployment, newer: Deployment) -> None:
    """Raises UserError where this one can't take the other's place."""
    if not same_place(older.wish, newer.wish) or older.number >= newer.number:
        raise UserError(
            f"#{newer.number} does not wait behind #{older.number}.",
            "A place is handed over to a newer request for the same service and environment.",
            "`/state` shows what waits for what.",
        )
    for each in (older, newer):
        _must_wait(each)


def _must_wait(deployment: Deployment) -> None:
    if deployment.state in ENDS:
        raise UserError(f"#{deployment.number} has ended already: {deployment.state}.", deployment.note)
    if not takes_turns(deployment.wish):
        raise UserError(f"#{deployment.number} does not wait in line.", "Emergencies and rollbacks pass it.")
    if deployment.state not in WAITS:
        raise UserError(
            f"#{deployment.number} does not wait in line: it is {deployment.state}.",
            "Only what still waits can hand its place over, or get one.",
            "Cancel it on its card to stop it.",
        )


def may_hand_over(person: Person, older: Deployment, catalog: Catalog) -> bool:
    """Whether this person may let a newer one take its place."""
    try:
        authorise_on(Permission.HAND_OVER, person, catalog, older)
    except UserError:
        return False
    return True
