"""Smoke workflows over a real database: started once, under a key of their own, whatever gets lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.core.errors import Ambiguous, NeedsHuman, Transient
from bot.core.intents import Settlement
from bot.core.lifecycle import State
from bot.core.pipelines import Pin
from bot.core.records import Deployment
from bot.core.rules import Verification, WorkflowVerification
from bot.core.runs import Receipt, RunStatus, TriggerSpec
from bot.core.smoke import smoke_key
from bot.core.verifications import Outcome, asks
from bot.store.store import Store
from tests.databases import Backend
from tests.fakes.forge import FakeCi
from tests.fakes.queues import StillClock
from tests.fakes.samples import in_state
from tests.unit.engine.verifying_desk import Desk

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)
INPUTS = (("environment", "{environment}"), ("operation", "{key}"))
SMOKE = WorkflowVerification("smoke.yml", INPUTS, timeout=timedelta(minutes=10))
Open = Callable[..., Desk]


class Killed(BaseException):
    """As the process would end."""


@dataclass(frozen=True)
class OddCi(FakeCi):
    """What happens to the dispatch of a smoke workflow."""

    fate: str

    async def trigger(self, spec: TriggerSpec) -> Receipt:
        if spec.workflow != "smoke.yml":
            return await super().trigger(spec)
        match self.fate:
            case "killed before":
                raise Killed
            case "killed after":
                await super().trigger(spec)
                raise Killed
            case "answer lost":
                await super().trigger(spec)
                raise Ambiguous("The answer was lost.", system="fake")
            case "never came":
                raise Ambiguous("The answer was lost.", system="fake")
            case "away":
                raise Transient("It is down.", system="GitHub")
            case _:
                raise NeedsHuman("There is no workflow smoke.yml.", "", "Check slipway.yml.")


@pytest.fixture
async def opened(database_url: str) -> AsyncIterator[Open]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:

        def open_desk(*rules: Verification, pin: Pin = Pin.TAG) -> Desk:
            return Desk(store, clock, rules or (SMOKE,), pin)

        yield open_desk


async def ran(desk: Desk, *statuses: RunStatus, word: Settlement | None = None) -> Deployment:
    """Another deployment gets there, and its smoke workflows end so; a person has the last word, if any."""
    await desk.arrives()
    for place, status in enumerate(statuses, start=-len(statuses)):
        ends(desk, status, place)
    await desk.goes_on()
    if word is not None:
        await desk.settles(word)
    return await desk.looks()


async def fares(desk: Desk, fate: str) -> Deployment:
    """It gets there, the smoke workflow meets its fate, and a healthy process goes on."""
    running = await desk.asks()
    assert running.run is not None
    desk.forge.set_status(running.run.ref, RunStatus.SUCCESS)
    healthy = desk.ci
    desk.speaks_through(OddCi(desk.forge, fate))
    if fate.startswith("killed"):
        with pytest.raises(Killed):
            await desk.looks(timedelta(seconds=3))
    else:
        await desk.looks(timedelta(seconds=3))
    desk.speaks_through(healthy)
    return await desk.looks()


def ends(desk: Desk, status: RunStatus, place: int = -1) -> None:
    """The newest run of the smoke workflow, or another one, ends so."""
    mine = [each.run.ref for each in desk.forge.runs.values() if each.spec.workflow == "smoke.yml"]
    desk.forge.set_status(mine[place], status)


async def test_it_is_started_once_on_the_tag_and_its_success_is_enough(opened: Open) -> None:
    desk = opened()
    verifying = await desk.arrives()
    assert verifying.state is State.VERIFYING
    (smoke,) = [each for each in desk.forge.runs.values() if each.spec.workflow == "smoke.yml"]
    assert smoke.spec.ref == f"refs/tags/slipway/{verifying.key}"
    assert dict(smoke.spec.inputs) == {"environment": "staging", "operation": smoke.spec.key}
    assert smoke.spec.key != verifying.key
    for _ in range(3):
        await desk.looks(timedelta(seconds=10))
    ends(desk, RunStatus.SUCCESS)
    assert (await desk.goes_on()).state is State.SUCCEEDED
    assert desk.smokes == 1
    assert await desk.trail("SmokeStarting", "SmokeFound") == ["SmokeStarting", "SmokeFound"]


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (RunStatus.FAILURE, State.FAILED, "smoke.yml: its run failed."),
        (RunStatus.UNSTABLE, State.FAILED, "smoke.yml: its run is unstable."),
        (RunStatus.CANCELLED, State.VERIFYING, "smoke.yml: its run was cancelled."),
        (RunStatus.SKIPPED, State.VERIFYING, "without running anything"),
    ],
)
async def test_how_its_run_ends(opened: Open, status: RunStatus, state: State, words: str) -> None:
    desk = opened()
    await ran(desk, RunStatus.SUCCESS)
    done = await ran(desk, status)
    assert done.state is state
    assert words in done.note
    assert await desk.trail("WrongBefore") == []


@pytest.mark.parametrize(
    ("status", "word", "why"),
    [
        (None, None, "nothing is on record of it here."),
        (RunStatus.FAILURE, Settlement.IT_DOES_NOT_WORK, "nobody could tell with #1 either."),
        (RunStatus.CANCELLED, Settlement.IT_WORKS, "nobody could tell with #1 either."),
    ],
)
async def test_where_it_did_not_pass_the_last_time_its_failure_asks_a_person(
    opened: Open, status: RunStatus | None, word: Settlement | None, why: str
) -> None:
    desk = opened()
    if status is not None:
        await ran(desk, status, word=word)
    asking = await ran(desk, RunStatus.FAILURE)
    assert asks(asking.state, asking.verifications)
    assert f"smoke.yml: its run failed. It can't be said whether that is new: {why}" in asking.note
    assert await desk.trail("WrongBefore") == ["WrongBefore"]


async def test_what_failed_there_before_is_no_fault_of_the_next(opened: Open) -> None:
    desk = opened()
    await ran(desk, RunStatus.SUCCESS)
    assert (await ran(desk, RunStatus.FAILURE)).state is State.FAILED
    asking = await ran(desk, RunStatus.FAILURE)
    assert "whether that is new: it failed with #2 as well." in asking.note
    await desk.settles(Settlement.IT_DOES_NOT_WORK)
    await desk.looks()
    assert (await ran(desk, RunStatus.SUCCESS)).state is State.SUCCEEDED
    assert (await ran(desk, RunStatus.FAILURE)).state is State.FAILED, "it passed the last time"


async def test_a_deployment_that_never_got_there_says_nothing_of_it(opened: Open) -> None:
    desk = opened()
    await ran(desk, RunStatus.SUCCESS)
    running = await desk.asks()
    assert running.run is not None
    desk.forge.set_status(running.run.ref, RunStatus.FAILURE)
    assert (await desk.looks(timedelta(seconds=3))).state is State.FAILED
    assert (await ran(desk, RunStatus.FAILURE)).state is State.FAILED


async def test_another_workflow_or_other_inputs_say_nothing_of_it(opened: Open) -> None:
    other = replace(SMOKE, inputs=(("environment", "{environment}"),))
    desk = opened(SMOKE, other)
    await ran(desk, RunStatus.SUCCESS, RunStatus.CANCELLED, word=Settlement.IT_WORKS)
    failed = await ran(desk, RunStatus.FAILURE, RunStatus.FAILURE)
    assert failed.state is State.FAILED
    assert [each.outcome for each in failed.verifications] == [Outcome.FAILED, Outcome.INCONCLUSIVE]


async def test_one_that_does_not_end_is_no_success(opened: Open) -> None:
    desk = opened()
    await desk.arrives()
    asking = await desk.goes_on()
    assert asking.state is State.VERIFYING
    assert "has not ended after 10m" in asking.note


@pytest.mark.parametrize("pin", [Pin.TAG, Pin.CHECK])
@pytest.mark.parametrize("fate", ["killed after", "answer lost"])
async def test_one_whose_answer_was_lost_is_found_and_not_repeated(opened: Open, fate: str, pin: Pin) -> None:
    desk = opened(pin=pin)
    await fares(desk, fate)
    found = await desk.looks(timedelta(seconds=10))
    assert found.verifications[0].run is not None
    ends(desk, RunStatus.SUCCESS)
    assert (await desk.goes_on()).state is State.SUCCEEDED
    assert desk.smokes == 1
    assert await desk.trail("SmokeStarting", "SmokeFound") == ["SmokeStarting", "SmokeFound"]


@pytest.mark.parametrize("fate", ["killed before", "never came"])
async def test_one_that_may_never_have_started_is_not_repeated_but_asked_about(
    opened: Open, fate: str
) -> None:
    desk = opened()
    await fares(desk, fate)
    asking = await desk.goes_on()
    assert "no run of ours shows up" in asking.note
    assert desk.smokes == 0
    await desk.settles(Settlement.MEASURE_AGAIN)
    await desk.looks()
    ends(desk, RunStatus.SUCCESS)
    assert (await desk.goes_on()).state is State.SUCCEEDED
    assert desk.smokes == 1


async def test_while_the_provider_is_away_it_waits_and_starts_it_then(opened: Open) -> None:
    desk = opened()
    away = await fares(desk, "away")
    assert away.verifications[0].said == "GitHub does not answer: It is down"
    assert away.verifications[0].sent_at is None
    await desk.looks(timedelta(seconds=10))
    ends(desk, RunStatus.SUCCESS)
    assert (await desk.goes_on()).state is State.SUCCEEDED
    assert desk.smokes == 1


async def test_a_provider_that_stays_away_is_no_verdict(opened: Open) -> None:
    desk = opened()
    await desk.arrives()
    desk.forge.down = True
    asking = await desk.goes_on()
    assert asking.state is State.VERIFYING
    assert "does not answer" in asking.note


async def test_one_that_can_not_be_started_asks(opened: Open) -> None:
    desk = opened()
    asking = await fares(desk, "refused")
    assert "smoke.yml: There is no workflow smoke.yml." in asking.note
    assert asking.verifications[0].outcome is Outcome.INCONCLUSIVE


async def test_measured_again_it_is_another_run_and_never_the_old_one(opened: Open) -> None:
    """On the same tag, the run of the turn before could be taken for the new one."""
    desk = opened()
    await desk.arrives()
    ends(desk, RunStatus.CANCELLED)
    await desk.goes_on()
    ends(desk, RunStatus.SUCCESS)  # somebody ran it again over there; that was not asked for here
    healthy = desk.ci
    desk.speaks_through(OddCi(desk.forge, "never came"))
    await desk.settles(Settlement.MEASURE_AGAIN)
    await desk.looks()
    desk.speaks_through(healthy)
    asking = await desk.goes_on()
    assert asking.state is State.VERIFYING
    assert "no run of ours shows up" in asking.note


async def test_two_of_the_same_workflow_are_two_runs(opened: Open) -> None:
    desk = opened(SMOKE, SMOKE)
    await ran(desk, RunStatus.SUCCESS, RunStatus.SUCCESS)
    assert desk.smokes == 2
    assert (await ran(desk, RunStatus.SUCCESS, RunStatus.FAILURE)).state is State.FAILED
    assert desk.smokes == 4


def test_each_has_a_key_of_its_own(database_url: str) -> None:
    assert database_url
    deployment = in_state(State.VERIFYING)
    keys = {smoke_key(deployment, place, turn) for place in range(3) for turn in range(3)}
    assert len(keys | {deployment.key}) == 10
    assert smoke_key(deployment, 1, 1) == smoke_key(deployment, 1, 1)
