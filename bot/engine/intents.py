"""Applies what a person decided, inside the unit of work that also keeps the answer and the audit record."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.core.asking import freeze
from bot.core.catalog import Catalog
from bot.core.digest_intents import SetDigest, SnoozeDigest, StopDigest
from bot.core.effects import Answer, Unfurl
from bot.core.errors import Bug, UserError
from bot.core.intents import (
    AskDeployment,
    AwaitFree,
    CancelDeployment,
    CastVote,
    CloseChannel,
    ConfirmLink,
    EndLink,
    EndLock,
    GiveReview,
    HandOver,
    Intent,
    LiftQuarantine,
    MendQuarantine,
    Note,
    OffBoard,
    OverrideGate,
    PutQuarantine,
    Settle,
    Settlement,
    StartLink,
    Subscribe,
    TakeBackVote,
    TakeLock,
    TickItem,
    Unsubscribe,
)
from bot.core.lifecycle import ENDS, State, Trigger, allowed
from bot.core.my_settings_intents import ChangeMine
from bot.core.naming import done
from bot.core.policy_version import policy_of
from bot.core.ports import UnitOfWork
from bot.core.records import Deployment, NewDeployment, Resolution
from bot.core.request import canonical_json
from bot.core.rolling_back import place_of
from bot.core.unfurl_intents import ShowLinks
from bot.core.values import HURRIES, Action, Actor, Origin, Place
from bot.core.waiting_runs import WaitingRun
from bot.engine import quarantining, waiting
from bot.engine.changes import begin, move
from bot.engine.digesting import apply_digest
from bot.engine.emergencies import declare
from bot.engine.going_back import must_be_alone
from bot.engine.leaving import off_board
from bot.engine.linking import confirm_link, end_link, start_link
from bot.engine.locking import end_lock, take_lock
from bot.engine.my_settings import change_mine
from bot.engine.overriding import override
from bot.engine.reviewing import give
from bot.engine.subscribing import subscribe, switch_off, unsubscribe
from bot.engine.superseding import hand_over, retire
from bot.engine.ticking import tick
from bot.engine.unverified import speak
from bot.engine.voting import cast, take_back
from bot.engine.world import work_key


@dataclass(frozen=True, slots=True)
class Asker:
    """Who decided, where, and which way it came in."""

    actor: Actor
    place: Place
    origin: Origin = Origin.CHAT
    response_url: str = ""


async def apply(uow: UnitOfWork, intent: Intent, asker: Asker, catalog: Catalog) -> Deployment | None:
    """The deployment that the intent made or changed, if it was about one."""
    match intent:
        case AskDeployment():
            return await _ask(uow, intent, asker, catalog)
        case CancelDeployment():
            return await _cancel(uow, intent, asker)
        case Settle():
            return await _settle(uow, intent, asker)
        case CastVote():
            return await cast(uow, await _numbered(uow, intent.number), intent, asker.actor, catalog)
        case TakeBackVote():
            return await take_back(uow, await _numbered(uow, intent.number), asker.actor)
        case OverrideGate():
            return await override(uow, await _numbered(uow, intent.number), intent, asker.actor, catalog)
        case TickItem():
            return await tick(uow, await _numbered(uow, intent.number), intent, asker.actor, catalog)
        case HandOver():
            older, newer = await _numbered(uow, intent.number), await _numbered(uow, intent.newer)
            return await hand_over(uow, older, newer, intent, asker.actor, catalog)
        case GiveReview():
            return await give(uow, await _numbered(uow, intent.number), intent, asker.actor, catalog)
        case PutQuarantine():
            await quarantining.put(uow, intent, asker.actor)
        case LiftQuarantine():
            await quarantining.lift(uow, intent, asker.actor)
        case MendQuarantine():
            await quarantining.mend(uow, intent, asker.actor)
        case TakeLock():
            await take_lock(uow, intent, asker.actor)
        case EndLock():
            await end_lock(uow, intent, asker.actor)
        case AwaitFree():
            told = await waiting.join(uow, intent.scope, asker.actor)
            await uow.show(Answer(asker.actor.id, asker.place.channel, told, asker.response_url))
        case Subscribe():
            await subscribe(uow, intent, asker.actor)
        case Unsubscribe():
            await unsubscribe(uow, intent, asker.actor)
        case CloseChannel():
            await switch_off(uow, intent)
        case StartLink():
            await start_link(uow, intent, asker.actor)
        case EndLink():
            await end_link(uow, intent.person, asker.actor, catalog)
        case ConfirmLink():
            await confirm_link(uow, intent, asker.actor, catalog)
        case OffBoard():
            await off_board(uow, intent, catalog)
        case SetDigest() | StopDigest() | SnoozeDigest():
            await apply_digest(uow, intent, asker.actor)
        case ShowLinks():
            for url in intent.urls:
                await uow.show(Unfurl(intent.channel, intent.ts, asker.actor.id, url))
        case ChangeMine():
            await change_mine(uow, intent, asker.actor)
        case Note():
            await uow.record(intent.what, asker.actor)
    return None


async def _ask(uow: UnitOfWork, intent: AskDeployment, asker: Asker, catalog: Catalog) -> Deployment:
    wish = intent.wish
    deployment = await uow.deployments.add(
        NewDeployment(
            wish=wish,
            origin=asker.origin,
            action=Action.DISPATCH,
            requested_by=asker.actor,
            place=asker.place,
            channel=intent.channel,
            undoes=intent.undoes,
        )
    )
    if wish.kind in HURRIES:
        await must_be_alone(uow, deployment)
    await begin(uow, deployment, asker.actor)
    if wish.emergency:
        await declare(uow, deployment, asker.actor, catalog)
    if intent.resolution is not None:
        deployment = await resolved(uow, deployment, intent.resolution, catalog, intent.waits)
        await retire(uow, deployment, intent.retires)
    return deployment


async def resolved(
    uow: UnitOfWork,
    deployment: Deployment,
    resolution: Resolution,
    catalog: Catalog,
    waits: WaitingRun | None = None,
) -> Deployment:
    """Freeze the request: from here on its digest stands, and the run that it lets in."""
    if waits is not None:
        deployment = replace(deployment, action=Action.ANSWER_GATE, gate_run=waits.gate, run=waits.run)
    service = catalog.service(deployment.wish.service)
    environment = place_of(catalog, deployment.wish)
    if service is None or environment is None:
        raise UserError("The catalog no longer knows this environment.", "", "Ask again.")
    request = freeze(deployment, resolution, service, environment, uow.now)
    frozen = replace(
        deployment,
        resolution=resolution,
        request=request,
        digest=request.digest(),
        policy=canonical_json(policy_of(service, environment)).decode(),
    )
    saved = await uow.deployments.save(frozen)
    due = deployment.wish.due
    if due is not None and uow.now < due.at:
        return await move(uow, saved, Trigger.SCHEDULE, f"Starts on {due.said}.")
    return await move(uow, saved, Trigger.RESOLVE, "")


async def _cancel(uow: UnitOfWork, intent: CancelDeployment, asker: Asker) -> Deployment:
    deployment = await _numbered(uow, intent.number)
    if intent.going_back and deployment.state in ENDS | {State.CANCELLING}:
        return deployment  # it ended, or somebody stopped it, since it was looked at; the rollback goes on
    if deployment.state in ENDS:
        raise UserError(
            f"#{intent.number} has ended already: {deployment.state}.", "", "There is nothing to cancel."
        )
    if intent.going_back and deployment.state is State.VERIFYING:
        why = f"{asker.actor.name} goes back before it was verified."
        await uow.work.want(work_key(deployment.id))  # nobody looks at one that waits for a person's word
        return await move(uow, deployment, Trigger.FAIL_VERIFICATION, why, actor=asker.actor)
    for trigger in (Trigger.WITHDRAW, Trigger.CANCEL):
        if allowed(deployment.state, trigger):
            cancelled = await uow.deployments.save(replace(deployment, cancelled_by=asker.actor))
            await uow.work.want(work_key(deployment.id))
            why = f"Cancelled by {asker.actor.name}."
            return await move(uow, cancelled, trigger, why, actor=asker.actor)
    raise UserError(
        f"#{intent.number} can't be cancelled while it is {deployment.state}.",
        deployment.note,
        deployment.next_step,
    )


async def _settle(uow: UnitOfWork, intent: Settle, asker: Asker) -> Deployment:
    deployment = await _numbered(uow, intent.number)
    who = asker.actor.name
    await uow.work.want(work_key(deployment.id))
    match intent.settlement:
        case Settlement.LOOK_AGAIN:
            return deployment
        case Settlement.IT_RAN:
            why = f"{who} says that it was {done(deployment.wish)}."
            return await _answered(uow, deployment, Trigger.RUN_SUCCEEDED, why, asker)
        case Settlement.IT_DID_NOT_RUN:
            why = f"{who} says that it was not {done(deployment.wish)}."
            return await _answered(uow, deployment, Trigger.RUN_FAILED, why, asker)
        case Settlement.IT_WORKS | Settlement.IT_DOES_NOT_WORK | Settlement.MEASURE_AGAIN:
            return await speak(uow, deployment, intent.settlement, asker.actor)


async def _answered(
    uow: UnitOfWork, deployment: Deployment, trigger: Trigger, why: str, asker: Asker
) -> Deployment:
    if deployment.state is not State.UNKNOWN:
        raise UserError(f"#{deployment.number} no longer asks: it is {deployment.state}.")
    return await move(uow, deployment, trigger, why, actor=asker.actor)


async def _numbered(uow: UnitOfWork, number: int) -> Deployment:
    found = await uow.deployments.by_number(number)
    if found is None:
        raise Bug(f"nobody checked that #{number} exists")
    return await uow.deployments.get(found.id)
