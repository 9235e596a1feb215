"""/deploy, from the words in the chat to the finished card, on both databases."""

from __future__ import annotations

import pytest

from bot.core.lifecycle import State
from bot.playground.control import Fault, FaultKind
from bot.playground.github.names import ActName, Where
from bot.playground.slack.seed import LINUS
from tests.scenario.house import House


async def test_a_deploy_runs_from_chat_to_the_finished_card(database_url: str) -> None:
    async with House(database_url, stages=True) as house:
        await house.says("ada", "#deploys", "/deploy api staging because it is Monday")
        assert "#1" in await house.answered("ada", "Asked for api to staging")
        ended = await house.reaches(State.SUCCEEDED)
        await house.card_says("deployed")
        assert len(house.play.github.dispatches()) == 1
        assert ended.run is not None
        assert [stage.name for stage in ended.run.stages] == ["build", "deploy", "smoke test"]
        await house.quiet()
        assert house.tags_of_ours("acme/api") == []


async def test_a_failed_job_is_named_in_a_new_reply_that_mentions_the_requester(database_url: str) -> None:
    async with House(database_url, stages=True) as house:
        await house.act(ActName.FAIL_NEXT, job="smoke test")
        await house.says("linus", "#deploys", "/deploy api staging")
        await house.reaches(State.FAILED)
        await house.card_says("smoke test failed at")
        reply = await house.replied("#api-deploys", "failed")
        assert "U0LINUS001" in str(reply.blocks)
        assert "smoke test failed at" in reply.text


async def test_cancel_stops_the_run(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.RUNNING)
        await house.press("ada", "#api-deploys", "cancel")
        await house.reaches(State.CANCELLED)
        await house.card_says("cancelled. Cancelled by Ada.")


async def test_a_run_cancelled_at_github_ends_the_deployment(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api staging")
        running = await house.sees(lambda found: bool(found.run and found.run.stages))
        assert running.run is not None
        await house.act(ActName.CANCEL_RUN, run=int(running.run.ref.external_id))
        await house.reaches(State.CANCELLED)
        await house.card_says("cancelled at the provider")


@pytest.mark.parametrize(("service", "channel"), [("api", "#api-deploys"), ("web", "#web-deploys")])
@pytest.mark.parametrize("kind", [FaultKind.LOSE_ANSWER, FaultKind.DROP, FaultKind.ERROR_502])
async def test_a_lost_answer_never_dispatches_twice(
    database_url: str, kind: FaultKind, service: str, channel: str
) -> None:
    """What GitHub took is adopted where our tag proves it ours; else a person is asked."""
    async with House(database_url, factor=60) as house:
        house.play.github.control.faults.append(Fault(Where.DISPATCH, kind, 1))
        await house.says("ada", "#deploys", f"/deploy {service} staging")
        if kind is FaultKind.LOSE_ANSWER and service == "api":
            await house.reaches(State.SUCCEEDED)
        else:
            await house.reaches(State.UNKNOWN)
            await house.card_says("needs an answer", channel)
            await house.press("ada", channel, "it_did_not_run")
            await house.reaches(State.FAILED)
            await house.card_says("Ada says that it was not deployed", channel)
        happened = [call for call in house.play.github.dispatches() if call.happened]
        assert len(happened) == (1 if kind is FaultKind.LOSE_ANSWER else 0)


async def test_a_run_that_shows_up_late_answers_the_question(database_url: str) -> None:
    async with House(database_url, factor=60) as house:
        house.play.github.control.faults.append(Fault(Where.DISPATCH, FaultKind.LOSE_ANSWER, 1))
        await house.act(ActName.LATE_LISTING, seconds=1800)
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.UNKNOWN)
        house.clock.leap(1800)
        await house.reaches(State.RUNNING)
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.SUCCEEDED)


async def test_a_run_that_nobody_can_find_is_cancelled_when_it_shows_up(database_url: str) -> None:
    async with House(database_url, factor=60) as house:
        house.play.github.control.faults.append(Fault(Where.DISPATCH, FaultKind.LOSE_ANSWER, 1))
        await house.act(ActName.LATE_LISTING, seconds=1800)
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.UNKNOWN)
        await house.press("ada", "#api-deploys", "cancel")
        house.clock.leap(1800)
        await house.reaches(State.CANCELLED)
        await house.card_says("cancelled. Cancelled by Ada.")


async def test_github_down_at_asking_and_back_later(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.OUTAGE, seconds=60)
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.answered("ada", "does not answer yet")
        await house.card_says("does not answer")
        await house.reaches(State.SUCCEEDED)
        assert len(house.play.github.dispatches()) == 1


async def test_the_second_waits_for_the_first(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.RUNNING)
        await house.says("linus", "#deploys", "/deploy api staging v1.5.0")
        await house.card_says("Waiting for #1", number=2)
        assert len(house.play.github.dispatches()) == 1
        await house.act(ActName.FINISH_NOW)
        await house.reaches(State.SUCCEEDED, 1)
        await house.reaches(State.SUCCEEDED, 2)


async def test_the_queue_keeps_the_order_in_which_they_were_asked(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.RUNNING)
        for number, person in ((2, "linus"), (3, "grace")):
            await house.says(person, "#deploys", "/deploy api staging v1.5.0")
            await house.answered(person, "It waits for #1")
            await house.card_says("Waiting for #1", number=number)
        await house.act(ActName.FINISH_NOW)
        second, third = await house.reaches(State.SUCCEEDED, 2), await house.reaches(State.SUCCEEDED, 3)
        assert second.ended_at is not None
        assert third.attempted_at is not None
        assert second.ended_at <= third.attempted_at


async def test_who_left_while_it_waited_deploys_nothing(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.HOLD_NEXT, job="deploy")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.RUNNING)
        await house.says("linus", "#deploys", "/deploy api staging v1.5.0")
        await house.card_says("Waiting for #1", number=2)
        house.play.slack.world.people[LINUS].deleted = True
        await house.act(ActName.FINISH_NOW)
        refused = await house.reaches(State.REFUSED, 2)
        assert "may not deploy to staging any more" in refused.note
        assert len(house.play.github.dispatches()) == 1


async def test_a_commit_beside_main_never_gets_into_production(database_url: str) -> None:
    async with House(database_url) as house:
        told = await house.play.github.acts.perform(
            ActName.ADD_COMMIT, repository="acme/api", branch="feature/refund-webhooks"
        )
        assert told["ok"], told
        await house.says("ada", "#deploys", f"/deploy api production {told['sha']}")
        await house.answered("ada", "It is not on main")
        assert await house.deployment() is None


async def test_a_disabled_workflow_fails_with_its_own_message(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.DISABLE_WORKFLOW, repository="acme/api", workflow="deploy.yml")
        await house.says("ada", "#deploys", "/deploy api staging")
        failed = await house.reaches(State.FAILED)
        assert "disabled" in failed.note
        assert failed.next_step
        await house.quiet()
        assert house.tags_of_ours("acme/api") == []


async def test_webhooks_that_come_twice_and_in_disorder_change_nothing(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.WEBHOOKS, mode="duplicate")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
        await house.quiet()
        assert len(house.cards("#api-deploys")) == 1
        assert len(house.play.github.dispatches()) == 1


async def test_without_any_webhook_polling_brings_it_to_the_end(database_url: str) -> None:
    async with House(database_url) as house:
        await house.act(ActName.WEBHOOKS, mode="drop")
        await house.says("ada", "#deploys", "/deploy api staging")
        await house.reaches(State.SUCCEEDED)
