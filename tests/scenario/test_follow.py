"""Runs that nobody asked us for are on record, whatever became of their webhooks."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.following import RunChange, RunRecord
from bot.core.lifecycle import State
from bot.core.runs import RunRef, RunStatus
from bot.playground.github.model import Run
from bot.playground.github.names import ActName, Trigger, WebhookMode, Where
from bot.playground.slack.seed import TEAM
from tests.scenario.house import LOOK, PATIENCE, House

API = "acme/api"


async def starts(house: House, **body: object) -> Run:
    """Somebody starts one at GitHub's own page, or a push does."""
    done = await house.play.github.acts.perform(ActName.START_RUN, repository="api", **body)
    assert done["ok"], done
    return house.play.github.run(done["run"])


async def followed(
    house: House, run: Run, wanted: Callable[[RunRecord], bool], attempts: int = 1
) -> RunRecord:
    """Wait until the last attempt of it is on record so."""
    found: tuple[RunRecord, ...] = ()
    for _ in range(int(PATIENCE / LOOK)):
        found = await house.app.store.runs.attempts(TEAM, RunRef("github", API, str(run.id)))
        if len(found) >= attempts and wanted(found[-1]):
            return found[-1]
        await house._patience.sleep(LOOK)
    raise AssertionError(f"it is on record as {found}")


def ended(record: RunRecord) -> bool:
    return record.is_settled


async def test_a_run_of_somebody_else_is_followed_to_its_end(database_url: str) -> None:
    async with House(database_url, stages=True, speed=2.0) as house:
        run = await starts(house, workflow="ci.yml", event=Trigger.PUSH, login="grace")
        record = await followed(house, run, ended)
        assert record.about is not None
        about = record.about
        assert (about.workflow, about.path) == (run.workflow_name, ".github/workflows/ci.yml")
        assert (about.branch, about.event, about.actor) == ("main", "push", "grace")
        assert (about.number, record.run.head_sha) == (run.number, run.head_sha)
        assert about.commit
        assert [(each.name, each.size) for each in about.artifacts or ()] == [
            (each.name, len(each.content)) for each in run.artifacts
        ]
        assert [each.name for each in record.run.stages] == [each.name for each in run.latest.listed]
        assert record.run.status is RunStatus.SUCCESS
        assert [each.change for each in record.told][-1] is RunChange.SUCCEEDED
        assert await house.deployment() is None  # it is nobody's deployment
        await house.quiet()


async def test_a_new_attempt_is_one_more_record_and_a_success_after_a_failure_has_recovered(
    database_url: str,
) -> None:
    async with House(database_url, speed=2.0) as house:
        await house.act(ActName.FAIL_NEXT, job="deploy")
        run = await starts(house)
        failed = await followed(house, run, ended)
        assert failed.run.status is RunStatus.FAILURE
        assert [each.change for each in failed.told][-1] is RunChange.FAILED
        await house.act(ActName.RERUN, run=run.id)
        again = await followed(house, run, ended, attempts=2)
        assert (again.run.attempt, again.run.status) == (2, RunStatus.SUCCESS)
        assert [each.change for each in again.told][-2:] == [RunChange.SUCCEEDED, RunChange.RECOVERED]


async def test_without_any_webhook_the_listing_finds_it_within_a_minute(database_url: str) -> None:
    async with House(database_url, speed=20.0) as house:
        await house.act(ActName.WEBHOOKS, mode=WebhookMode.DROP)
        run = await starts(house, workflow="ci.yml", event=Trigger.PUSH)
        began = house.clock.now()
        await followed(house, run, ended)
        assert (house.clock.now() - began).total_seconds() < 60


async def test_what_ended_while_we_were_away_is_found_at_the_start(database_url: str) -> None:
    async with House(database_url, speed=20.0) as house:
        first = await starts(house)
        await followed(house, first, ended)
        await house.app.stop()
        house._app = None
        second = await starts(house)
        await house.play.github.hooks.settled()
        house.clock.leap(3_600)
        await house.start_bot()
        record = await followed(house, second, ended)
        assert [each.change for each in record.told] == [RunChange.SUCCEEDED]


async def test_a_run_of_ours_is_one_record_that_its_deployment_writes(database_url: str) -> None:
    async with House(database_url, stages=True, speed=2.0) as house:
        await house.says("ada", "#api-deploys", "/deploy api staging")
        deployment = await house.reaches(State.SUCCEEDED)
        assert deployment.run is not None
        run = house.play.github.run(int(deployment.run.ref.external_id))
        record = await followed(house, run, ended)
        assert record.deployment == deployment.id
        assert record.run.head_sha == run.head_sha
        assert record.told == ()  # its deployment tells of it
        await house.quiet()
        kept = await house.deployment()
        assert kept is not None
        assert kept.run == record.run


async def test_a_repository_that_the_catalog_does_not_name_is_nobodys_business(database_url: str) -> None:
    async with House(database_url, speed=20.0) as house:
        github = house.play.github
        ours = {each.repository.full_name for each in house.app.catalog.services}
        others = [each for each in github.world.repositories.values() if each.full_name not in ours]
        names = [each.name for each in others if each.workflow("ci.yml")]
        assert names
        done = await github.acts.perform(
            ActName.START_RUN, repository=names[0], workflow="ci.yml", event=Trigger.PUSH
        )
        assert done["ok"], done
        await house.play.github.hooks.settled()
        await house.quiet()
        called = [
            each for each in house.play.github.control.calls(Where.RUN) if str(done["run"]) in each.path
        ]
        assert called == []


async def test_deliveries_that_failed_while_we_were_away_are_asked_for_again(database_url: str) -> None:
    async with House(database_url, speed=20.0) as house:
        github = house.play.github
        github.site.access.scopes = "repo, workflow, admin:org_hook"
        await followed(house, await starts(house), ended)
        await house.app.stop()
        house._app = None
        before = len(github.hooks.deliveries)
        await starts(house)
        await house._patience.sleep(0.5)
        await github.hooks.settled()
        lost = {each.guid for each in github.hooks.deliveries[before:] if each.event == "workflow_run"}
        house.clock.leap(3_600)
        await house.start_bot()
        again: list[str] = []
        for _ in range(int(PATIENCE / LOOK)):
            heard = [each for each in github.hooks.deliveries if each.redelivery and each.status_code == 200]
            again = [each.guid for each in heard]
            if lost <= set(again):
                break
            await house._patience.sleep(LOOK)
        assert lost
        assert lost <= set(again)
        assert len(again) == len(set(again)), "once each"
