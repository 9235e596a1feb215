"""The bench runs, and judges as it says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.bench.figures import Target, compare, p50, table, throughput
from tests.bench.load import Measured


@pytest.mark.long
def test_the_bench_measures_everything_on_both_databases() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--smoke"],
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    lines = told.stdout.splitlines()
    for name in ("sqlite", "postgresql"):
        assert sum(line.startswith(f"{name}: ") for line in lines) == 12
    assert any(line.startswith("This machine's loopback round trip: ") for line in lines)


@pytest.mark.parametrize(("ratio", "met"), [(0.24, True), (0.25, True), (0.26, False)])
def test_a_target_may_be_a_ceiling(ratio: float, met: bool) -> None:
    assert Target(0.25, at_most=True).met(ratio) is met


@pytest.mark.parametrize(("ratio", "met"), [(0.59, False), (0.6, True), (2.0, True)])
def test_a_target_may_be_a_floor(ratio: float, met: bool) -> None:
    assert Target(0.6, at_most=False).met(ratio) is met


def test_the_ratio_is_the_median_of_what_each_round_gave() -> None:
    # The machine was busy in the second round, for both; and in the third for one of them.
    ours = [Measured(100, 2, 0, 0), Measured(10, 20, 0, 0), Measured(100, 2, 0, 0)]
    theirs = [Measured(200, 8, 0, 0), Measured(20, 80, 0, 0), Measured(10, 160, 0, 0)]
    slower = compare("acks", ours, theirs, throughput, Target(0.6, at_most=False))
    faster = compare("p50", ours, theirs, p50, Target(0.25, at_most=True))
    assert (slower.ratio, slower.met) == (0.5, False)
    assert (faster.ratio, faster.met) == (0.25, True)
    assert [line.endswith("MISSED") for line in table([slower, faster]).splitlines()] == [False, True, False]


def test_a_line_without_a_target_is_only_told() -> None:
    one = [Measured(1, 1, 0, 0)]
    line = compare("p50", one, one, p50)
    assert line.met
    assert table([line]).splitlines()[1].rstrip().endswith("1.00")
