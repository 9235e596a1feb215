"""What reached an environment: ours is left alone, everything else is recorded once, as it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.core.catalog import Environment, Tier
from bot.core.effects import Announce, Announcement, Posted
from bot.core.errors import NeedsHuman, Transient
from bot.core.gate_runs import GateWord
from bot.core.hints import Hint
from bot.core.intents import AskDeployment, Intent, Settle, Settlement
from bot.core.landing_ports import Landing
from bot.core.lifecycle import State
from bot.core.pipelines import Pin
from bot.core.runs import RunRef, RunStatus
from bot.core.steps import Step
from bot.core.values import ActorKind, Place, Sha
from bot.core.votes import VoteKind
from bot.engine import landing
from bot.engine.intents import Asker, apply
from bot.engine.reconciler import Reconciler
from bot.store.store import Store
from bot.strategies.dispatch import LISTING_LAG
from tests.databases import Backend
from tests.fakes.forge import FakeWorkflow
from tests.fakes.git import HEADS
from tests.fakes.queues import Bell, StillClock
from tests.fakes.samples import LINUS, PIPELINE, TEAM, actor, catalog, policy, service, wish
from tests.unit.engine.door import GATED, Door

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


@dataclass
class Book:
    """The port Landings: what is written here is on record there."""

    rows: dict[str, Landing] = field(default_factory=dict)
    refuses: bool = False
    is_down: bool = False

    async def read(self, repository: str, id: str) -> Landing | None:  # noqa: ARG002
        if self.is_down:
            raise Transient("it does not answer.")
        if self.refuses:
            raise NeedsHuman("We could not read deployment 1.", "deployments: read is missing.")
        return self.rows.get(id)


class Shore(Door):
    """The same house, where things arrive."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.book = Book()
        provider = replace(self.world.providers["github"], landings=self.book)
        self.world = replace(self.world, providers={"github": provider})
        self.reconciler = Reconciler(self.world, Bell())

    def arrives(self, run: RunRef | None, id: str = "1", environment: str = "staging") -> Hint:
        """A release of main is in the environment, and the provider tells of it."""
        sha = self.forge.git.refs[HEADS + "main"]
        self.book.rows[id] = Landing(
            id, "acme/api", environment, sha, self.clock.time, run, actor="argo", actor_id="9"
        )
        return Hint("acme/api", run.external_id if run else None, landing=id, environment=environment)

    async def hears(self, hint: Hint) -> None:
        await self.world.queue.want(TEAM, landing.key("github", hint))
        await self.settle()

    async def starts(self) -> None:
        """Somebody asks for main in the chat, and Slipway starts it."""
        self.forge.workflows["deploy.yml"] = FakeWorkflow(("environment", "version"), ("operation",))
        checked = policy(tier=Tier.PRODUCTION, pipeline=replace(PIPELINE, pin=Pin.CHECK))
        self.catalog = catalog(service("api", Environment("staging", checked), channel="#api-deploys"))
        await self.decides(AskDeployment(wish(inputs=()), None, "#api-deploys"))

    async def decides(self, intent: Intent) -> None:
        async with self.world.units.begin(TEAM, Step.HANDLE_DELIVERY) as uow:
            await apply(uow, intent, Asker(actor(LINUS), Place("C1")), self.catalog)
        await self.settle()

    async def numbers(self) -> list[int]:
        return [each.number for each in await self.store.queries.recent(TEAM, None, None, 9)]


@pytest.fixture
async def shore(database_url: str) -> AsyncIterator[Shore]:
    clock = StillClock()
    async with Store(database_url, clock, owner="one", database_time=False, card_pace=timedelta()) as store:
        yield Shore(store, clock)


async def test_what_nobody_asked_for_is_recorded_once_and_is_live(shore: Shore) -> None:
    ref = await shore.run("other.yml")
    shore.forge.set_status(ref, RunStatus.RUNNING)
    hint = shore.arrives(ref)
    for _ in range(2):
        await shore.hears(hint)
    await shore.hears(shore.arrives(ref, id="2"))
    assert await shore.numbers() == [1]
    there = await shore.now()
    assert (there.state, there.landed_at, there.votes) == (State.BYPASSED, there.created_at, ())
    assert there.gate_run is not None
    assert there.gate_run.workflow.endswith("other.yml")
    live = await shore.store.queries.live(TEAM, "api", "staging")
    assert live is not None
    assert live.deployment.number == 1
    assert await shore.store.releases.stays(TEAM, "api", "staging", shore.book.rows["1"].sha) == ()
    (record,) = await shore.trail("ReachedUnapproved")
    assert (record.number, record.facts["started_by"]) == (1, "linus")


