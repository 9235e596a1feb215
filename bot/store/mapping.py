"""Between rows and the frozen records of the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row
from sqlalchemy.sql.elements import Label

from bot.core.alerts import Pinned
from bot.core.barks import Bark
from bot.core.code import Commit
from bot.core.due import Due
from bot.core.gate_runs import GateAnswer, GateRun
from bot.core.lifecycle import State, Trigger
from bot.core.overrides import Override
from bot.core.records import Attempt, Deployment, Resolution, Transition, Wish
from bot.core.request import DeployRequest, canonical_json
from bot.core.restorable import Restorable
from bot.core.reviews import Review
from bot.core.run_reports import Reported
from bot.core.runs import Run, RunRef, RunStatus, Stage
from bot.core.ticks import Ticked
from bot.core.values import (
    Action,
    Actor,
    ActorKind,
    DeploymentId,
    Kind,
    OperationKey,
    Origin,
    Place,
    Sha,
)
from bot.core.verdicts import Verdict
from bot.core.verifications import Measured
from bot.core.votes import Vote
from bot.store.tables import deployments, runs

Values = dict[str, Any]
RUN_PREFIX = "of_run_"

_request = TypeAdapter(dict[str, Any])
_resolution = TypeAdapter(Resolution)
_stages = TypeAdapter(tuple[Stage, ...])
_inputs = TypeAdapter(tuple[tuple[str, str], ...])
_actor = TypeAdapter(Actor)
_verdicts = TypeAdapter(tuple[Verdict, ...])
_overrides = TypeAdapter(tuple[Override, ...])
_ticks = TypeAdapter(tuple[Ticked, ...])
_barks = TypeAdapter(tuple[Bark, ...])
_alerts = TypeAdapter(tuple[Pinned, ...])
_verifications = TypeAdapter(tuple[Measured, ...])
_reported = TypeAdapter(Reported)
_restores = TypeAdapter(Restorable)
_review = TypeAdapter(Review)
_gate_run = TypeAdapter(GateRun)
_gate_answer = TypeAdapter(GateAnswer)


def deployment_columns() -> list[Any]:
    """What `deployment` reads: the row and, under a prefix, its run's."""
    ran: list[Label[Any]] = [column.label(f"{RUN_PREFIX}{column.name}") for column in runs.c]
    return [*deployments.c, *ran]


def deployment(row: Row[Any], changes: Sequence[Commit], votes: tuple[Vote, ...] = ()) -> Deployment:
    """The record of a row that holds `deployment_columns`."""
    values = row._asdict()
    return Deployment(
        id=DeploymentId(values["id"]),
        number=values["number"],
        key=OperationKey(values["key"]),
        workspace=values["workspace_id"],
        state=State(values["state"]),
        wish=_wish(values),
        origin=Origin(values["origin"]),
        action=Action(values["action"]),
        requested_by=actor(values, "requested_by_"),
        place=Place(values["place_channel"], values["place_thread"]),
        channel=values["channel"],
        planned=values["planned"],
        created_at=values["created_at"],
        updated_at=values["updated_at"],
        version=values["version"],
        undoes=values["undoes_id"],
        resolution=_resolved(values["resolution"], changes),
        request=DeployRequest.read(_request.validate_json(values["request"])) if values["request"] else None,
        digest=values["digest"],
        policy=values["policy"],
        attempt=Attempt(values["attempt"]),
        attempted_at=values["attempted_at"],
        run=run(values, RUN_PREFIX) if values["run_id"] else None,
        cancelled_by=_actor.validate_python(values["cancelled_by"]) if values["cancelled_by"] else None,
        note=values["note"],
        next_step=values["next_step"],
        ended_at=values["ended_at"],
        verdicts=_verdicts.validate_python(values["verdicts"] or ()),
        votes=votes,
        overrides=_overrides.validate_python(values["overrides"] or ()),
        ticks=_ticks.validate_python(values["ticks"] or ()),
        verifications=_verifications.validate_python(values["verifications"] or ()),
        review=_review.validate_python(values["review"]) if values["review"] else None,
        reminded_at=values["reminded_at"],
        alerts=_alerts.validate_python(values["alerts"] or ()),
        landed_at=values["landed_at"],
        barks=_barks.validate_python(values["barks"] or ()),
        undone_by=values["undone_by"],
        reported=_reported.validate_python(values["reported"]) if values["reported"] else None,
        gate_run=_gate_run.validate_python(values["gate_run"]) if values["gate_run"] else None,
        gate_answer=_gate_answer.validate_python(values["gate_answer"]) if values["gate_answer"] else None,
    )


