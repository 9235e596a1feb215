"""Deployments and slots, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.due import Due
from bot.core.errors import Bug, Transient
from bot.core.lifecycle import ENDS, IllegalTransition, State, Trigger
from bot.core.overrides import Overridable, Override
from bot.core.records import Attempt
from bot.core.reviews import Finding, Opinion, opened
from bot.core.runs import RunStatus
from bot.core.steps import Step
from bot.core.ticks import Ticked
from bot.core.values import ActorKind, operation_key, sha
from bot.store.store import Store
from tests.contract.store_support import (
    ADA,
    NOON,
    T1,
    T2,
    TO_RUNNING,
    TO_SUCCEEDED,
    HandClock,
    add,
    commit,
    follow,
    new,
    request,
    resolution,
    rows,
    run,
    somebody_waits_for_a_row,
    tamper,
)


async def test_a_new_deployment_has_an_id_a_number_and_a_key(store: Store) -> None:
    first, second = await add(store), await add(store)
    assert (first.number, second.number) == (1, 2)
    assert first.state is State.REQUESTED
    assert operation_key(first.key).startswith("slw-1-")
    assert first.id < second.id
    assert first.created_at == first.updated_at == NOON
    assert await store.queries.deployment(T1, 1) == first


async def test_when_it_is_due_comes_back(store: Store) -> None:
    plain = new()
    due = Due(NOON + timedelta(hours=19), "Europe/Helsinki")
    async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
        asked = await uow.deployments.add(replace(plain, wish=replace(plain.wish, due=due)))
    assert await store.queries.deployment(T1, 1) == asked


async def test_everything_that_is_saved_comes_back(store: Store, clock: HandClock) -> None:
    asked = await add(store)
    full = replace(
        asked,
        channel="C10",
        planned=False,
        resolution=resolution(),
        request=request(asked),
        digest=request(asked).digest(),
        policy='{"a":1}',
        attempt=Attempt.SENT,
        attempted_at=NOON + timedelta(microseconds=1),
        run=run(),
        cancelled_by=replace(ADA, kind=ActorKind.OPERATOR),
        note="it waits",
        next_step="wait as well",
        overrides=(Override(Overridable.FREEZE, "U1", "Ada", "d1", NOON, "it burns", ("f1",)),),
        ticks=(Ticked("backed up", "U1", "Ada", "d1", NOON),),
        review=opened(NOON).with_opinion(Opinion("U2", "Bob", "bob", Finding.OK, "it burnt", NOON)),
    )
    clock.move(5)
    async with store.units.begin(T1, Step.RECORD_RUN) as uow:
        saved = await uow.deployments.save(full)
    assert saved == replace(full, version=2, updated_at=NOON + timedelta(seconds=5))
    async with store.units.begin(T1, Step.READ) as uow:
        assert await uow.deployments.get(asked.id) == saved
        assert await uow.deployments.by_number(1) == saved
    found = await store.queries.deployment_by_id(T1, asked.id)
    assert found == saved
    assert found.request is not None
    assert found.request.digest() == full.digest


async def test_reviews_are_found_while_they_are_open(store: Store) -> None:
    later, sooner, closed, _ = [await add(store) for _ in range(4)]
    full = opened(NOON)
    for person in ("U1", "U2"):
        full = full.with_opinion(Opinion(person, person, person, Finding.OK, "it burnt", NOON))
    reviews = {later: opened(NOON + timedelta(hours=1)), sooner: opened(NOON), closed: full}
    for deployment, review in reviews.items():
        async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
            await uow.deployments.save(replace(deployment, review=review))
    assert [each.id for each in await store.queries.open_reviews(T1)] == [sooner.id, later.id]
    assert await store.queries.open_reviews(T2) == ()


async def test_the_stored_request_is_the_canonical_text(store: Store) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.RESOLVE_REQUEST) as uow:
        await uow.deployments.save(replace(asked, request=request(asked), digest=request(asked).digest()))
    [(text,)] = await rows(store, "SELECT request FROM deployments")
    assert text.startswith('{"action":"dispatch","asked_ref":"main","dispatch_ref":')


async def test_a_request_is_never_edited(store: Store) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.RESOLVE_REQUEST) as uow:
        frozen = await uow.deployments.save(replace(asked, request=request(asked)))
    with pytest.raises(Bug, match="nothing changes a request"):
        async with store.units.begin(T1, Step.RESOLVE_REQUEST) as uow:
            await uow.deployments.save(replace(frozen, request=replace(request(asked), workflow="evil.yml")))


async def test_a_stale_copy_is_not_written(store: Store) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.RECORD_PROGRESS) as uow:
        await uow.deployments.save(replace(asked, note="newer"))
    with pytest.raises(Transient):
        async with store.units.begin(T1, Step.RECORD_PROGRESS) as uow:
            await uow.deployments.save(replace(asked, note="older"))
    with pytest.raises(Transient):
        async with store.units.begin(T1, Step.RECORD_PROGRESS) as uow:
            await uow.deployments.move(asked, Trigger.WITHDRAW, ADA, "")
    found = await store.queries.deployment(T1, 1)
    assert found is not None
    assert (found.note, found.state) == ("newer", State.REQUESTED)


async def test_saving_leaves_the_state_alone(store: Store) -> None:
    asked = await add(store)
    with pytest.raises(Bug, match="only a move"):
        async with store.units.begin(T1, Step.RECORD_PROGRESS) as uow:
            await uow.deployments.save(replace(asked, state=State.SUCCEEDED))


async def test_a_move_writes_state_transition_event_audit_and_card_together(store: Store) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.RESOLVE_REQUEST) as uow:
        moved = await uow.deployments.move(replace(asked, note="n"), Trigger.RESOLVE, ADA, "found it")
    assert (moved.state, moved.version) == (State.WAITING, 2)
    assert await store.queries.deployment(T1, 1) == moved
    [step] = await store.queries.transitions(T1, asked.id)
    assert (step.seq, step.source, step.trigger, step.target, step.actor, step.at, step.why) == (
        1,
        State.REQUESTED,
        Trigger.RESOLVE,
        State.WAITING,
        ADA,
        NOON,
        "found it",
    )
    assert await rows(store, "SELECT kind, deployment_id FROM events") == [("DeploymentMoved", asked.id)]
    assert (await store.audit.verify(T1)).records == 1
    assert await rows(store, "SELECT kind, card FROM outbox") == [("show_card", asked.id)]


async def test_an_end_frees_the_slot_and_absorbs_what_comes_later(store: Store, clock: HandClock) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        running = await follow(uow, asked, *TO_RUNNING)
        assert running.ended_at is None
        assert await uow.slots.holder("api", "staging") == asked.id
    clock.move(60)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        ended = await follow(uow, running, Trigger.RUN_FAILED)
        assert ended.ended_at == NOON + timedelta(seconds=60)
        assert await uow.slots.holder("api", "staging") is None
    for trigger in Trigger:
        async with store.units.begin(T1, Step.RECORD_END) as uow:
            assert await uow.deployments.move(ended, trigger, ADA, "late") == ended
    assert len(await store.queries.transitions(T1, asked.id)) == len(TO_RUNNING) + 1


async def test_what_the_table_does_not_know_is_refused_whole(store: Store) -> None:
    asked = await add(store)
    with pytest.raises(IllegalTransition):
        async with store.units.begin(T1, Step.RECORD_END) as uow:
            noted = await uow.deployments.save(replace(asked, note="half"))
            await uow.deployments.move(noted, Trigger.VERIFY, ADA, "")
    assert await store.queries.deployment(T1, 1) == asked


async def test_nothing_is_dispatched_without_its_slot(store: Store) -> None:
    asked = await add(store)
    with pytest.raises(Bug, match="slot"):
        async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
            ready = await follow(uow, asked, Trigger.RESOLVE, Trigger.OPEN_GATES)
            await uow.deployments.move(ready, Trigger.TAKE_SLOT, ADA, "")


async def test_what_closes_again_before_it_was_sent_frees_the_slot(store: Store, clock: HandClock) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        ready = await follow(uow, await uow.deployments.get(asked.id), Trigger.RESOLVE, Trigger.OPEN_GATES)
        assert await uow.slots.take(ready) == ready.id
        await follow(uow, ready, Trigger.TAKE_SLOT)
    clock.move(60)
    async with store.units.begin(T1, Step.JUDGE_GATES) as uow:
        sending = await uow.deployments.get(asked.id)
        assert await uow.deployments.moved_at(sending) == NOON
        waiting = await follow(uow, sending, Trigger.CLOSE_GATES)
        assert await uow.deployments.moved_at(waiting) == uow.now > NOON
    other = await add(store)
    async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
        assert await uow.slots.take(other) == other.id


async def test_a_run_is_updated_in_place_and_a_new_attempt_is_a_new_row(store: Store) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.RECORD_RUN) as uow:
        saved = await uow.deployments.save(replace(asked, run=run()))
        saved = await uow.deployments.save(replace(saved, run=run(status=RunStatus.FAILURE)))
        saved = await uow.deployments.save(replace(saved, run=run(attempt=2)))
    assert await rows(store, "SELECT attempt, status FROM runs ORDER BY attempt") == [
        (1, "failure"),
        (2, "running"),
    ]
    assert await store.queries.deployment(T1, 1) == saved


async def test_who_waited_for_a_deployment_sees_the_run_it_got_meanwhile(store: Store) -> None:
    asked = await add(store)
    run_or_none: list[object] = []

    async def look() -> None:
        async with store.units.begin(T1, Step.RECORD_RUN) as uow:
            run_or_none.append((await uow.deployments.get(asked.id)).run)

    async with asyncio.TaskGroup() as tasks, store.units.begin(T1, Step.RECORD_RUN) as uow:
        held = await uow.deployments.get(asked.id)
        tasks.create_task(look())
        await somebody_waits_for_a_row(store)
        await uow.deployments.save(replace(held, run=run()))
    assert run_or_none == [run()]


async def test_two_deployments_never_share_a_run(store: Store) -> None:
    first, second = await add(store), await add(store)
    async with store.units.begin(T1, Step.RECORD_RUN) as uow:
        await uow.deployments.save(replace(first, run=run()))
    with pytest.raises(Bug, match="belongs to another"):
        async with store.units.begin(T1, Step.RECORD_RUN) as uow:
            await uow.deployments.save(replace(second, run=run()))


async def test_changes_lie_in_their_own_table_and_follow_the_resolution(store: Store) -> None:
    asked = await add(store)
    async with store.units.begin(T1, Step.RESOLVE_REQUEST) as uow:
        saved = await uow.deployments.save(replace(asked, resolution=resolution()))
    [first, second] = await rows(store, "SELECT sha, author, pr FROM deployment_changes ORDER BY position")
    assert (first.pr, second.pr) == (None, 12)
    other = replace(resolution(), changes=(commit(resolution().release.sha),))
    async with store.units.begin(T1, Step.RESOLVE_REQUEST) as uow:
        saved = await uow.deployments.save(replace(saved, resolution=other))
    assert await store.queries.deployment(T1, 1) == saved


async def test_a_number_that_was_given_is_never_given_again(store: Store) -> None:
    await add(store)
    await tamper(store, "DELETE FROM deployments")
    assert (await add(store)).number == 2


async def test_a_unit_that_fails_gives_back_the_number_that_nobody_saw(store: Store) -> None:
    with pytest.raises(RuntimeError):
        async with store.units.begin(T1, Step.HANDLE_DELIVERY) as uow:
            await uow.deployments.add(new())
            raise RuntimeError
    assert (await add(store)).number == 1


async def test_numbers_are_given_once_under_a_race(store: Store) -> None:
    async with asyncio.TaskGroup() as tasks:
        races = [tasks.create_task(add(store)) for _ in range(24)]
    assert sorted(race.result().number for race in races) == list(range(1, 25))


async def test_one_of_many_gets_the_slot(store: Store) -> None:
    asked = [await add(store) for _ in range(8)]

    async def race(index: int) -> str:
        async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
            return await uow.slots.take(await uow.deployments.get(asked[index].id))

    async with asyncio.TaskGroup() as tasks:
        races = [tasks.create_task(race(index)) for index in range(8)]
    holders = {race.result() for race in races}
    assert len(holders) == 1
    assert len(await rows(store, "SELECT * FROM slots")) == 1


async def test_slots_of_other_places_do_not_collide(store: Store) -> None:
    for service, environment in (("api", "staging"), ("api", "production"), ("web", "staging")):
        asked = await add(store, wish=replace(new().wish, service=service, environment=environment))
        async with store.units.begin(T1, Step.TAKE_SLOT) as uow:
            assert await uow.slots.take(asked) == asked.id


async def test_live_is_the_last_that_succeeded(store: Store, clock: HandClock) -> None:
    assert await store.queries.live(T1, "api", "staging") is None
    for ending in (TO_SUCCEEDED, TO_SUCCEEDED, (*TO_RUNNING, Trigger.RUN_FAILED)):
        asked = await add(store)
        clock.move(10)
        async with store.units.begin(T1, Step.RECORD_END) as uow:
            assert (await follow(uow, asked, *ending)).state in ENDS
    live = await store.queries.live(T1, "api", "staging")
    assert live is not None
    assert live.deployment.number == 2
    assert await store.queries.live(T1, "api", "production") is None


async def test_recent_filters_and_orders(store: Store) -> None:
    for service, environment in (("api", "staging"), ("api", "production"), ("web", "staging")):
        await add(store, wish=replace(new().wish, service=service, environment=environment))

    async def numbers(service: str | None, environment: str | None, limit: int = 9) -> list[int]:
        return [found.number for found in await store.queries.recent(T1, service, environment, limit)]

    assert await numbers(None, None) == [3, 2, 1]
    assert await numbers(None, None, 2) == [3, 2]
    assert await numbers("api", None) == [2, 1]
    assert await numbers(None, "staging") == [3, 1]
    assert await numbers("web", "production") == []


async def test_what_is_open_can_be_listed(store: Store) -> None:
    first, second, third = await add(store), await add(store), await add(store)
    async with store.units.begin(T1, Step.RECORD_END) as uow:
        await follow(uow, first, Trigger.WITHDRAW)
        await uow.deployments.save(replace(second, request=request(second)))
    assert await store.queries.open_deployments(T1) == (second.id, third.id)
    assert await store.queries.open_deployments(T1, "acme/api") == (second.id,)
    assert await store.queries.open_deployments(T2) == ()


async def test_what_is_due_later_is_left_alone_until_then(store: Store) -> None:
    later = await add(store)
    async with store.units.begin(T1, Step.RESOLVE_REQUEST) as uow:
        kept = await uow.deployments.save(replace(later, request=request(later)))
        await follow(uow, kept, Trigger.SCHEDULE)
    assert await store.queries.open_deployments(T1) == ()
    assert await store.queries.open_deployments(T1, "acme/api") == ()
    async with store.units.begin(T1, Step.COME_DUE) as uow:
        await follow(uow, await uow.deployments.get(later.id), Trigger.COME_DUE)
    assert await store.queries.open_deployments(T1) == (later.id,)


async def test_who_waits_with_another_release_need_not_look(store: Store) -> None:
    waiting, other, running, plain = [await add(store) for _ in range(4)]
    elsewhere = replace(resolution(), release=replace(resolution().release, sha=sha("e" * 40)))
    async with store.units.begin(T1, Step.JUDGE_GATES) as uow:
        for each, resolved in ((waiting, resolution()), (other, elsewhere), (running, elsewhere)):
            kept = replace(each, request=request(each), resolution=resolved)
            await follow(uow, await uow.deployments.save(kept), Trigger.RESOLVE)
        await follow(uow, await uow.deployments.get(running.id), Trigger.OPEN_GATES, Trigger.TAKE_SLOT)
    opened = store.queries.open_deployments
    assert await opened(T1, "acme/api", resolution().release.sha) == (waiting.id, running.id)
    assert await opened(T1, "acme/api", sha("d" * 40)) == (running.id,)
    assert await opened(T1, "acme/api", resolution().release.sha, waiting_alone=True) == (waiting.id,)
    assert await opened(T1, "acme/api") == (waiting.id, other.id, running.id)
    assert plain.id in await opened(T1)


async def test_who_follows_another_run_need_not_look(store: Store) -> None:
    one, other, sent, waiting = [await add(store) for _ in range(4)]
    async with store.units.begin(T1, Step.RECORD_PROGRESS) as uow:
        for each, number in ((one, "1"), (other, "2"), (sent, None), (waiting, None)):
            to = TO_RUNNING if number else TO_RUNNING[:-1] if each is sent else TO_RUNNING[:1]
            found = run(number) if number else None
            kept = replace(each, request=request(each), resolution=resolution(), run=found)
            await follow(uow, await uow.deployments.save(kept), *to)
            await uow.slots.free(each.id)
    opened = store.queries.open_deployments
    assert await opened(T1, "acme/api", run="1") == (one.id, sent.id, waiting.id)
    assert await opened(T1, "acme/api", run="3") == (sent.id, waiting.id)
    assert await opened(T1, "acme/api") == (one.id, other.id, sent.id, waiting.id)
