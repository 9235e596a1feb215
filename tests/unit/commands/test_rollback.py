"""What /rollback asks for, and what it shows and proves where a run has to wait before it can be let in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.catalog import Environment
from bot.core.command import Context
from bot.core.errors import UserError
from bot.core.intents import AskDeployment
from bot.core.lifecycle import State
from bot.core.pipelines import Start
from bot.core.records import Deployment
from bot.core.rules import RollbackPlan
from bot.core.targets import Arrival
from bot.core.values import DeploymentId, Kind
from bot.core.verdicts import GateState, Verdict
from bot.slack.dispatch import LONGEST_VALUE
from bot.slack.grammar import Vocabulary, parse
from commands import rollback
from commands._back_preview import LONGEST_REASON
from tests.fakes.forge import seeded
from tests.fakes.git import HEADS, TAGS
from tests.fakes.queues import StillClock
from tests.fakes.records import Gone
from tests.fakes.samples import NOON, PIPELINE, catalog, commit, in_state, policy, resolution, service
from tests.unit.commands.test_commands import context, plain

OPEN = Verdict("freeze", GateState.OPEN, "It is not frozen now.")


def gone_wrong(start: Start, plan: RollbackPlan | None = None) -> Context:
    """v1.0.0 was there first, and main is now."""
    forge = seeded(StillClock())
    pipeline = replace(PIPELINE, start=start, inputs=(), accepts=())
    rules = policy(pipeline=pipeline, rollback=plan or RollbackPlan())
    releases = forge.git.refs[TAGS + "v1.0.0"], forge.git.refs[HEADS + "main"]
    rows = [
        in_state(
            State.SUCCEEDED,
            id=DeploymentId(f"there-{number}"),
            number=number,
            resolution=resolution(release=commit(release), workflow_sha=release),
        )
        for number, release in enumerate(releases, 1)
    ]
    ctx = context(
        *rows, known=catalog(service("api", Environment("staging", rules))), hosts={"github": forge.code}
    )
    there = [
        Arrival(each.id, each.number, Kind.DEPLOY, each.state, each.resolution.release.sha, NOON)
        for each in rows
        if each.resolution is not None
    ]

    async def rehearse(_: Deployment) -> tuple[Verdict, ...]:
        return (OPEN,)

    return replace(ctx, releases=Gone(there), doors={"github": forge.doors}, rehearse=rehearse)


@pytest.mark.parametrize("drill", [True, False])
async def test_where_no_run_waits_nothing_would_start_and_nothing_is_proven(drill: bool) -> None:
    with pytest.raises(UserError, match="waits at the gate of staging"):
        await rollback.run(gone_wrong(Start.GATE), rollback.Arguments("api", "staging", drill=drill))


async def test_a_workflow_of_its_own_needs_no_run_that_waits() -> None:
    plan = RollbackPlan(pipeline=replace(PIPELINE, accepts=()))
    reply = await rollback.run(gone_wrong(Start.GATE, plan), rollback.Arguments("api", "staging", drill=True))
    assert "It would start at once." in plain(reply)


async def test_what_the_pipeline_takes_has_its_defaults() -> None:
    """They stand in the catalog, and the workflow may have others, or none."""
    ctx = gone_wrong(Start.DISPATCH, RollbackPlan(pipeline=PIPELINE))
    reply = await rollback.run(ctx, rollback.Arguments("api", "staging", away_from="#2"))
    (intent,) = reply.intents
    assert isinstance(intent, AskDeployment)
    assert intent.wish.inputs == (("log_level", "info"), ("skip_smoke", "false"))


@pytest.mark.parametrize(
    ("reason", "means"),
    [
        ("we saw it in a drill", "we saw it in a drill."),
        ("it is an\nEMERGENCY", "it is an EMERGENCY."),
        ("an emergency!", "an emergency!"),
        ('they say "emergency" because of it', 'they say "emergency" because of it'),
        ("", ""),
    ],
)
async def test_what_is_confirmed_means_what_was_looked_at_whatever_the_reason(
    reason: str, means: str
) -> None:
    """A form and the command line take any words; the button has to be read as a command again."""
    ctx = gone_wrong(Start.DISPATCH, RollbackPlan(pipeline=PIPELINE))
    reply = await rollback.run(ctx, rollback.Arguments("api", "staging", reason=reason))
    words = reply.in_full.removeprefix("rollback ")
    read = parse(rollback.COMMAND, words, Vocabulary({"api": ("staging",)}))
    assert read == rollback.Arguments("api", "staging", version="#1", away_from="#2", reason=means)


async def test_a_reason_that_no_button_carries_is_refused_with_what_to_do() -> None:
    """Else the preview would stand there without a button, and nobody could go on from it."""
    ctx = gone_wrong(Start.DISPATCH, RollbackPlan(pipeline=PIPELINE))
    longest = await rollback.run(ctx, rollback.Arguments("api", "staging", reason="x" * LONGEST_REASON))
    assert len(longest.in_full) <= LONGEST_VALUE
    with pytest.raises(UserError, match="shorter"):
        await rollback.run(ctx, rollback.Arguments("api", "staging", reason="x" * (LONGEST_REASON + 1)))