async def test_what_we_let_in_is_ours_and_its_next_attempt_is_not(shore: Shore) -> None:
    ref = await shore.run()
    await shore.knock(ref)
    await shore.votes(VoteKind.APPROVE)
    await shore.hears(shore.arrives(ref))  # while it is under way
    shore.forge.set_status(ref, RunStatus.SUCCESS)
    await shore.settle(timedelta(minutes=1))
    assert (await shore.now()).state is State.SUCCEEDED
    hint = shore.arrives(ref)
    await shore.hears(hint)
    assert await shore.numbers() == [1]
    shore.forge.rerun(ref)
    mine = shore.forge.runs[ref.external_id]
    for pause in (timedelta(), timedelta(minutes=5)):  # the provider tells times in seconds
        shore.clock.time += pause
        mine.run = replace(mine.run, started_at=shore.clock.time)
        await shore.hears(hint)
        assert await shore.numbers() == [1], "it landed before the second attempt began"
    shore.clock.time += timedelta(minutes=5)
    await shore.hears(shore.arrives(ref, id="2"))
    assert await shore.numbers() == [2, 1]
    assert (await shore.now(2)).state is State.BYPASSED


async def test_a_run_of_ours_that_goes_elsewhere_as_well_was_not_asked_for_there(shore: Shore) -> None:
    production = Environment("production", policy(approvals=GATED.approvals))
    shore.catalog = catalog(service("api", Environment("staging", GATED), production, channel="#api-deploys"))
    ref = await shore.run()
    await shore.knock(ref)
    await shore.votes(VoteKind.APPROVE)
    await shore.hears(shore.arrives(ref, environment="production"))
    assert (await shore.now(2)).wish.environment == "production"
    assert (await shore.now(2)).state is State.BYPASSED


async def test_what_was_rejected_here_and_got_there_all_the_same_has_a_card_that_says_so(
    shore: Shore,
) -> None:
    ref = await shore.run()
    await shore.knock(ref)
    await shore.votes(VoteKind.REJECT, reason="no")
    shore.forge.set_status(ref, RunStatus.SUCCESS)
    await shore.hears(shore.arrives(ref))
    assert [(await shore.now(number)).state for number in (1, 2)] == [State.REJECTED, State.BYPASSED]


@pytest.mark.parametrize("told", [True, False], ids=["by a delivery", "by looking"])
@pytest.mark.parametrize("status", [RunStatus.SUCCESS, RunStatus.FAILURE])
async def test_a_card_that_was_passed_learns_what_became_of_its_run(
    shore: Shore, told: bool, status: RunStatus
) -> None:
    ref = await shore.run()
    await shore.knock(ref)
    shore.forge.barred.clear()
    shore.forge.set_status(ref, RunStatus.RUNNING)
    await shore.settle(timedelta(minutes=2))
    passed = await shore.now()
    assert (passed.state, passed.landed_at) == (State.BYPASSED, None)
    assert await shore.store.queries.live(TEAM, "api", "staging") is None
    shore.forge.set_status(ref, status)
    if told:
        await shore.hears(shore.arrives(ref))
    await shore.settle(timedelta(minutes=2))
    lands = told or status is RunStatus.SUCCESS  # a later job may fail after the release is there
    assert ((await shore.now()).landed_at is not None) is lands
    assert len(await shore.trail("ReachedUnapproved")) == lands
    assert await shore.numbers() == [1]


async def test_what_got_there_while_its_run_waits_for_us_is_not_covered_by_the_votes_to_come(
    shore: Shore,
) -> None:
    """Of two jobs at the gate somebody may let in the first; or a record names a run that waits."""
    ref = await shore.run()
    await shore.knock(ref)
    await shore.hears(shore.arrives(ref))
    assert [(await shore.now(number)).state for number in (1, 2)] == [State.WAITING, State.BYPASSED]
    assert "#1 is about the same run and still waits" in (await shore.now(2)).note
    await shore.votes(VoteKind.APPROVE)
    for id in ("1", "2"):
        await shore.hears(shore.arrives(ref, id=id))
    assert await shore.numbers() == [2, 1]
    assert (await shore.now()).state is State.RUNNING
    assert [word for _, _, word, _ in shore.forge.told] == [GateWord.APPROVED]


async def test_what_no_run_brought_is_its_makers_and_is_read_until_it_is_known(shore: Shore) -> None:
    shore.book.is_down = True
    hint = shore.arrives(None)
    await shore.hears(hint)
    assert await shore.numbers() == []
    shore.book.is_down = False
    await shore.settle(landing.PACE)
    assert await shore.numbers() == [1]
    await shore.hears(hint)
    there = await shore.now()
    assert await shore.numbers() == [1]
    assert (there.run, there.requested_by.kind, there.requested_by.name) == (None, ActorKind.ACCOUNT, "argo")
    assert "by a deployment of argo's" in there.note