def birth(deployment: Deployment) -> Values:
    """The columns that are written once."""
    wish = deployment.wish
    return {
        "workspace_id": deployment.workspace,
        "id": deployment.id,
        "number": deployment.number,
        "key": deployment.key,
        "state": deployment.state.value,
        "kind": wish.kind.value,
        "service": wish.service,
        "environment": wish.environment,
        "ref": wish.ref,
        "inputs": _inputs.dump_python(wish.inputs, mode="json"),
        "reason": wish.reason,
        "emergency": wish.emergency,
        "due_at": wish.due.at if wish.due else None,
        "due_zone": wish.due.zone if wish.due else None,
        "restores": _restores.dump_python(wish.restores, mode="json") if wish.restores else None,
        "origin": deployment.origin.value,
        "undoes_id": deployment.undoes,
        **actor_columns(deployment.requested_by, "requested_by_"),
        "place_channel": deployment.place.channel,
        "place_thread": deployment.place.thread,
        "created_at": deployment.created_at,
    }


def life(deployment: Deployment) -> Values:
    """The columns that change, except state, version and the run."""
    resolution, request = deployment.resolution, deployment.request
    gate, answer = deployment.gate_run, deployment.gate_answer
    return {
        "action": deployment.action.value,
        "channel": deployment.channel,
        "planned": deployment.planned,
        "resolution": _resolution.dump_python(resolution, mode="json", exclude={"changes"})
        if resolution
        else None,
        "release_sha": resolution.release.sha if resolution else None,
        "base_release_sha": resolution.base_sha if resolution else None,
        "repository": request.repository if request else None,
        "request": canonical_json(request.canonical()).decode() if request else None,
        "digest": deployment.digest,
        "policy": deployment.policy,
        "attempt": deployment.attempt.value,
        "attempted_at": deployment.attempted_at,
        "cancelled_by": _actor.dump_python(deployment.cancelled_by, mode="json")
        if deployment.cancelled_by
        else None,
        "note": deployment.note,
        "next_step": deployment.next_step,
        "verdicts": _verdicts.dump_python(deployment.verdicts, mode="json"),
        "overrides": _overrides.dump_python(deployment.overrides, mode="json"),
        "ticks": _ticks.dump_python(deployment.ticks, mode="json"),
        "verifications": _verifications.dump_python(deployment.verifications, mode="json"),
        **_review_columns(deployment.review),
        "reminded_at": deployment.reminded_at,
        "gate_run": _gate_run.dump_python(gate, mode="json") if gate else None,
        "landed_at": deployment.landed_at,
        "alerts": _alerts.dump_python(deployment.alerts, mode="json") or None,
        "barks": _barks.dump_python(deployment.barks, mode="json") or None,
        "undone_by": deployment.undone_by,
        "reported": _reported.dump_python(deployment.reported, mode="json") if deployment.reported else None,
        "gate_answer": _gate_answer.dump_python(answer, mode="json") if answer else None,
        "ended_at": deployment.ended_at,
        "updated_at": deployment.updated_at,
    }


def _review_columns(review: Review | None) -> Values:
    """What is due is found by its own column, which is empty when it is closed."""
    return {
        "review": _review.dump_python(review, mode="json") if review else None,
        "review_due": review.due_at if review and not review.closed else None,
    }


