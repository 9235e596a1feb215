"""Right before a restore starts, what it was looked at beside must still be what runs there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.catalog import Environment
from bot.core.errors import UserError
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.engine.going_back import must_be_alone
from bot.engine.recheck import parts_that_changed
from bot.store.store import Store
from tests.contract.store_support import SHA_A, SHA_B, T1, TO_SUCCEEDED, HandClock, open_store
from tests.contract.test_store_releases import deployed
from tests.contract.test_store_restores import restore as wished
from tests.databases import Backend
from tests.fakes.forge import seeded
from tests.fakes.queues import StillClock
from tests.fakes.samples import catalog, service
from tests.fakes.world import world_of
from tests.unit.core.test_restoring import guarded, restore

pytestmark = pytest.mark.parametrize("database_url", [Backend.SQLITE], indirect=True)


async def changed(store: Store, deployment: Deployment) -> tuple[str, ...]:
    known = catalog(service("api", Environment("staging", guarded())))
    clock = StillClock()
    world = world_of(store, seeded(clock), clock, lambda: known)
    assert deployment.request is not None
    return await parts_that_changed(world, deployment, deployment.request)


async def test_another_release_makes_it_out_of_date(database_url: str) -> None:
    clock, asked = HandClock(), replace(restore(), workspace=T1)
    async with open_store(database_url, clock) as store:
        await deployed(store, SHA_A, *TO_SUCCEEDED)
        assert await changed(store, asked) != ("what runs there",)
        clock.move(60)
        await deployed(store, SHA_B, *TO_SUCCEEDED, asked=wished())
        assert await changed(store, asked) != ("what runs there",), "another restore brings no release"
        clock.move(60)
        await deployed(store, SHA_B, *TO_SUCCEEDED)
        assert await changed(store, asked) == ("what runs there",)


async def test_of_two_at_once_the_second_is_refused(database_url: str) -> None:
    async with open_store(database_url, HandClock()) as store:
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await must_be_alone(uow, await uow.deployments.add(wished()))
        with pytest.raises(UserError, match="is being restored already: #1"):
            async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
                await must_be_alone(uow, await uow.deployments.add(wished()))
