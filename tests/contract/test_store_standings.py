"""What `/state` reads from the record, on both databases: runs of a branch, failures, and old sightings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.code import Direction
from bot.core.failures import Failure, FailureSource
from bot.core.identity import Identity, RepositoryRole
from bot.core.pipelines import Provider, Repository
from bot.core.readings import Reading
from bot.core.resync import Mark
from bot.core.seen import Seen
from bot.core.sightings import Lag, Tip
from bot.core.steps import Step
from bot.engine import seeking
from bot.store.sightings import KEPT
from bot.store.store import Store
from tests.contract.store_support import NOON, SHA_A, SHA_B, T1, T2, TO_SUCCEEDED, HandClock, add, rows
from tests.contract.test_store_failures import failure, opened
from tests.contract.test_store_releases import deployed
from tests.contract.test_store_runs import ABOUT, RUN, keep, reading

API, WEB = (Repository(Provider.GITHUB, f"acme/{name}") for name in ("api", "web"))
TIP = Tip("main", SHA_A, "Add refunds", "grace", NOON, "https://code.test/1")
LAG = Lag(SHA_B, SHA_A, Direction.DIVERGED, 3, 1)


async def ran(
    store: Store, number: int, path: str = "ci.yml", branch: str = "main", attempt: int = 1
) -> None:
    """A run of this workflow there, one minute after the one before."""
    ref = replace(RUN.ref, external_id=f"{len(path)}{number}")
    run = replace(RUN, ref=ref, attempt=attempt, started_at=NOON + timedelta(minutes=number))
    await keep(store, reading(run, replace(ABOUT, path=path, branch=branch, number=number)))


async def found(
    store: Store, branch: str = "main", repository: Repository = API, team: str = T1
) -> list[str]:
    records = await store.standings.newest_on(team, repository, branch)
    return [f"{each.about.path} {each.about.number}.{each.run.attempt}" for each in records if each.about]


async def test_of_each_workflow_the_newest_run_on_the_branch_in_its_last_attempt(store: Store) -> None:
    assert await found(store) == []
    for number, attempt in ((9, 1), (10, 1), (10, 2), (8, 1)):
        await ran(store, number, attempt=attempt)
    await ran(store, 2, "release.yml")
    await ran(store, 30, branch="feature/x")
    assert await found(store) == ["ci.yml 10.2", "release.yml 2.1"]
    assert await found(store, "feature/x") == ["ci.yml 30.1"]
    assert await found(store, repository=WEB) == []
    assert await found(store, team=T2) == []
    assert await store.standings.branches(T1, API) == ("feature/x", "main")
    assert await store.standings.branches(T2, API) == ()


async def test_one_that_nobody_followed_yet_is_on_no_branch(store: Store) -> None:
    deployment = await add(store)
    async with store.units.begin(T1, Step.RECORD_RUN) as uow:
        await uow.deployments.save(replace(await uow.deployments.get(deployment.id), run=RUN))
    assert await found(store) == []
    assert await store.standings.branches(T1, API) == ()
    assert [each.id for each in await store.standings.owners(T1, RUN.ref)] == [deployment.id]
    assert await store.standings.owners(T2, RUN.ref) == ()


async def test_a_run_by_its_number_in_the_repositories_that_were_named_alone(store: Store) -> None:
    await keep(store, reading())
    number = RUN.ref.external_id
    assert await store.standings.called(T1, (WEB, API), number) == RUN.ref
    elsewhere = Repository(Provider.GITLAB, "acme/api")
    for team, known, wanted in (
        (T2, (API,), number),
        (T1, (WEB, elsewhere), number),
        (T1, (), number),
        (T1, (API,), "1"),
    ):
        assert await store.standings.called(team, known, wanted) is None


async def test_what_fails_there_is_what_is_not_over(store: Store) -> None:
    broken = failure(await deployed(store, SHA_A, *TO_SUCCEEDED))
    over = replace(broken, external_id="over", ended_at=NOON + timedelta(minutes=1))
    fires = Failure(
        "api", "staging", broken.deployment, FailureSource.ALERT, "f", "errors", NOON - timedelta(1)
    )
    for each in (broken, over, fires):
        assert await opened(store, each)
    assert await store.standings.failing(T1, "api", "staging") == (fires, broken)
    assert await store.standings.failing(T1, "api", "production") == ()
    assert await store.standings.failing(T2, "api", "staging") == ()


async def test_when_a_listing_was_looked_through(store: Store) -> None:
    assert await store.standings.looked_through(T1, API) is None
    async with store.units.begin(T1, Step.FOLLOW_RUN) as uow:
        await uow.marks.put(seeking.key("github", "acme/api"), Mark(NOON, NOON + timedelta(minutes=1)))
    assert await store.standings.looked_through(T1, API) == NOON + timedelta(minutes=1)
    assert await store.standings.looked_through(T2, API) is None
    assert await store.standings.looked_through(T1, WEB) is None


async def test_the_last_sighting_of_each_is_kept(store: Store) -> None:
    sightings, later = store.sightings, NOON + timedelta(minutes=1)
    assert await sightings.tip(T1, API, "main") is None
    await sightings.keep_tip(T1, API, TIP, later)
    await sightings.keep_tip(T1, API, replace(TIP, commit=SHA_B), NOON)
    assert await sightings.tip(T1, API, "main") == Seen(TIP, later), "what took longer to arrive is older"
    await sightings.keep_lag(T1, API, "main", LAG, NOON)
    assert await sightings.lag(T1, API, "main", SHA_B) == Seen(LAG, NOON)
    await sightings.keep_default(T1, API, "main", NOON)
    assert await sightings.default(T1, API) == "main"
    for team, repository in ((T2, API), (T1, WEB)):
        assert await sightings.tip(team, repository, "main") is None
        assert await sightings.lag(team, repository, "main", SHA_B) is None
        assert await sightings.default(team, repository) is None
    assert await sightings.tip(T1, API, "next") is None
    assert await sightings.lag(T1, API, "next", SHA_B) is None
    assert await sightings.lag(T1, API, "main", SHA_A) is None


async def test_sightings_of_long_ago_are_forgotten_and_nothing_else(store: Store, clock: HandClock) -> None:
    await store.sightings.keep_tip(T1, API, TIP, NOON)
    await store.sightings.keep_lag(T1, API, "main", LAG, NOON)
    await store.readings.keep(T1, Reading(API, "7", Identity("ada", RepositoryRole.WRITE), NOON))
    clock.move(KEPT.total_seconds())
    assert await store.sightings.purge() == 0
    clock.move(1)
    assert await store.sightings.purge() == 2
    assert len(await rows(store, "SELECT id FROM observations")) == 1
