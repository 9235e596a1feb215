"""What the card says of going back by itself, while somebody can still think about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.catalog import Environment
from bot.core.falling_back import beforehand, rollback_of
from bot.core.lifecycle import State
from bot.core.pipelines import Start
from bot.core.rules import ApprovalRule, Approvals, HttpVerification, RollbackPlan
from bot.core.targets import Arrival
from bot.core.values import Kind
from tests.fakes.samples import NOON, PIPELINE, SHA_A, SRE, catalog, frozen, policy, service

HEALTH = HttpVerification("https://api.example.com/health")
AGREED = Approvals(rules=(ApprovalRule(1, (SRE,)),))
GATED = replace(PIPELINE, start=Start.GATE)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"rollback": RollbackPlan(automatic=True)}, True),
        ({"rollback": RollbackPlan()}, False),
        ({"rollback": RollbackPlan(automatic=True, approvals=AGREED)}, False),
        ({"approvals": AGREED, "rollback": RollbackPlan(automatic=True)}, True),
        ({"rollback": RollbackPlan(automatic=True), "pipeline": GATED}, False),
        ({"rollback": RollbackPlan(automatic=True, pipeline=PIPELINE), "pipeline": GATED}, True),
    ],
)
def test_it_promises_only_what_can_begin_without_anybody(rules: dict[str, Any], says: bool) -> None:
    place = Environment("staging", policy(verify=(HEALTH,), **rules))
    found = frozen(known=catalog(service("api", place)))
    assert bool(beforehand(found)) is says


@pytest.mark.parametrize("plan", [RollbackPlan(automatic=True), RollbackPlan(True, PIPELINE)])
def test_what_the_pipeline_takes_has_its_defaults(plan: RollbackPlan) -> None:
    own = PIPELINE if plan.pipeline is None else replace(PIPELINE, accepts=())
    place = Environment("staging", policy(verify=(HEALTH,), rollback=plan, pipeline=own))
    failed = frozen(known=catalog(service("api", place)))
    there = Arrival(failed.id, 1, Kind.DEPLOY, State.SUCCEEDED, SHA_A, NOON)
    back = rollback_of(failed, there, None, "It answered 503.", NOON)
    assert back.wish.inputs == (("log_level", "info"), ("skip_smoke", "false"))
