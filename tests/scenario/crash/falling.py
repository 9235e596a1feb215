"""A rollback that begins by itself, in the real process, which is killed on its way there and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update

from bot.core.actions import ActionId
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.values import Kind
from bot.playground.control import FaultKind
from bot.playground.github.names import ActName, Where
from bot.playground.slack.seed import TEAM
from bot.store.store import Store
from bot.store.tables import deployments, work
from tests.scenario.crash.process import Street, until
from tests.scenario.crash.scenes import GOES_BACK
from tests.scenario.rest import left_to_do

CHANNEL = "#api-deploys"
FAILED_ONE, GOING_BACK = 2, 3  # their numbers
BOTH = (FaultKind.HOLD_BEFORE, FaultKind.HOLD_AFTER)


@dataclass(frozen=True, slots=True)
class Death:
    """When `number` is in `state`, the next such call is held open and the process killed meanwhile."""

    number: int
    state: State
    where: str
    kind: FaultKind

    def __str__(self) -> str:
        return f"#{self.number} {self.state}: {self.kind} {self.where}"

    @property
    def asks(self) -> ActionId | None:
        """What a person presses in the end: a dispatch that nobody can find may yet arrive."""
        if (self.number, self.where, self.kind) != (GOING_BACK, Where.DISPATCH, FaultKind.HOLD_BEFORE):
            return None
        return ActionId.MEASURE_AGAIN if self.state is State.RUNNING else ActionId.IT_DID_NOT_RUN


def deaths() -> Iterator[Death]:
    """Each call on the way, from the verification that fails to the one that holds again."""
    for kind in BOTH:
        for where in (Where.RUN, Where.JOBS_LIST, "chat.postMessage"):
            yield Death(FAILED_ONE, State.VERIFYING, where, kind)
        for where in (Where.REF_CREATE, Where.DISPATCH, "chat.update"):
            yield Death(GOING_BACK, State.SCHEDULED, where, kind)
        for where in (Where.RUN, Where.JOBS_LIST, Where.DISPATCH, Where.REF_DELETE):
            yield Death(GOING_BACK, State.RUNNING, where, kind)


async def killed(death: Death, url: str, folder: Path) -> None:
    """One that held, one that fails, and the death; then it ends in one rollback, or in a question."""
    async with Street(url, folder, catalog=GOES_BACK) as street:
        await _second_fails(street)
        await street.reaches(death.state, number=death.number)
        control = street.hold(death.where, death.kind)
        if death.state is State.SCHEDULED:
            await hurry(street.store)
        await street.held(control)
        await street.servers[0].kill()
        await street.release(control)
        await street.servers[0].start()
        await street.reaches(State.FAILED, number=FAILED_ONE)
        await hurry(street.store)
        await _ends(street, death.asks)
        await judge(street, death.asks)


async def killed_while_it_counts_down(street: Street) -> None:
    """Between the failure and the rollback's beginning, when nothing is under way."""
    await _second_fails(street)
    await street.reaches(State.SCHEDULED, number=GOING_BACK)
    await street.servers[0].kill()
    await hurry(street.store)
    await street.servers[0].start()
    await _ends(street, None)


async def hurry(store: Store) -> None:
    """Nobody waits for half a minute: what is scheduled is due now."""
    async with store.database.write() as connection:
        now = await store.database.now(connection)
        scheduled = deployments.c.state == State.SCHEDULED.value
        await connection.execute(update(deployments).where(scheduled).values(due_at=now))
        await connection.execute(update(work).where(work.c.due_at > now).values(due_at=now))


async def _second_fails(street: Street) -> None:
    acts = street.play.github.acts
    await street.asks()
    await street.reaches(State.SUCCEEDED)
    assert (await acts.perform(ActName.ADD_COMMIT, repository="acme/api"))["ok"]
    assert (await acts.perform(ActName.FAIL_NEXT, job="smoke"))["ok"]
    await street.asks()


async def _ends(street: Street, asks: ActionId | None) -> None:
    if asks is ActionId.IT_DID_NOT_RUN:
        await street.reaches(State.UNKNOWN, patience=180, number=GOING_BACK)
        await street.presses(asks)
        await street.reaches(State.FAILED, number=GOING_BACK)
        return
    if asks is ActionId.MEASURE_AGAIN:
        await street.presses(asks, patience=180)
    await street.reaches(State.SUCCEEDED, number=GOING_BACK)


async def judge(street: Street, asks: ActionId | None = None) -> None:
    """One rollback on record, one run of it at the code host, one card; nothing left to do."""

    async def quiet() -> bool:
        return await left_to_do(street.store) == 0

    await until(quiet, "all is quiet")
    made = [each for each in await _all(street.store) if each.wish.kind is Kind.ROLLBACK]
    assert [each.number for each in made] == [GOING_BACK]
    runs = 0 if asks is ActionId.IT_DID_NOT_RUN else 1
    first = await street.store.queries.deployment(TEAM, 1)
    assert first is not None
    versions = [_version(each.body) for each in street.play.github.dispatches() if "deploy.yml" in each.path]
    assert len(versions) == 2 + runs, versions
    assert versions.count(str(first.release_sha)) == 1 + runs, "it went back to what held"
    said = street.play.slack.messages(CHANNEL)
    cards = [each for each in said if each.text.startswith("#3 ") and not each.is_reply]
    assert len(cards) == 1, [each.text for each in cards]
    repository = street.play.github.world.repository("acme/api")
    assert repository is not None
    assert [name for name in repository.git.refs if "slipway/" in name] == []
    assert (await street.store.audit.verify(TEAM)).broken_at is None


async def _all(store: Store) -> tuple[Deployment, ...]:
    return await store.queries.recent(TEAM, "api", "staging", 100)


def _version(body: object) -> str:
    told = json.loads(body) if isinstance(body, str | bytes) else body
    assert isinstance(told, dict)
    return str(told["inputs"]["version"])
