"""Gates on the fake and over the real adapter; and what GitHub alone has: Apps, tokens, rules of others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.core.errors import NeedsHuman
from bot.core.gate_runs import GateView, GateWord
from bot.core.runs import RunRef, RunStatus
from bot.playground.clock import WallClock
from bot.playground.control import FaultKind
from bot.playground.github.auth import AppIdentity
from bot.playground.github.names import ActName, Where
from integrations.github.factory import App
from tests.contract.ci_suite import spec_of
from tests.contract.gate_suite import GATE, ONLY, GateHarness, GateSuite
from tests.contract.github_harness import PATIENCE, REPOSITORY, GitHubHarness, github_harness
from tests.contract.playground_github import APP_ID, PRIVATE_KEY, PUBLIC_KEY
from tests.fakes.forge import seeded
from tests.fakes.git import HEADS
from tests.fakes.harness import FakeHarness


class FakeGates(FakeHarness):
    """The fake, with a run that waits."""

    async def waiting(self) -> RunRef:
        receipt = await self.ci.trigger(spec_of(self, f"{HEADS}main"))
        assert receipt.run is not None
        self.forge.wait_at(receipt.run, GATE)
        return receipt.run

    async def lose_gate_answer(self) -> None:
        self.forge.lose_answers = 1


class GitHubGates(GitHubHarness):
    """The stand-in, with a run that waits at a rule of the App."""

    async def waiting(self) -> RunRef:
        self.repo.environments[GATE].custom_rule = True
        done = await self.stand_in.acts.perform(
            ActName.START_RUN, repository="api", inputs={"environment": GATE}
        )
        assert done["ok"], done
        ref = RunRef("github", REPOSITORY, str(done["run"]))
        await self.waits(ref)
        return ref

    async def waits(self, ref: RunRef) -> GateView:
        async with asyncio.timeout(PATIENCE):
            while True:
                view = await self.ci.gates(ref)
                if view is not None and view.waits:
                    return view
                await self.stand_in.changed(0.1)

    async def lose_gate_answer(self) -> None:
        self.fault(Where.PROTECTION_RULE, FaultKind.LOSE_ANSWER)


@asynccontextmanager
async def guarded(*, as_app: bool = True) -> AsyncIterator[GitHubGates]:
    """With the App of the rule, or with a token."""
    credentials = App(str(APP_ID), PRIVATE_KEY) if as_app else None
    async with github_harness(credentials, AppIdentity(APP_ID, PUBLIC_KEY)) as made:
        yield GitHubGates(made.stand_in, made.github, made.clock)


@pytest.fixture(params=["fake", "github"])
async def gate_harness(request: pytest.FixtureRequest) -> AsyncIterator[GateHarness]:
    """What the suite arranges things with."""
    if request.param == "fake":
        yield FakeGates(seeded(WallClock()))
        return
    async with guarded() as real:
        yield real


class TestGates(GateSuite):
    """CiProvider."""


async def test_nobody_at_github_is_called_by_a_comment() -> None:
    async with guarded() as harness:
        ref = await harness.waiting()
        assert await harness.ci.answer(ref, GATE, GateWord.APPROVED, "approved by @ada\u202e")
        await harness.settled(ref)
        (said,) = harness.repo.runs[int(ref.external_id)].approvals
        assert "approved by" in said.comment
        assert "@ada" not in said.comment
        assert "\u202e" not in said.comment


async def test_a_rule_that_is_not_ours_does_not_wait_for_us() -> None:
    async with guarded() as harness:
        ref = await harness.waiting()
        harness.repo.environments[GATE].custom_rule = False
        view = await harness.waits(ref)
        assert (view.waits, view.ours) == (ONLY, frozenset())


async def test_what_people_decide_at_github_is_told_with_who_it_was() -> None:
    async with guarded() as harness:
        harness.repo.environments[GATE].reviewers = ("ada",)
        ref = await harness.waiting()
        await harness.act(ActName.REVIEW, state="rejected", login="ada", comment="not today")
        assert (await harness.settled(ref)).status is RunStatus.FAILURE
        view = await harness.ci.gates(ref)
        assert view is not None
        assert [(each.gate, each.word, each.login, each.comment) for each in view.decisions] == [
            (GATE, GateWord.REJECTED, "ada", "not today")
        ]


async def test_a_token_sees_that_it_waits_and_cannot_answer() -> None:
    async with guarded(as_app=False) as harness:
        ref = await harness.waiting()
        view = await harness.waits(ref)
        assert (view.waits, view.ours) == (ONLY, frozenset())
        with pytest.raises(NeedsHuman, match="Only a GitHub App"):
            await harness.ci.answer(ref, GATE, GateWord.APPROVED, "yes")


async def test_what_is_no_number_is_no_run() -> None:
    async with guarded() as harness:
        odd = RunRef("github", REPOSITORY, "../4711")
        assert await harness.ci.gates(odd) is None
        with pytest.raises(NeedsHuman):
            await harness.ci.answer(odd, GATE, GateWord.APPROVED, "yes")
