"""What a dry run answers, whatever the gates say; and that it decides nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.catalog import Environment
from bot.core.command import Context, Reply
from bot.core.errors import Transient
from bot.core.records import Deployment
from bot.core.rules import ApprovalRule, Approvals, HttpVerification, WorkflowVerification
from bot.core.verdicts import GateState, Verdict
from commands import deploy
from tests.fakes.samples import SRE, catalog, policy, service
from tests.unit.commands.test_commands import Slow, context, plain

OPEN = Verdict("freeze", GateState.OPEN, "It is not frozen now.")
WAITING = Verdict("approvals", GateState.WAITING, "Waiting for 1 approval of sre.")
REFUSED = Verdict("promotion", GateState.REFUSED, "It never ran in staging.", "Nothing is on record.")


def judging(*verdicts: Verdict, **more: Any) -> Context:
    """A context in which the gates say so."""

    async def rehearse(_: Deployment) -> tuple[Verdict, ...]:
        return verdicts

    return replace(context(**more), rehearse=rehearse)


async def rehearsal(ctx: Context, **more: Any) -> Reply:
    reply = await deploy.run(ctx, deploy.Arguments("api", "staging", dry_run=True, **more))
    assert reply.intents == ()
    assert reply.in_full == ""
    return reply


@pytest.mark.parametrize(
    ("verdicts", "says"),
    [
        ((OPEN,), "Dry run: api to staging would start at once."),
        ((OPEN, WAITING), "Dry run: api to staging would wait (approvals)."),
        ((WAITING, OPEN, REFUSED), "Dry run: api to staging would be refused (promotion)."),
    ],
)
async def test_what_would_come_of_it_is_said_first(verdicts: tuple[Verdict, ...], says: str) -> None:
    told = plain(await rehearsal(judging(*verdicts)))
    assert told.splitlines()[0] == says
    assert all(each.what in told for each in verdicts)


async def test_the_closed_gates_come_before_the_open_ones() -> None:
    told = plain(await rehearsal(judging(OPEN, WAITING)))
    assert told.index(WAITING.what) < told.index(OPEN.what)


async def test_a_time_that_leaves_something_to_guess_is_told_in_full() -> None:
    told = plain(await rehearsal(judging(OPEN), at="tomorrow 09:00"))
    assert "would start then, as things stand" in told
    assert "09:00" in told


async def test_the_gates_see_what_would_be_asked_for() -> None:
    seen: list[Deployment] = []

    async def rehearse(deployment: Deployment) -> tuple[Verdict, ...]:
        seen.append(deployment)
        return ()

    ctx = replace(context(), rehearse=rehearse)
    await rehearsal(ctx, reason="I wonder")
    (deployment,) = seen
    assert (deployment.requested_by, deployment.wish.reason) == (ctx.actor, "I wonder")
    assert deployment.request is not None
    assert deployment.digest == deployment.request.digest()
    assert deployment.policy is not None


async def test_who_wrote_it_is_named_among_those_who_could_not_approve() -> None:
    guarded = policy(approvals=Approvals(rules=(ApprovalRule(1, (SRE,)),)))
    known = catalog(service("api", Environment("staging", guarded)))
    told = plain(await rehearsal(judging(WAITING, known=known)))
    assert "Could approve it: 1 of sre, but not you, who would have asked, and not" in told
    assert "who had a hand in it" in told


async def test_without_the_code_host_nothing_can_be_said() -> None:
    ctx = judging(OPEN, hosts={"github": Slow()}, deadline=0.01)
    with pytest.raises(Transient):
        await rehearsal(ctx)


async def test_it_names_what_it_would_be_verified_by() -> None:
    rules = (HttpVerification("https://api.example.com/health?token=x"), WorkflowVerification("smoke.yml"))
    place = Environment("staging", policy(verify=rules))
    told = plain(await rehearsal(judging(OPEN, known=catalog(service("api", place)))))
    assert "Verified afterwards: api.example.com/health, smoke.yml" in told
    assert "Verified afterwards" not in plain(await rehearsal(judging(OPEN)))
