"""What every provider must do alike where the push of a tag starts a pipeline: once, at that commit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import NeedsHuman
from bot.core.runs import Receipt, RunStatus, TriggerSpec
from bot.core.values import OperationKey
from tests.contract.ci_suite import KEY, OTHER_KEY, TAGS, Harness, spec_of


def push_of(harness: Harness, key: OperationKey = KEY) -> TriggerSpec:
    """The push of a tag to which release.yml listens; it carries nothing else."""
    spec = spec_of(harness, f"{TAGS}v9-{key}", key)
    return replace(spec, workflow="release.yml", inputs=(), pinned=True, pushes=True)


class TagStartSuite:
    """CiProvider, where to make a tag is to start a run."""

    async def test_a_pushed_tag_starts_a_run_that_is_found_and_followed(self, harness: Harness) -> None:
        since, spec = harness.clock.now(), push_of(harness)
        assert await harness.ci.find(spec, since) is None
        assert await harness.ci.trigger(spec) == Receipt(None)
        await harness.ci.trigger(push_of(harness, OTHER_KEY))
        found = await harness.ci.find(spec, since)
        assert found is not None
        run = await harness.settled(found)
        assert (run.status, run.head_sha) == (RunStatus.SUCCESS, harness.tip())
        assert await harness.ci.find(push_of(harness, OTHER_KEY), since) not in (None, found)

    async def test_the_same_push_again_starts_no_second_run(self, harness: Harness) -> None:
        since, spec = harness.clock.now(), push_of(harness)
        for _ in range(2):
            assert await harness.ci.trigger(spec) == Receipt(None)
        assert await harness.ci.find(spec, since) is not None, "there would be two to choose from"

    async def test_a_tag_at_another_commit_is_refused_and_stays_there(self, harness: Harness) -> None:
        since, spec = harness.clock.now(), push_of(harness)
        other = harness.commit("Other", (harness.tip(),))
        harness.point(spec.ref, other)
        with pytest.raises(NeedsHuman, match=KEY):
            await harness.ci.trigger(spec)
        assert (await harness.code.resolve(harness.repository, spec.ref)).sha == other
        assert await harness.ci.find(spec, since) is None
