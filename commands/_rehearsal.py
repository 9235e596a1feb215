"""A dry run: all that a request would be, and what each gate says of it, with no effect at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.core.asking import TAGS, freeze
from bot.core.catalog import Environment, Policy, Service
from bot.core.command import Context, Reply
from bot.core.electorate import Electorate, Question, electorate, too_few
from bot.core.errors import Bug, Transient
from bot.core.gates.approvals import APPROVALS
from bot.core.identity import asks_for_account
from bot.core.lifecycle import State
from bot.core.naming import what_of
from bot.core.pipelines import Start
from bot.core.policy_version import policy_of
from bot.core.range_words import all_changes, warned
from bot.core.records import Deployment, Resolution, Wish
from bot.core.release_words import judged, release_lines
from bot.core.request import DeployRequest, canonical_json
from bot.core.rules import Exclusion
from bot.core.text import NOTHING, Text, bold, code, line
from bot.core.values import Action, DeploymentId, OperationKey, Origin
from bot.core.verdicts import GateState, Verdict
from bot.core.verifying import named
from bot.core.visible import clip
from bot.core.voting import authors_of, names
from bot.core.waiting_runs import WaitingRun

KEY = OperationKey("(made when it is asked for)")


async def rehearsed(
    ctx: Context,
    service: Service,
    environment: Environment,
    wish: Wish,
    resolution: Resolution | None,
    waits: WaitingRun | None = None,
) -> Reply:
    """For the asker's eyes: no row, no tag, no run, no place in the line."""
    if ctx.rehearse is None:
        raise Bug("nothing judges dry runs here")
    if resolution is None:
        raise Transient("It did not say in time which commit this is.", system="The code host")
    deployment, request = await imagined(ctx, service, environment, wish, resolution, waits)
    try:
        async with asyncio.timeout(ctx.deadline):
            verdicts = await ctx.rehearse(deployment)
            people = await electorate(
                ctx.directory, Question(ctx.workspace, ctx.actor.id, environment.policy, resolution), wish
            )
    except TimeoutError:
        raise Transient("It did not say in time what the gates ask for.", system="The code host") from None
    verdicts = tuple(_counted(each, wish, people) for each in verdicts)
    text = _verdict(wish, verdicts) + release_lines(wish, resolution) + warned(resolution)
    text += inputs_of(request) + judged(verdicts) + _deciders(deployment, environment.policy, people)
    return Reply(text + _afterwards(environment.policy) + all_changes(resolution))


async def imagined(
    ctx: Context,
    service: Service,
    environment: Environment,
    wish: Wish,
    resolution: Resolution,
    waits: WaitingRun | None = None,
) -> tuple[Deployment, DeployRequest]:
    """As it would be kept if it were asked for now."""
    last = await ctx.queries.recent(ctx.workspace, None, None, 1)
    asked = Deployment(
        id=DeploymentId("dry-run"),
        number=last[0].number + 1 if last else 1,
        key=KEY,
        workspace=ctx.workspace,
        state=State.REQUESTED,
        wish=wish,
        origin=Origin.CHAT,
        action=Action.ANSWER_GATE if waits else Action.DISPATCH,
        requested_by=ctx.actor,
        place=ctx.place,
        channel="",
        planned=True,
        created_at=ctx.now,
        updated_at=ctx.now,
        resolution=resolution,
        gate_run=waits.gate if waits else None,
        run=waits.run if waits else None,
        policy=canonical_json(policy_of(service, environment)).decode(),
    )
    request = freeze(asked, resolution, service, environment, ctx.now)
    return replace(asked, request=request, digest=request.digest(), state=State.WAITING), request


def _verdict(wish: Wish, verdicts: tuple[Verdict, ...]) -> Text:
    """What would come of it, first."""
    when = f" on {wish.due.said}" if wish.due else ""
    target = f"{what_of(wish)}{when}"
    would = _would(verdicts) or ("would start then, as things stand" if wish.due else "would start at once")
    return line(bold(f"Dry run: {target} {would}.")) + line("Nothing was asked for, and nothing was kept.")


def _would(verdicts: tuple[Verdict, ...]) -> str:
    """What stands in the way, or nothing."""
    refused = ", ".join(each.gate for each in verdicts if each.state is GateState.REFUSED)
    waiting = ", ".join(each.gate for each in verdicts if each.state is GateState.WAITING)
    if refused:
        return f"would be refused ({refused})"
    return f"would wait ({waiting})" if waiting else ""


def inputs_of(request: DeployRequest) -> Text:
    """What would be started, and with what."""
    text = line("Workflow: ", code(request.workflow), " of ", code(request.repository))
    if request.start == Start.TAG:
        text += line("Started by the tag ", code(request.dispatch_ref.removeprefix(TAGS)))
    pairs = ", ".join(f"{name}={value}" for name, value in request.inputs)
    return text + line("With ", code(clip(pairs, 1000))) if pairs else text


def _afterwards(policy: Policy) -> Text:
    """By what it would be verified."""
    names_of = ", ".join(map(named, policy.verify))
    return line(f"Verified afterwards: {names_of}") if names_of else NOTHING


def _counted(verdict: Verdict, wish: Wish, people: Electorate) -> Verdict:
    """The gate waits for people; where they are too few, it would not even be asked for."""
    if verdict.gate != APPROVALS.name or not people.missing:
        return verdict
    return Verdict(verdict.gate, GateState.REFUSED, too_few(wish), people.shortage, people.next)


def _deciders(deployment: Deployment, policy: Policy, people: Electorate) -> Text:
    """Who could approve it, and who of them could not."""
    approvals = policy.approvals
    if not approvals.rules or deployment.resolution is None:
        return Text(())
    wanted = " and ".join(f"{rule.count} of {names(rule.voters)}" for rule in approvals.rules)
    barred = ["you, who would have asked"] if Exclusion.REQUESTER in approvals.exclude else []
    if asks_for_account(policy):
        wrote = sorted(authors_of(deployment.resolution, approvals).logins)
        barred += [f"{', '.join(wrote)}, who had a hand in it"] if wrote else []
    but = f", but not {', and not '.join(barred)}" if barred else ""
    unread = (
        f" Not everybody in {', '.join(people.unread)} is known, so nobody can say whether they are enough."
    )
    return line(f"Could approve it: {wanted}{but}.{unread if people.unread else ''}")
