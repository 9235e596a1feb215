"""What every CI provider must do alike: start one run and no more, find it again, follow it, cancel it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import Ambiguous, NeedsHuman, Transient
from bot.core.runs import RunRef, RunStatus
from tests.contract.ci_suite import HEADS, KEY, OTHER_KEY, TAGS, Harness, pinned, spec_of


class CiSuite:
    """CiProvider."""

    async def test_a_dispatch_runs_to_its_end(self, harness: Harness) -> None:
        receipt = await harness.ci.trigger(await pinned(harness))
        assert receipt.run is not None
        run = await harness.settled(receipt.run)
        assert (run.ref, run.status, run.attempt) == (receipt.run, RunStatus.SUCCESS, 1)
        assert run.head_sha == harness.tip()
        assert run.started_at
        assert run.ended_at
        assert run.url
        assert run.stages
        assert {stage.status for stage in run.stages} == {RunStatus.SUCCESS}
        assert harness.dispatches == 1

    async def test_a_run_that_fails_says_where(self, harness: Harness) -> None:
        await harness.fail_next()
        receipt = await harness.ci.trigger(spec_of(harness, f"{HEADS}main"))
        assert receipt.run is not None
        run = await harness.settled(receipt.run)
        assert run.status is RunStatus.FAILURE
        failed = [stage for stage in run.stages if stage.status is RunStatus.FAILURE]
        assert failed
        assert failed[0].detail

    async def test_a_run_is_cancelled_once_and_again(self, harness: Harness) -> None:
        await harness.hold_next()
        receipt = await harness.ci.trigger(spec_of(harness, f"{HEADS}main"))
        assert receipt.run is not None
        going = await harness.ci.observe(receipt.run)
        assert going is not None
        assert going.status in (RunStatus.QUEUED, RunStatus.RUNNING)
        assert going.ended_at is None
        await harness.ci.cancel(receipt.run)
        assert (await harness.settled(receipt.run)).status is RunStatus.CANCELLED
        await harness.ci.cancel(receipt.run)

    async def test_a_run_that_is_not_there_is_none(self, harness: Harness) -> None:
        nowhere = RunRef("github", harness.repository, "987654321")
        assert await harness.ci.observe(nowhere) is None
        with pytest.raises(NeedsHuman):
            await harness.ci.cancel(nowhere)

    async def test_another_attempt_is_counted_and_read_anew(self, harness: Harness) -> None:
        receipt = await harness.ci.trigger(spec_of(harness, f"{HEADS}main"))
        assert receipt.run is not None
        await harness.settled(receipt.run)
        await harness.rerun(receipt.run)
        again = await harness.settled(receipt.run)
        assert (again.attempt, again.ref) == (2, receipt.run)

    async def test_a_pinned_run_is_found_by_the_tag(self, harness: Harness) -> None:
        since = harness.clock.now()
        spec = await pinned(harness)
        assert await harness.ci.find(spec, since) is None
        receipt = await harness.ci.trigger(spec)
        other = await harness.ci.trigger(await pinned(harness, OTHER_KEY))
        assert other != receipt
        assert await harness.ci.find(spec, since) == receipt.run

    async def test_two_runs_on_our_tag_are_one_too_many(self, harness: Harness) -> None:
        since, spec = harness.clock.now(), await pinned(harness)
        await harness.ci.trigger(spec)
        await harness.ci.trigger(spec)
        assert await harness.ci.find(spec, since) is None

    async def test_a_run_on_a_branch_is_found_by_the_key_it_shows(self, harness: Harness) -> None:
        since, spec = harness.clock.now(), spec_of(harness, f"{HEADS}main")
        await harness.ci.trigger(spec_of(harness, f"{HEADS}main", OTHER_KEY))
        assert await harness.ci.find(spec, since) is None
        receipt = await harness.ci.trigger(spec)
        assert await harness.ci.find(spec, since) == receipt.run

    async def test_a_run_from_before_is_not_ours(self, harness: Harness) -> None:
        spec = spec_of(harness, f"{HEADS}main")
        await harness.ci.trigger(spec)
        later = harness.clock.now() + timedelta(hours=1)
        assert await harness.ci.find(spec, later) is None

    async def test_a_lost_answer_is_ambiguous_and_the_run_is_found(self, harness: Harness) -> None:
        since, spec = harness.clock.now(), await pinned(harness)
        harness.lose_answers()
        with pytest.raises(Ambiguous):
            await harness.ci.trigger(spec)
        assert harness.dispatches == 1
        found = await harness.ci.find(spec, since)
        assert found is not None
        assert await harness.ci.observe(found) is not None

    async def test_a_run_that_is_not_shown_yet_is_none(self, harness: Harness) -> None:
        since, spec = harness.clock.now(), await pinned(harness)
        await harness.hide_new_runs()
        receipt = await harness.ci.trigger(spec)
        assert receipt.run is not None
        assert await harness.ci.find(spec, since) is None
        assert await harness.ci.observe(receipt.run) is None

    async def test_a_dispatch_that_cannot_be_sent_is_only_transient(self, harness: Harness) -> None:
        spec = await pinned(harness)
        await harness.go_down()
        with pytest.raises(Transient) as silence:
            await harness.ci.trigger(spec)
        assert not isinstance(silence.value, Ambiguous)
        assert harness.dispatches == 0

    async def test_each_refusal_has_its_own_plain_message(self, harness: Harness) -> None:
        good = spec_of(harness, f"{HEADS}main")
        harness.point(f"{HEADS}old", harness.forked())
        wrong = [
            replace(good, ref=f"{TAGS}slipway/{OTHER_KEY}"),
            spec_of(harness, f"{HEADS}main", colour="red"),
            spec_of(harness, f"{HEADS}main", version=""),
            replace(good, workflow="nothing.yml"),
        ]
        refusals = []
        for spec in wrong:
            with pytest.raises(NeedsHuman) as refused:
                await harness.ci.trigger(spec)
            refusals.append(refused.value)
        await harness.disable("deploy.yml")
        with pytest.raises(NeedsHuman) as refused:
            await harness.ci.trigger(good)
        refusals.append(refused.value)
        assert len({str(each) for each in refusals}) == len(refusals)
        assert all(each.what and each.next for each in refusals)
        assert harness.dispatches == 0

    async def test_an_unknown_repository_starts_nothing(self, harness: Harness) -> None:
        spec = replace(spec_of(harness, f"{HEADS}main"), repository="acme/nothing")
        with pytest.raises(NeedsHuman, match="acme/nothing"):
            await harness.ci.trigger(spec)
        assert KEY in dict(spec.inputs).values()
