"""What every CI provider must do alike where a run waits for our answer: tell of it, and take one answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import pytest

from bot.core.errors import Ambiguous
from bot.core.gate_runs import GateView, GateWord, Starts
from bot.core.ports import CiProvider, Doors
from bot.core.runs import Run, RunRef, RunStatus
from bot.core.values import Sha

GATE = "production"
ONLY = frozenset({GATE})


class GateHarness(Protocol):
    """What a test can arrange."""

    @property
    def repository(self) -> str: ...

    @property
    def ci(self) -> CiProvider: ...

    @property
    def doors(self) -> Doors: ...

    async def waiting(self) -> RunRef:
        """A run of deploy.yml that waits at the gate, and for us alone."""
        ...

    async def settled(self, ref: RunRef) -> Run: ...

    async def lose_gate_answer(self) -> None: ...


async def seen(harness: GateHarness, ref: RunRef) -> GateView:
    """What the provider says of the run."""
    view = await harness.ci.gates(ref)
    assert view is not None
    return view


class GateSuite:
    """CiProvider."""

    async def test_what_waits_for_us_is_told_with_who_started_it(self, gate_harness: GateHarness) -> None:
        ref = await gate_harness.waiting()
        view = await seen(gate_harness, ref)
        assert (view.waits, view.ours) == (ONLY, ONLY)
        assert (view.workflow, view.event) == (".github/workflows/deploy.yml", "workflow_dispatch")
        assert view.actor
        assert view.actor_id.isdecimal()
        assert (view.run.ref, view.run.attempt, view.run.status) == (ref, 1, RunStatus.WAITING)
        assert view.decisions == ()

    async def test_an_approval_lets_it_go_on_and_a_second_one_is_recognised(
        self, gate_harness: GateHarness
    ) -> None:
        ref = await gate_harness.waiting()
        assert await gate_harness.ci.answer(ref, GATE, GateWord.APPROVED, "approved by Ada")
        assert not await gate_harness.ci.answer(ref, GATE, GateWord.APPROVED, "approved by Ada")
        assert (await gate_harness.settled(ref)).status is RunStatus.SUCCESS
        view = await seen(gate_harness, ref)
        assert (view.waits, view.ours) == (frozenset(), frozenset())
        assert view.decisions == (), "our own word is no decision of people"

    async def test_a_rejection_ends_it(self, gate_harness: GateHarness) -> None:
        ref = await gate_harness.waiting()
        assert await gate_harness.ci.answer(ref, GATE, GateWord.REJECTED, "x" * 3_000)
        assert (await gate_harness.settled(ref)).status is RunStatus.FAILURE

    async def test_an_answer_that_is_lost_is_ambiguous_and_found_to_have_been_given(
        self, gate_harness: GateHarness
    ) -> None:
        ref = await gate_harness.waiting()
        await gate_harness.lose_gate_answer()
        with pytest.raises(Ambiguous):
            await gate_harness.ci.answer(ref, GATE, GateWord.APPROVED, "yes")
        assert not await gate_harness.ci.answer(ref, GATE, GateWord.APPROVED, "yes")
        assert (await gate_harness.settled(ref)).status is RunStatus.SUCCESS

    async def test_another_gate_takes_no_answer(self, gate_harness: GateHarness) -> None:
        ref = await gate_harness.waiting()
        assert not await gate_harness.ci.answer(ref, "staging", GateWord.APPROVED, "yes")
        assert (await seen(gate_harness, ref)).ours == ONLY

    async def test_a_run_that_is_not_there_has_no_gates(self, gate_harness: GateHarness) -> None:
        ref = await gate_harness.waiting()
        assert await gate_harness.ci.gates(replace(ref, external_id="4711")) is None

    async def test_what_waits_is_found_by_its_workflow_and_commit(self, gate_harness: GateHarness) -> None:
        ref = await gate_harness.waiting()
        view, doors = await seen(gate_harness, ref), gate_harness.doors
        sha = view.run.head_sha
        assert await doors.waiting(gate_harness.repository, "deploy.yml", sha) == (view,)
        assert await doors.waiting(gate_harness.repository, "deploy.yml", Sha("0" * 40)) == ()
        assert await doors.waiting(gate_harness.repository, "release.yml", sha) == ()
        starts = await doors.starts(gate_harness.repository, "deploy.yml", sha)
        assert starts == Starts(by_hand=True)
        assert await doors.starts(gate_harness.repository, "nothing.yml", sha) is None
        accepted = await doors.accepts(gate_harness.repository, "deploy.yml", sha)
        assert accepted is not None
        assert {"environment", "version"} <= {each.name for each in accepted}
        assert await doors.accepts(gate_harness.repository, "nothing.yml", sha) is None
        assert await gate_harness.ci.answer(ref, GATE, GateWord.APPROVED, "approved by Ada")
        await gate_harness.settled(ref)
        assert await doors.waiting(gate_harness.repository, "deploy.yml", sha) == ()