def run_columns(run: Run) -> Values:
    """What the provider said of a run."""
    return {
        "status": run.status.value,
        "raw_status": run.raw_status,
        "head_sha": run.head_sha,
        "url": run.url,
        "title": run.title,
        "stages": _stages.dump_python(run.stages, mode="json"),
        "started_at": run.started_at,
        "ended_at": run.ended_at,
    }


def commit(row: Row[Any]) -> Commit:
    """The record of a row of `deployment_changes`."""
    return Commit(
        sha=Sha(row.sha),
        title=row.title,
        author=row.author,
        authored_at=row.authored_at,
        committed_at=row.committed_at,
        url=row.url,
        is_merge=row.is_merge,
        co_authors=tuple(row.co_authors),
        pull_request=row.pr,
        unknown_authors=tuple(row.unknown_authors or ()),
        author_id=row.author_id,
        co_author_ids=tuple(row.co_author_ids or ()),
        committer=row.committer,
        committer_id=row.committer_id,
        mergers=None if row.mergers is None else tuple(row.mergers),
        merger_ids=tuple(row.merger_ids or ()),
    )


def commit_columns(commit: Commit) -> Values:
    """One row of `deployment_changes`."""
    return {
        "sha": commit.sha,
        "title": commit.title,
        "author": commit.author,
        "co_authors": list(commit.co_authors),
        "authored_at": commit.authored_at,
        "committed_at": commit.committed_at,
        "is_merge": commit.is_merge,
        "pr": commit.pull_request,
        "unknown_authors": list(commit.unknown_authors),
        "author_id": commit.author_id,
        "co_author_ids": list(commit.co_author_ids),
        "committer": commit.committer,
        "committer_id": commit.committer_id,
        "mergers": None if commit.mergers is None else list(commit.mergers),
        "merger_ids": list(commit.merger_ids),
        "url": commit.url,
    }


def transition(row: Row[Any]) -> Transition:
    """The record of a row of `transitions`."""
    return Transition(
        deployment=DeploymentId(row.deployment_id),
        seq=row.seq,
        source=State(row.source),
        trigger=Trigger(row.trigger),
        target=State(row.target),
        actor=actor(row._asdict(), "actor_"),
        at=row.at,
        why=row.why,
    )


def actor(values: Mapping[str, Any], prefix: str) -> Actor:
    """Who it was, from three columns."""
    return Actor(ActorKind(values[f"{prefix}kind"]), values[f"{prefix}id"], values[f"{prefix}name"])


def actor_columns(actor: Actor, prefix: str) -> Values:
    """Who it was, as three columns."""
    return {f"{prefix}kind": actor.kind.value, f"{prefix}id": actor.id, f"{prefix}name": actor.name}


def _wish(values: Mapping[str, Any]) -> Wish:
    return Wish(
        kind=Kind(values["kind"]),
        service=values["service"],
        environment=values["environment"],
        ref=values["ref"],
        inputs=_inputs.validate_python(values["inputs"]),
        reason=values["reason"],
        emergency=values["emergency"],
        due=Due(values["due_at"], values["due_zone"]) if values["due_at"] else None,
        restores=_restores.validate_python(values["restores"]) if values["restores"] else None,
    )


def _resolved(plain: Values | None, changes: Sequence[Commit]) -> Resolution | None:
    return _resolution.validate_python(plain | {"changes": tuple(changes)}) if plain else None


def run(values: Mapping[str, Any], prefix: str) -> Run:
    """How a run went, from columns whose names begin so."""

    def of(name: str) -> Any:
        return values[f"{prefix}{name}"]

    return Run(
        ref=RunRef(of("provider"), of("repository"), of("external_id")),
        attempt=of("attempt"),
        status=RunStatus(of("status")),
        head_sha=Sha(of("head_sha")),
        url=of("url"),
        title=of("title"),
        raw_status=of("raw_status"),
        stages=_stages.validate_python(of("stages")),
        started_at=of("started_at"),
        ended_at=of("ended_at"),
    )
