"""Whether a release works after it got there: read outside of any transaction, judge, write it down once.

A crash repeats a reading at most. A workflow is marked before it is started, then looked for before all else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.effects import Announce, Announcement, ShowCard
from bot.core.emergencies import is_emergency
from bot.core.errors import Transient
from bot.core.falling_back import announced
from bot.core.lifecycle import State, Trigger
from bot.core.pinning import alerts_against, why_against
from bot.core.ports import UnitOfWork
from bot.core.records import UNSENT, Deployment, Lease
from bot.core.rules import Verification, WorkflowVerification
from bot.core.steps import Step
from bot.core.values import SLIPWAY, Kind
from bot.core.verifications import Measured, Outcome
from bot.core.verify_answers import release_of
from bot.core.verify_events import SmokeFound, VerificationEnded, WrongBefore
from bot.core.verifying import (
    FAILED_NEXT,
    before,
    begin,
    conclusion,
    due_at,
    named,
    question,
    rules_of,
    shown,
    why_failed,
)
from bot.engine.again import AT_ONCE, NEVER, Again
from bot.engine.changes import move, note
from bot.engine.falling_back import WayBack, fall_back, way_back
from bot.engine.probing import look_once, read
from bot.engine.smoke import look_at_run, start_next, wrong_before
from bot.engine.world import World

AT_FIRST = timedelta(seconds=5)  # how long an address may keep a dispatch waiting
IN_A_HURRY = timedelta(seconds=2)  # and one for which people wait while something is broken
KNOWN_FOR = timedelta(minutes=5)  # how long what was measured before a dispatch tells of right before it
NEXT_STEP = "Look for yourself, then say so with a button of the card; or have it measured again."


async def verify(world: World, lease: Lease, deployment: Deployment) -> Again:
    """One look at all that is due. Where the policy asks for nothing more, the run's success is enough."""
    rules = rules_of(deployment)
    if not all(each.begun_at for each in deployment.verifications) or not deployment.verifications:
        return await _begin(world, lease, deployment, rules)
    if alerts_against(deployment):
        return await _keep(world, lease, deployment, rules, deployment.verifications)
    if await start_next(world, lease, deployment, rules):
        return AT_ONCE
    now = await world.watch.now()
    judged = await _judged(world, deployment, rules, now)
    if conclusion(judged) is Outcome.INCONCLUSIVE and deployment.note == question(judged):
        return NEVER  # the question stands until somebody answers it
    if judged == deployment.verifications and conclusion(judged) is Outcome.MEASURING and not deployment.note:
        return _pause(now, rules, judged)  # a hint woke us too early
    return await _keep(world, lease, deployment, rules, judged)


