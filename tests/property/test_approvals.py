"""The gate of approvals against a second opinion: a part of the cases here, all of them in `make proof`."""

from __future__ import annotations

from random import Random

import pytest

from tests.property.approvals import EXCLUDED, RULES, disagreements, points_of


@pytest.mark.parametrize("rules", range(len(RULES)))
@pytest.mark.parametrize("exclude", range(len(EXCLUDED)))
def test_two_opinions_agree(rules: int, exclude: int) -> None:
    points = list(points_of(rules, exclude))
    assert disagreements(Random(7).sample(points, 60)) == []
