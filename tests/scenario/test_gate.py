"""The official gate, from GitHub's question to its run going on or not, on both databases."""

from __future__ import annotations

from pathlib import Path

from bot.core.archive import Extent, TrailWish
from bot.core.gate_runs import AnswerState, GateWord
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.values import Action, ActorKind, Origin
from bot.playground.github.model import Approval, Run
from bot.playground.github.names import ActName, Conclusion, Status
from bot.playground.slack.seed import TEAM
from tests.scenario.house import House

CATALOG = Path(__file__).parent / "gate.yml"
CHANNEL = "#api-deploys"
GATE = "production"


def house_at(database_url: str) -> House:
    """No faster than this: GitHub's token of an App is asked for by the machine's own clock."""
    return House(database_url, catalog=CATALOG, app=True, factor=5.0)


async def guard(house: House, environment: str = GATE, **more: object) -> None:
    await house.act(ActName.PROTECT, repository="api", environment=environment, custom_rule=True, **more)


async def pushed(house: House, workflow: str = "deploy.yml", environment: str = GATE) -> None:
    """Somebody starts a run at GitHub's own page."""
    await house.act(
        ActName.START_RUN,
        repository="api",
        workflow=workflow,
        login="linus",
        inputs={"environment": environment},
    )


async def waits(house: House) -> Deployment:
    """The card of the run that waits."""
    await pushed(house)
    await house.card_says("Waiting for 1 approval")
    found = await house.deployment()
    assert found is not None
    return found


def run_of(house: House) -> Run:
    """The only run that was started here."""
    repo = house.play.github.world.repository("acme/api")
    assert repo is not None
    return max(repo.runs.values(), key=lambda run: run.id)


async def ended(house: House) -> Conclusion | None:
    run = run_of(house)
    while run.latest.conclusion is None:
        await house.play.github.changed(0.2)
    return run.latest.conclusion


def ours(house: House) -> list[Approval]:
    """What our App said there."""
    return [each for each in run_of(house).approvals if each.user.login == "slipway[bot]"]


async def test_our_own_run_is_let_through_with_the_names_of_those_who_approved(database_url: str) -> None:
    async with house_at(database_url) as house:
        await guard(house, "staging")
        await house.says("linus", "#deploys", "/deploy api staging because it is Monday")
        await house.press("ada", CHANNEL, "approve")
        done = await house.reaches(State.SUCCEEDED)
        assert done.action is Action.DISPATCH
        assert [(each.state, each.comment) for each in ours(house)] == [
            ("approved", "Slipway #1: approved by Ada.")
        ]
        assert len(house.play.github.dispatches()) == 1
        await house.quiet()
        assert await house.deployment(2) is None, "it has no second card"


async def test_a_run_that_nobody_asked_for_here_waits_for_the_same_people(database_url: str) -> None:
    async with house_at(database_url) as house:
        await guard(house)
        waiting = await waits(house)
        assert (waiting.origin, waiting.action) == (Origin.PROVIDER, Action.ANSWER_GATE)
        assert (waiting.requested_by.kind, waiting.requested_by.name) == (ActorKind.ACCOUNT, "linus")
        assert waiting.gate_run is not None
        assert waiting.gate_run.workflow == ".github/workflows/deploy.yml"
        card = next(each for each in house.cards(CHANNEL) if each.text.startswith("#1 "))
        for shown in (".github/workflows/deploy.yml", "workflow_dispatch by linus · attempt 1"):
            assert shown in str(card.blocks)
        assert ours(house) == []
        await house.says("grace", CHANNEL, "/approve #1 production")
        done = await house.reaches(State.SUCCEEDED)
        assert done.gate_answer is not None
        assert (done.gate_answer.word, done.gate_answer.state) == (GateWord.APPROVED, AnswerState.GIVEN)
        assert [(each.state, each.comment) for each in ours(house)] == [
            ("approved", "Slipway #1: approved by Grace.")
        ]
        assert house.play.github.dispatches() == []
        assert await ended(house) is Conclusion.SUCCESS
        await house.quiet()


async def test_a_rejection_turns_the_run_away_with_its_reason(database_url: str) -> None:
    async with house_at(database_url) as house:
        await guard(house)
        await waits(house)
        await house.says("grace", CHANNEL, "/reject #1 because the migration is not reviewed")
        await house.reaches(State.REJECTED)
        assert await ended(house) is Conclusion.FAILURE
        ((state, comment),) = [(each.state, each.comment) for each in ours(house)]
        assert state == "rejected"
        assert "Rejected by Grace: the migration is not reviewed" in comment
        await house.quiet()


