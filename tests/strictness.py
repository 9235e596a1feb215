"""Where CI runs, a skipped test is a failed one: the machine lacks something that it must have."""

from __future__ import annotations

import os

import pytest


def forbid_skipping(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure when `CI=true`; expected failures are no skips."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped in CI. {reason}"