async def measure_before(world: World, lease: Lease, deployment: Deployment) -> bool:
    """What is wrong right before the dispatch is no fault of this release.

    A workflow is not run for that: it is known as it was there the last time. True when it took its time:
    then everything else is looked at anew. A rollback is there to mend what is wrong.
    """
    if deployment.wish.kind is Kind.ROLLBACK:
        return False
    rules = rules_of(deployment)
    if not rules:
        return False
    now, known = await world.watch.now(), deployment.verifications
    if known and known[0].before_at is not None and now - known[0].before_at < KNOWN_FOR:
        return False
    readings = await asyncio.gather(*(read(world, rule, patience_with(deployment)) for rule in rules))
    unproven = await wrong_before(world, deployment, rules)
    measured = tuple(
        before(rule, reading, Measured(named(rule), before=why, before_at=now))
        for rule, reading, why in zip(rules, readings, unproven, strict=True)
    )
    async with world.units.begin(lease.workspace, Step.MEASURE_BEFORE, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is not State.DISPATCHING or fresh.attempt not in UNSENT:
            return True
        saved = await uow.deployments.save(replace(fresh, verifications=measured))
        for each in measured:
            if each.before:
                await uow.record(WrongBefore(saved.id, saved.number, each.what, each.before), SLIPWAY)
    return True


def patience_with(deployment: Deployment) -> timedelta:
    """Right before the dispatch; a rollback is not measured at all."""
    return IN_A_HURRY if is_emergency(deployment) else AT_FIRST


async def _begin(
    world: World, lease: Lease, deployment: Deployment, rules: tuple[Verification, ...]
) -> Again:
    """From now on it is measured, or measured again; without any rule it is verified already.

    Nor is it where somebody goes back from it and waits for its end: it got there before it could be stopped.
    """
    back = await _way_from(world, deployment) if rules else None
    async with world.units.begin(lease.workspace, Step.VERIFY, lease=lease) as uow:
        fresh = await uow.deployments.get(deployment.id)
        if fresh.state is not State.VERIFYING:
            return AT_ONCE
        if not rules:
            await move(uow, fresh, Trigger.VERIFY, "")
            return AT_ONCE
        if back is not None:
            await move(uow, fresh, Trigger.FAIL_VERIFICATION, f"#{back} goes back before it was verified.")
            return AT_ONCE
        known = fresh.verifications or tuple(Measured(named(each)) for each in rules)
        begun = tuple(
            each if each.begun_at else begin(rule, each, uow.now)
            for rule, each in zip(rules, known, strict=True)
        )
        await uow.deployments.save(replace(fresh, verifications=begun, note="", next_step=""))
        await uow.show(ShowCard(fresh.id))
    return AT_ONCE


async def _way_from(world: World, deployment: Deployment) -> int | None:
    """The number of the rollback that takes it away and waits for its end."""
    others = await world.queries.in_line(deployment.workspace, deployment.wish)
    return next((each.number for each in others if each.undoes == deployment.id), None)


async def _judged(
    world: World, deployment: Deployment, rules: tuple[Verification, ...], now: datetime
) -> tuple[Measured, ...]:
    """All that is due is read at the same time: each may keep us waiting for a while."""
    looks = [_look(world, deployment, rule, place, now) for place, rule in enumerate(rules)]
    return tuple(await asyncio.gather(*looks))


async def _look(
    world: World, deployment: Deployment, rule: Verification, place: int, now: datetime
) -> Measured:
    known = deployment.verifications[place]
    due = due_at(rule, known)
    if due is None or due > now:
        return known
    if isinstance(rule, WorkflowVerification):
        return await look_at_run(world, deployment, rule, place, now)
    return await look_once(world, rule, known, release_of(deployment), now)


async def _keep(
    world: World,
    lease: Lease,
    deployment: Deployment,
    rules: tuple[Verification, ...],
    judged: tuple[Measured, ...],
) -> Again:
    """What was found, and what follows from it, in one commit."""
    failed = _outcome(deployment, judged) is Outcome.FAILED
    way = await way_back(world, deployment) if failed else WayBack()
    async with world.units.begin(lease.workspace, Step.VERIFY, lease=lease) as uow:
        why = _why_failed(deployment, judged)
        next_step = await _goes_back(uow, deployment, way, why) if failed else ""
        fresh = await uow.deployments.get(deployment.id)
        if fresh.version != deployment.version and way.target is not None:
            raise Transient(f"#{fresh.number} was changed meanwhile.", system="The database")
        if fresh.version != deployment.version:
            return AT_ONCE  # somebody spoke meanwhile
        for was, each in zip(deployment.verifications, judged, strict=True):
            if each.run is not None and was.run is None:
                found = SmokeFound(fresh.id, fresh.number, each.run.provider, each.run.external_id)
                await uow.record(found, SLIPWAY)
            if was.outcome is not each.outcome:
                ended = VerificationEnded(fresh.id, fresh.number, each.what, each.outcome, each.said)
                await uow.record(ended, SLIPWAY)
        return await _concluded(uow, fresh, rules, judged, next_step)


def _outcome(deployment: Deployment, judged: tuple[Measured, ...]) -> Outcome:
    """An alert that counts and fires is as good as a measurement that failed."""
    return Outcome.FAILED if alerts_against(deployment) else conclusion(judged)


def _why_failed(deployment: Deployment, judged: tuple[Measured, ...]) -> str:
    return " ".join(each for each in (why_failed(judged), why_against(deployment)) if each)


async def _goes_back(uow: UnitOfWork, deployment: Deployment, way: WayBack, why: str) -> str:
    """What a person reads beside the failure. A new number comes first: everybody locks in that order."""
    if way.target is not None:
        back = await fall_back(uow, deployment, way.target, way.restores, why)
        return announced(back.number, way.target)
    return f"It does not go back by itself: {way.why_not} {FAILED_NEXT}" if way.why_not else FAILED_NEXT


async def _concluded(
    uow: UnitOfWork,
    fresh: Deployment,
    rules: Sequence[Verification],
    judged: tuple[Measured, ...],
    next_step: str,
) -> Again:
    known = replace(fresh, verifications=judged)
    match _outcome(fresh, judged):
        case Outcome.PASSED:
            await move(uow, known, Trigger.VERIFY, "")
            return AT_ONCE
        case Outcome.FAILED:
            await move(uow, known, Trigger.FAIL_VERIFICATION, _why_failed(fresh, judged), next_step)
            return AT_ONCE
        case Outcome.INCONCLUSIVE:
            saved = await uow.deployments.save(known)
            await note(uow, saved, question(judged), NEXT_STEP)
            await uow.show(ShowCard(saved.id))
            await uow.show(Announce(saved.id, Announcement.UNVERIFIED))
            return NEVER
        case Outcome.MEASURING:
            if judged != fresh.verifications or fresh.note:
                await uow.deployments.save(replace(known, note="", next_step=""))
                if fresh.note or list(map(shown, judged)) != list(map(shown, fresh.verifications)):
                    await uow.show(ShowCard(fresh.id))
            return _pause(uow.now, rules, judged)


def _pause(now: datetime, rules: Sequence[Verification], judged: Sequence[Measured]) -> Again:
    due = [due_at(rule, each) for rule, each in zip(rules, judged, strict=True)]
    first = min(each for each in due if each is not None)
    return Again(max(first - now, timedelta(milliseconds=100)))
