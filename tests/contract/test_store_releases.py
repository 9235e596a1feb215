"""What is on record of a release in an environment, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.code import RefKind
from bot.core.lifecycle import State, Trigger
from bot.core.promoting import Stay
from bot.core.records import NewDeployment
from bot.core.steps import Step
from bot.core.targets import Arrival
from bot.core.values import DeploymentId, Kind, Sha
from bot.store.store import Store
from tests.contract.store_support import (
    NOON,
    SHA_A,
    SHA_B,
    T1,
    T2,
    TO_RUNNING,
    TO_SUCCEEDED,
    HandClock,
    commit,
    follow,
    new,
    resolution,
)


async def deployed(
    store: Store, release: Sha, *triggers: Trigger, asked: NewDeployment | None = None, workspace: str = T1
) -> DeploymentId:
    """One deployment of this release, brought so far."""
    async with store.units.begin(workspace, Step.RECORD_END) as uow:
        added = await uow.deployments.add(asked or new())
        resolved = replace(resolution(), release=commit(release))
        saved = await uow.deployments.save(replace(added, resolution=resolved))
        await follow(uow, saved, *triggers)
    return added.id


def after(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


async def test_the_stays_of_a_release(store: Store, clock: HandClock) -> None:
    for release in (SHA_A, SHA_A, SHA_B, SHA_A):
        await deployed(store, release, *TO_SUCCEEDED)
        clock.move(60)
    await deployed(store, SHA_A, *TO_RUNNING)
    assert await store.releases.stays(T1, "api", "staging", SHA_A) == (
        Stay(1, after(0), after(2)),
        Stay(2, after(1), after(2)),
        Stay(4, after(3)),
        Stay(5, None),
    )
    assert await store.releases.stays(T1, "api", "staging", SHA_B) == (Stay(3, after(2), after(3)),)


async def test_only_what_succeeded_there_counts(store: Store, clock: HandClock) -> None:
    await deployed(store, SHA_A, *TO_RUNNING, Trigger.RUN_FAILED)
    await deployed(store, SHA_A, *TO_SUCCEEDED, asked=new(environment="production"))
    await deployed(store, SHA_A, *TO_SUCCEEDED, asked=new("web"))
    await deployed(store, SHA_A, *TO_SUCCEEDED, workspace=T2)
    assert await store.releases.stays(T1, "api", "staging", SHA_A) == ()
    await deployed(store, SHA_A, *TO_SUCCEEDED)
    clock.move(60)
    await deployed(store, SHA_B, *TO_RUNNING, Trigger.RUN_FAILED)
    await deployed(store, SHA_B, *TO_SUCCEEDED, workspace=T2)
    assert await store.releases.stays(T1, "api", "staging", SHA_A) == (Stay(4, after(0)),)


async def test_what_was_rolled_back_is_not_verified_any_more(store: Store, clock: HandClock) -> None:
    first = await deployed(store, SHA_A, *TO_SUCCEEDED)
    clock.move(60)
    await deployed(store, SHA_B, *TO_RUNNING, asked=new(undoes=first))
    assert await store.releases.stays(T1, "api", "staging", SHA_A) == (Stay(1, after(0)),)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        second = await uow.deployments.by_number(2)
        assert second is not None
        await follow(uow, second, Trigger.RUN_SUCCEEDED, Trigger.VERIFY)
    assert await store.releases.stays(T1, "api", "staging", SHA_A) == ()


async def test_what_got_there_past_us_is_live_and_verified_by_nobody(store: Store, clock: HandClock) -> None:
    await deployed(store, SHA_A, *TO_SUCCEEDED)
    clock.move(60)
    passed = await deployed(store, SHA_B, Trigger.BYPASS)
    assert await live(store) == 1, "nobody knows yet whether it got there"
    async with store.units.begin(T1, Step.RECORD_LANDING) as uow:
        await uow.deployments.save(replace(await uow.deployments.get(passed), landed_at=after(1)))
    assert await live(store) == 2
    assert await store.releases.stays(T1, "api", "staging", SHA_A) == (Stay(1, after(0), after(1)),)
    assert await store.releases.stays(T1, "api", "staging", SHA_B) == ()
    clock.move(60)
    await deployed(store, SHA_A, *TO_SUCCEEDED)
    assert await live(store) == 3


async def live(store: Store) -> int | None:
    found = await store.queries.live(T1, "api", "staging")
    return found.deployment.number if found else None


async def test_what_got_there_or_may_have(store: Store, clock: HandClock) -> None:
    first = await deployed(store, SHA_A, *TO_SUCCEEDED)
    clock.move(60)
    await deployed(store, SHA_B, *TO_RUNNING, Trigger.RUN_FAILED)  # nothing was ever sent
    sent = await deployed(store, SHA_B, *TO_RUNNING)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        marked = await uow.deployments.save(replace(await uow.deployments.get(sent), attempted_at=after(1)))
        await follow(uow, marked, Trigger.RUN_FAILED)
    clock.move(60)
    passed = await deployed(store, SHA_B, Trigger.BYPASS)
    async with store.units.begin(T1, Step.RECORD_LANDING) as uow:
        await uow.deployments.save(replace(await uow.deployments.get(passed), landed_at=after(2)))
    await deployed(store, SHA_A, *TO_SUCCEEDED, asked=new(environment="production"))
    await deployed(store, SHA_A, *TO_SUCCEEDED, workspace=T2)
    clock.move(60)
    asked = new(undoes=sent)
    goes_back = replace(asked, wish=replace(asked.wish, kind=Kind.ROLLBACK))
    back = await deployed(store, SHA_A, *TO_RUNNING, asked=goes_back)
    assert await store.releases.arrivals(T1, "api", "staging") == (
        Arrival(first, 1, Kind.DEPLOY, State.SUCCEEDED, SHA_A, after(0)),
        Arrival(sent, 3, Kind.DEPLOY, State.FAILED, SHA_B, after(1)),
        Arrival(passed, 4, Kind.DEPLOY, State.BYPASSED, SHA_B, after(2)),
        Arrival(back, 6, Kind.ROLLBACK, State.RUNNING, SHA_A, None, undoes=sent),
    )


async def test_a_release_that_went_by_a_tag_is_called_so(store: Store) -> None:
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        added = await uow.deployments.add(new())
        tagged = replace(resolution(), ref_kind=RefKind.TAG, ref_name="v1.2.3")
        await follow(uow, await uow.deployments.save(replace(added, resolution=tagged)), *TO_SUCCEEDED)
    [found] = await store.releases.arrivals(T1, "api", "staging")
    assert (found.tag, found.reference) == ("v1.2.3", f"v1.2.3@{SHA_A}")


async def test_who_asked_for_a_release_and_who_took_it_away_again(store: Store) -> None:
    first = await deployed(store, SHA_A, *TO_SUCCEEDED)
    back = await deployed(store, SHA_B, *TO_SUCCEEDED, asked=new(undoes=first))
    await deployed(store, SHA_B, *TO_SUCCEEDED, workspace=T2)

    async def asked_for(release: Sha, service: str = "api") -> list[DeploymentId]:
        return [each.id for each in await store.releases.asked_for(T1, service, release)]

    assert await asked_for(SHA_A) == [first]
    async with store.units.begin(T1, Step.VERIFY) as uow:
        await uow.deployments.save(replace(await uow.deployments.get(first), undone_by=2))
    assert await asked_for(SHA_A) == [first, back], "from when it has"
    assert await asked_for(SHA_B) == [back]
    assert await asked_for(SHA_A, "web") == []
