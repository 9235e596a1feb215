"""Whatever the net does to webhooks, the records are what GitHub says; a thousand runs in `make proof`."""

from __future__ import annotations

import pytest

from tests.events.storm import storm


@pytest.mark.long
async def test_records_are_the_truth_after_a_storm(database_url: str) -> None:
    outcome = await storm(database_url, seed=7, runs=16, deaths=3)
    assert outcome.flaws == []
    assert outcome.deaths > 0
    assert outcome.dropped > 0
    assert outcome.sent > outcome.attempts
    assert outcome.cards > outcome.runs // 2
    assert outcome.replies > 0
    assert outcome.calls < 20 * outcome.attempts, "a burst about one run is one look"
