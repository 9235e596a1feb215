"""Runs that began elsewhere in the store, on both databases: what waits, and several gates of one run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import Bug
from bot.core.gate_runs import AnswerState, GateAnswer, GateRun, GateWord
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.core.values import Action, Actor, ActorKind, Origin
from bot.store.store import Store
from tests.contract.store_support import NOON, SHA_A, T1, T2, new, run

RUN = run()
GATE = GateRun(
    RUN.ref, RUN.attempt, "production/eu", SHA_A, ".github/workflows/deploy.yml", "push", "linus", "7"
)
ACCOUNT = Actor(ActorKind.ACCOUNT, "github:7", "linus")


async def waiting(store: Store, environment: str, gate: GateRun | None = GATE) -> Deployment:
    asked = new(
        environment=environment,
        origin=Origin.PROVIDER,
        action=Action.ANSWER_GATE,
        requested_by=ACCOUNT,
        gate_run=gate,
    )
    async with store.units.begin(T1, Step.OPEN_GATE_CARD) as uow:
        return await uow.deployments.save(replace(await uow.deployments.add(asked), run=RUN))


async def test_what_waits_and_what_it_was_told_come_back(store: Store) -> None:
    kept = await waiting(store, "production")
    assert await store.queries.deployment(T1, 1) == kept
    assert kept.gate_run == GATE
    said = GateAnswer(GATE.gate, 1, GateWord.APPROVED, AnswerState.GIVEN, NOON)
    async with store.units.begin(T1, Step.RECORD_ANSWER) as uow:
        told = await uow.deployments.save(replace(kept, gate_answer=said))
    assert await store.queries.deployment(T1, 1) == told
    assert told.requested_by == ACCOUNT


async def test_a_run_may_pass_several_gates_and_each_is_found_by_it(store: Store) -> None:
    first, second = await waiting(store, "staging"), await waiting(store, "production")
    assert await store.queries.of_run(T1, RUN.ref) == (first, second)
    assert await store.queries.of_run(T2, RUN.ref) == ()
    assert await store.queries.of_run(T1, replace(RUN.ref, external_id="0")) == ()
    assert await store.queries.of_run(T1, replace(RUN.ref, repository="acme/other")) == ()


async def test_a_run_of_ours_is_shared_with_a_gate_and_stays_ours(store: Store) -> None:
    async with store.units.begin(T1, Step.RECORD_RUN) as uow:
        await uow.deployments.save(replace(await uow.deployments.add(new()), run=RUN))
    await waiting(store, "production")
    with pytest.raises(Bug, match="belongs to another deployment"):
        await waiting(store, "staging", gate=None)