async def test_a_commit_that_cannot_be_read_is_still_what_runs_there(shore: Shore) -> None:
    hint = shore.arrives(None)
    shore.book.rows["1"] = replace(shore.book.rows["1"], sha=Sha("f" * 40))
    await shore.hears(hint)
    resolution = (await shore.now()).resolution
    assert resolution is not None
    assert (resolution.release.sha, resolution.release.title) == ("f" * 40, "It can't be read")


async def test_capitals_hide_no_environment(shore: Shore) -> None:
    ref = await shore.run()
    await shore.hears(shore.arrives(ref, environment="STAGING"))
    assert await shore.numbers() == [1]
    await shore.hears(shore.arrives(ref, id="2"))
    assert await shore.numbers() == [1]
    assert (await shore.now()).state is State.BYPASSED


async def test_it_is_announced_to_the_place(shore: Shore) -> None:
    await shore.hears(shore.arrives(None))
    there = await shore.now()
    assert there.channel == "#api-deploys"
    said: set[Announcement] = set()
    while parcels := await shore.store.outbox.claim(9):
        for parcel in parcels:
            said |= {parcel.effect.what} if isinstance(parcel.effect, Announce) else set()
            await shore.store.outbox.delivered(parcel, Posted("C1", "1.1"))
    assert said == {Announcement.BYPASSED}


async def test_whose_it_is_is_never_guessed(shore: Shore) -> None:
    staging = Environment("staging", GATED)
    shore.catalog = catalog(service("api", staging), service("web", staging))
    await shore.hears(shore.arrives(None))
    shore.book.refuses = True
    await shore.hears(shore.arrives(None, id="2"))
    assert await shore.numbers() == []
    unread, shared = await shore.trail("LandingUnplaced")
    assert shared.facts["why"] == "it may be api in staging and web in staging"
    assert "deployments: read" in str(unread.facts["why"])


async def test_what_anybody_may_deploy_to_is_not_looked_at(shore: Shore) -> None:
    shore.book.refuses = True
    await shore.hears(shore.arrives(None, environment="preview"))
    shore.catalog = catalog(service("api", Environment("staging", policy())))
    await shore.hears(shore.arrives(None))
    await shore.hears(replace(shore.arrives(None), repository="acme/other"))
    assert await shore.numbers() == []
    assert await shore.trail("LandingUnplaced") == []


async def test_the_key_of_what_has_ended_hides_nothing(shore: Shore) -> None:
    """Whoever may push can put it into the title of a run of their own."""
    shore.forge.hide_new_runs, shore.forge.lose_answers = True, 1
    await shore.starts()
    for _ in range(3):
        await shore.settle(LISTING_LAG)
    assert (await shore.now()).state is State.UNKNOWN
    (mine,) = shore.forge.runs.values()
    mine.hidden = False
    hint = shore.arrives(mine.run.ref)
    await shore.decides(Settle(1, Settlement.IT_DID_NOT_RUN))
    assert (await shore.now()).state is State.FAILED
    await shore.hears(hint)
    assert await shore.numbers() == [2, 1]
    there = await shore.now(2)
    assert there.state is State.BYPASSED
    assert "it carries the key of #1, which had ended by then: failed" in there.note


async def test_a_run_of_ours_at_another_commit_is_not_what_was_let_in(shore: Shore) -> None:
    await shore.starts()
    (mine,) = shore.forge.runs.values()
    mine.run = replace(mine.run, head_sha=Sha("e" * 40))
    for status in (RunStatus.RUNNING, RunStatus.SUCCESS):
        shore.forge.set_status(mine.run.ref, status)
        await shore.settle(timedelta(minutes=1))
        await shore.hears(replace(shore.arrives(mine.run.ref)))
    assert [(await shore.now(number)).state for number in (1, 2)] == [State.FAILED, State.BYPASSED]
    assert await shore.numbers() == [2, 1]


async def test_it_is_not_told_where_other_organisations_read_it(shore: Shore) -> None:
    shore.channels.shared = frozenset({"#api-deploys"})
    await shore.hears(shore.arrives(None))
    assert await shore.numbers() == []
    (kept,) = await shore.trail("LandingUnplaced")
    assert "#api-deploys is shared with people of other organisations" in str(kept.facts["why"])
    (api,) = shore.catalog.services
    shore.catalog = catalog(replace(api, external=True))
    await shore.hears(shore.arrives(None))
    assert await shore.numbers() == [1]


async def test_two_jobs_of_one_run_that_arrive_together_are_recorded_once(shore: Shore) -> None:
    ref = await shore.run("other.yml")
    shore.forge.set_status(ref, RunStatus.RUNNING)
    for each in ("1", "2"):
        hint = shore.arrives(ref, id=each)
        await shore.world.queue.want(TEAM, landing.key("github", hint))
    leases = [each for each in await shore.world.queue.claim(9) if each.key.startswith(landing.PREFIX)]
    assert len(leases) == 2
    await asyncio.gather(*(landing.look(shore.world, each) for each in leases))
    assert await shore.numbers() == [1]