async def test_what_an_administrator_starts_at_github_is_no_approval_of_ours(database_url: str) -> None:
    async with house_at(database_url) as house:
        await guard(house, admins_may_bypass=True)
        await waits(house)
        await house.act(ActName.REVIEW, bypass=True, login="ada", comment="no time")
        passed = await house.reaches(State.BYPASSED)
        assert "let through by ada (no time)" in passed.note
        assert passed.votes == ()
        await house.replied(CHANNEL, "its run went on without the approvals")
        assert await ended(house) is Conclusion.SUCCESS
        assert ours(house) == []
        await house.sees(lambda found: found.landed_at is not None, what="to be live")
        await house.says("ada", CHANNEL, "/state api production")
        await house.answered("ada", "past Slipway: nobody approved it")
        await house.quiet()
        assert await house.deployment(2) is None, "it is on record once"


async def test_what_nobody_asked_for_is_announced_and_runs_there_unapproved(database_url: str) -> None:
    async with House(database_url, catalog=CATALOG) as house:
        await pushed(house, environment="staging")
        there = await house.sees(lambda found: found.landed_at is not None, what="to be live")
        assert (there.state, there.origin, there.votes) == (State.BYPASSED, Origin.PROVIDER, ())
        assert "which linus started: nobody asked for it here" in there.note
        await house.replied(CHANNEL, "it was deployed without a request!")
        await house.says("ada", "#deploys", "/state api staging")
        told = await house.answered("ada", "past Slipway: nobody approved it")
        assert run_of(house).head_sha[:7] in told
        await house.says("ada", CHANNEL, "/history api")
        await house.answered("ada", "to staging: bypassed")
        await house.says("ada", "#deploys", "/promote api from staging to production")
        await house.answered("ada", "What runs in staging was not verified.")
        await house.says("linus", "#deploys", "/deploy api staging v1.4.0")
        await house.card_says("Waiting for 1 approval", number=2)
        asked = await house.deployment(2)
        assert asked is not None
        assert asked.resolution is not None
        assert asked.resolution.base is not None
        assert (asked.resolution.base.number, asked.resolution.base.approved) == (1, False)
        scope = Extent(frozenset({("api", "staging")}), elsewhere=False)
        trail = await house.app.store.archive.trail(TEAM, TrailWish(scope, event="ReachedUnapproved"))
        assert [each.number for each in trail.rows] == [1]


async def test_a_no_of_a_reviewer_at_github_ends_the_card(database_url: str) -> None:
    async with house_at(database_url) as house:
        await guard(house, reviewers=["ada"])
        await waits(house)
        await house.act(ActName.REVIEW, state="rejected", login="ada", comment="not today")
        rejected = await house.reaches(State.REJECTED)
        assert rejected.note == "Rejected at the code host by ada (not today)."
        await house.quiet()


async def test_deploy_lets_in_the_run_of_exactly_that_commit(database_url: str) -> None:
    """GitHub's question never arrives; what waits there is found by its commit."""
    async with house_at(database_url) as house:
        await guard(house)
        await house.act(ActName.WEBHOOKS, mode="drop")
        await house.says("ada", CHANNEL, "/deploy api production")
        told = await house.answered("ada", "waits at the gate of production")
        assert "deploy.yml is started by a person at the code host" in told
        assert await house.deployment() is None
        await pushed(house)
        while not any(job.status is Status.WAITING for job in run_of(house).latest.jobs):
            await house.play.github.changed(0.2)
        await house.says("ada", CHANNEL, "/deploy api production dry-run")
        await house.answered("ada", "would wait (approvals)")
        await house.says("ada", CHANNEL, "/deploy api production because it is Monday")
        await house.answered("ada", f"Run {run_of(house).id} waits there")
        await house.card_says("Waiting for 1 approval")
        await house.says("ada", CHANNEL, "/deploy api production")
        await house.answered("ada", "That run waits here already: #1")
        await house.says("grace", CHANNEL, "/approve #1 production")
        done = await house.reaches(State.SUCCEEDED)
        assert (done.origin, done.action, done.requested_by.name) == (Origin.CHAT, Action.ANSWER_GATE, "Ada")
        assert done.request is not None
        assert done.request.awaits.startswith(f"github:acme/api:{run_of(house).id}#1 production")
        assert [(each.state, each.comment) for each in ours(house)] == [
            ("approved", "Slipway #1: approved by Grace.")
        ]
        assert house.play.github.dispatches() == []
        await house.quiet()
