"""Quarantined releases, on both databases: one for each release and scope, lifted once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.effects import Tell
from bot.core.errors import UserError
from bot.core.intents import LiftQuarantine, MendQuarantine, PutQuarantine
from bot.core.locks import Scope
from bot.core.mending import Bearing, Kin, Quarantined
from bot.core.quarantine import Quarantine
from bot.core.records import Deployment
from bot.core.steps import Step
from bot.core.values import Actor, ActorKind, Sha
from bot.core.verdicts import GateState, Verdict
from bot.engine.facts.quarantines import gather
from bot.engine.quarantining import kept_out, lift, mend, put
from bot.engine.world import World, work_key
from bot.store.store import Store
from tests.contract.store_support import (
    ADA,
    NOON,
    SHA_A,
    SHA_B,
    T1,
    T2,
    HandClock,
    add,
    commit,
    open_store,
    resolution,
)
from tests.contract.test_store_locks import waits
from tests.fakes.forge import seeded
from tests.fakes.git import HEADS
from tests.fakes.samples import catalog, policy
from tests.fakes.world import world_of

GRACE = Actor(ActorKind.PERSON, "U2", "Grace")
STAGING = Scope("api", "staging")


async def kept(
    store: Store, actor: Actor = ADA, scope: Scope = STAGING, sha: Sha = SHA_A, *, workspace: str = T1
) -> Quarantine:
    """As the command does it."""
    async with store.units.begin(workspace, Step.HANDLE_DELIVERY) as uow:
        return await put(uow, PutQuarantine(scope, sha, "v1.4.2", "it corrupts carts"), actor)


async def test_it_is_kept_as_it_was_put(store: Store) -> None:
    first = await kept(store)
    wider = await kept(store, GRACE, Scope("api"))
    assert await store.quarantines.held(T1) == (first, wider)
    assert await store.quarantines.held(T2) == ()
    assert (first.scope, first.sha, first.ref) == (STAGING, SHA_A, "v1.4.2")
    assert (first.by, first.reason, first.since) == (ADA, "it corrupts carts", NOON)
    assert wider.scope == Scope("api", None)
    other = await kept(store, workspace=T2)
    assert await store.quarantines.held(T2) == (other,)


async def test_the_first_one_stands(store: Store) -> None:
    first = await kept(store)
    with pytest.raises(UserError, match="is quarantined already") as told:
        await kept(store, GRACE)
    assert "it corrupts carts" in told.value.why
    assert await store.quarantines.held(T1) == (first,)
    answers = await asyncio.gather(
        *(kept(store, actor, sha=SHA_B) for actor in (ADA, GRACE)), return_exceptions=True
    )
    assert len([each for each in answers if isinstance(each, UserError)]) == 1
    assert len(await store.quarantines.held(T1)) == 2


async def test_it_is_lifted_once_and_whoever_put_it_there_is_told(store: Store) -> None:
    first = await kept(store)
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await lift(uow, LiftQuarantine(first, "the data was at fault"), GRACE)
    assert await store.quarantines.held(T1) == ()
    (parcel,) = await store.outbox.claim(50)
    assert isinstance(parcel.effect, Tell)
    assert parcel.effect.person == ADA.id
    assert "the data was at fault" in parcel.effect.text.plain()
    with pytest.raises(UserError, match="any more"):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await lift(uow, LiftQuarantine(first, "again"), GRACE)
    trail = [str(each) async for each in store.audit.export(T1)]
    assert ["ReleaseQuarantined" in trail[0], "QuarantineLifted" in trail[1], len(trail)] == [True, True, 2]


async def test_what_waits_there_is_looked_at_again(store: Store) -> None:
    waiting = await add(store)
    await add(store, environment="production")
    assert await store.work.claim(10) == ()
    await kept(store)
    assert [lease.key for lease in await store.work.claim(10)] == [work_key(waiting.id)]


async def keeps_out(store: Store, deployment: Deployment) -> bool:
    """As the slot is taken."""
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        return await kept_out(uow, deployment)


async def test_what_was_quarantined_since_it_was_judged_takes_no_slot(
    store: Store, database_url: str, clock: HandClock
) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        ready = replace(asked, verdicts=(Verdict("quarantine", GateState.OPEN, "It is free."),))
        assert not await kept_out(uow, ready)
    async with open_store(database_url, clock, "two") as other:
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            first = await put(uow, PutQuarantine(STAGING, SHA_A, "v1.4.2", "it corrupts carts"), ADA)
            taking = asyncio.create_task(keeps_out(other, ready))
            assert await waits(taking)  # whoever was answered that it is kept out can rely on it
        assert await taking
    judged = replace(ready, verdicts=(replace(ready.verdicts[0], seen=(first.id,)),))
    assert not await keeps_out(store, judged)  # whatever it is by now, the gate has seen it
    assert await keeps_out(store, replace(judged, verdicts=(replace(judged.verdicts[0], gate="lock"),)))
    await kept(store, scope=Scope("api", "production"), sha=SHA_B)
    assert not await keeps_out(store, judged)
    await kept(store, scope=Scope("api"), sha=SHA_B)
    assert await keeps_out(store, judged)  # of another commit, of which this release may be made


async def says(store: Store, quarantine: Quarantine, sha: Sha, actor: Actor = ADA) -> None:
    """As the command does it."""
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await mend(uow, MendQuarantine(quarantine, sha, "v1.4.3", "carts are locked now"), actor)


async def test_a_word_on_what_mends_it_stands_until_it_is_lifted(store: Store) -> None:
    first, waiting = await kept(store), await add(store)
    await says(store, first, SHA_B)
    await says(store, first, SHA_B, GRACE)  # once is enough: the first word stands
    (held,) = await store.quarantines.held(T1)
    (fix,) = held.fixes
    assert (fix.sha, fix.ref, fix.by, fix.reason, fix.at) == (
        SHA_B,
        "v1.4.3",
        ADA,
        "carts are locked now",
        NOON,
    )
    assert [lease.key for lease in await store.work.claim(10)] == [work_key(waiting.id)]
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        await lift(uow, LiftQuarantine(held, "the data was at fault"), GRACE)
    with pytest.raises(UserError, match="any more"):
        await says(store, first, SHA_B)
    again = await kept(store)
    assert (await store.quarantines.held(T1), again.fixes) == ((again,), ())
    trail = str([str(each) async for each in store.audit.export(T1)])
    assert trail.count("QuarantineMended") == 2


async def bearing(world: World, deployment: Deployment) -> Kin:
    """What the gate gets to know of the one quarantine."""
    told = (await gather(world, deployment, policy())).value
    assert isinstance(told, Quarantined)
    (kin,) = told.kin
    return kin


async def test_what_a_release_has_to_do_with_it_is_read_at_the_code_host(
    store: Store, clock: HandClock
) -> None:
    forge = seeded(clock)
    world = world_of(store, forge, clock, catalog)
    git, now = forge.git, clock.now()
    good = git.refs[HEADS + "main"]
    part = git.commit("Add carts", "grace", now, (good,))
    bad = git.commit("Sell carts", "ada", now, (part,))
    later = git.commit("Paint carts", "ada", now, (bad,))
    revert = git.commit('Revert "Add carts"', "ada", now, (later,))
    git.nodes[revert] = replace(git.nodes[revert], told=replace(git.nodes[revert].told, reverts=(part,)))
    elsewhere = git.commit("From nowhere", "mallory", now, ())

    def of(sha: Sha) -> Deployment:
        return replace(asked, resolution=replace(resolution(), release=commit(sha)))

    asked = await add(store)
    put_there = await kept(store, sha=bad)
    for sha, what in ((bad, Bearing.ITSELF), (part, Bearing.APART), (later, Bearing.MADE_OF)):
        assert (await bearing(world, of(sha))).bearing is what
    assert (await bearing(world, of(revert))).bearing is Bearing.MADE_OF  # nobody knows what came with it
    async with store.units.begin(T1, Step.RESOLVE_REQUEST) as uow:
        brought = replace(resolution(), release=commit(bad), changes=(commit(part), commit(bad)), total=2)
        await uow.deployments.save(replace(asked, resolution=brought))
    mended = await bearing(world, of(revert))
    assert (mended.bearing, mended.words) == (Bearing.MENDED, f"{revert[:7]} reverts {part[:7]}.")
    assert (await bearing(world, of(elsewhere))).bearing is Bearing.UNREAD
    forge.down = True
    down = await bearing(world, of(later))
    assert (down.bearing, down.words) == (Bearing.UNREAD, "The code host cannot be reached.")
    forge.down = False
    await says(store, put_there, later)
    for sha in (later, git.commit("Shine", "ada", now, (later,))):
        assert "Ada said that v1.4.3" in (await bearing(world, of(sha))).words
    assert (await bearing(world, of(git.commit("Polish", "ada", now, (bad,))))).bearing is Bearing.MADE_OF
