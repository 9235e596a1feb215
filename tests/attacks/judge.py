"""Whether everything that ran was asked for, shown and approved. Knows the rules, and of no attack."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ruamel.yaml import YAML

from bot.playground.github.names import Conclusion
from tests.attacks.diary import Diary
from tests.attacks.evidence import Evidence, Started
from tests.attacks.stage import IDS
from tests.attacks.trail import Record

CI = ".github/workflows/ci.yml"
BY_DEFAULT = {"skip_smoke": "false", "log_level": "info"}  # what the workflow fills in by itself
HOURS = re.compile(r"(\d+)([hd])")
NEVER = frozenset({IDS["gus"], IDS["sam"], IDS["dennis"]})  # a guest, a stranger, and somebody who left


@dataclass
class Request:
    """One deployment as the trail tells it."""

    number: int
    service: str
    asker: str
    asked_at: datetime
    votes: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # the digest that each approved
    slot_at: datetime | None = None
    attempts: list[dict[str, Any]] = field(default_factory=list)
    voted: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # when it took its slot
    base: str = ""  # what ran there when it was asked for
    ticks: dict[str, tuple[str, str]] = field(default_factory=dict)  # by item: who, on which digest
    ticked: dict[str, tuple[str, str]] = field(default_factory=dict)  # when it took its slot


@dataclass(frozen=True, slots=True)
class Law:
    """What a catalog demands of one service in production."""

    count: int
    groups: tuple[str, ...]
    exclude: tuple[str, ...]
    expires: timedelta
    checks: tuple[str, ...]
    items: tuple[str, ...]  # of the checklist


def flaws_of(evidence: Evidence, diary: Diary) -> list[str]:
    """What does not hold."""
    found = [evidence.chain] if evidence.chain else []
    requests = _replayed(evidence.trail)
    for started in evidence.runs:
        found += [f"run {started.run.title}: {flaw}" for flaw in _run(started, requests, evidence, diary)]
    keys = Counter(started.run.inputs.get("operation", "") for started in evidence.runs)
    found += [f"{key} ran {count} times" for key, count in keys.items() if count > 1]
    return found + list(_links(evidence.trail)) + list(_secrets(evidence, diary))


def _replayed(records: tuple[Record, ...]) -> dict[int, Request]:
    """Every deployment, from its records."""
    found: dict[int, Request] = {}
    live: dict[str, str] = {}
    for record in records:
        facts = record.facts
        if record.event == "DeploymentAsked":
            made = Request(facts["number"], facts["service"], record.actor, record.at)
            made.base = live.get(made.service, "")
            found[made.number] = made
        elif record.event == "PersonLeft":
            for number in re.findall(r"#(\d+)", facts["voided"]):
                found[int(number)].votes.pop(facts["person"], None)
        elif "number" in facts:
            _follow(found[facts["number"]], record, live)
    return found


def _follow(request: Request, record: Record, live: dict[str, str]) -> None:
    facts = record.facts
    match record.event:
        case "VoteCast" if facts["kind"] == "approve":
            request.votes[record.actor] = (facts["digest"], record.at)
        case "VoteTakenBack":
            request.votes.pop(record.actor, None)
        case "DispatchAttempted":
            request.attempts.append(facts)
        case "DeploymentMoved" if facts["trigger"] == "take slot":
            request.slot_at, request.voted = record.at, dict(request.votes)
            request.ticked = dict(request.ticks)
        case "ItemTicked":
            request.ticks[facts["item"]] = (record.actor, facts["digest"])
        case "ItemUnticked":
            request.ticks.pop(facts["item"], None)
        case "DeploymentMoved" if facts["target"] == "succeeded":
            live[request.service] = request.attempts[-1]["release_sha"]
        case _:
            pass  # says nothing about what may run


def _run(started: Started, requests: dict[int, Request], evidence: Evidence, diary: Diary) -> Iterator[str]:
    run = started.run
    key = run.inputs.get("operation", "")
    asked = [(each, facts) for each in requests.values() for facts in each.attempts if facts["key"] == key]
    if len(asked) != 1:
        yield f"the trail knows {len(asked)} attempts of {key}"
        return
    ((request, facts),) = asked
    yield from _as_frozen(started, request, facts, evidence)
    if request.slot_at is None:
        yield "it never took its slot"
        return
    release = facts["release_sha"]
    for at in (request.asked_at, request.slot_at):
        law = _law(diary.law(at), request.service)
        yield from _approved(request, facts, law, evidence, diary)
        yield from _green(started, release, law, request.slot_at, evidence)
        yield from _ticked(request, facts, law)
        if request.slot_at - request.asked_at >= law.expires:
            yield "it started too late"
    yield from _merged(started, release, request.slot_at, evidence, diary)
    yield from _shown(request, facts, evidence)
    if diary.quarantined(request.service, release, request.slot_at):
        yield f"{release[:7]} was quarantined"


def _as_frozen(
    started: Started, request: Request, facts: dict[str, Any], evidence: Evidence
) -> Iterator[str]:
    """The run is the one whose digest the trail holds, to the letter."""
    run, text = started.run, evidence.requests[request.number]
    frozen = json.loads(text)
    plain = json.dumps(frozen, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if hashlib.sha256(plain.encode()).hexdigest() != facts["digest"]:
        yield "its request does not have the digest that was approved"
    inputs = {name: value for name, value in run.inputs.items() if BY_DEFAULT.get(name) != value}
    wanted = {name: value for name, value in frozen["inputs"].items() if BY_DEFAULT.get(name) != value}
    if inputs != wanted:
        yield f"it ran with {inputs}, not with {wanted}"
    if inputs != {"environment": "production", "version": facts["release_sha"], "operation": facts["key"]}:
        yield f"nobody asked for {inputs}"
    if run.path != ".github/workflows/deploy.yml" or frozen["workflow"] != "deploy.yml":
        yield f"it ran {run.path}"
    if not run.head_sha == facts["workflow_sha"] == frozen["workflow_sha"]:
        yield f"it ran at {run.head_sha}, not at {facts['workflow_sha']}"
    if frozen["release_sha"] != facts["release_sha"] or frozen["requester"] != request.asker:
        yield "it is not what was asked for"


def _approved(
    request: Request, facts: dict[str, Any], law: Law, evidence: Evidence, diary: Diary
) -> Iterator[str]:
    """Enough of the right people, for exactly this, who were still here when it started."""
    assert request.slot_at is not None
    authors = _authors(f"acme/{request.service}", facts["release_sha"], request.base, evidence)
    may = frozenset[str]().union(*(evidence.groups[name] for name in law.groups)) - NEVER
    if "requester" in law.exclude:
        may -= {request.asker}
    if "authors" in law.exclude:
        may -= {IDS[login] for login in authors if login in IDS}
    good = {
        person
        for person, (digest, at) in request.voted.items()
        if person in may
        and digest == facts["digest"]
        and at - request.asked_at < law.expires
        and not diary.away(person, request.slot_at)
    }
    if len(good) < law.count:
        yield f"#{request.number}: {len(good)} of {law.count} approvals, by {sorted(request.voted)}"


def _ticked(request: Request, facts: dict[str, Any], law: Law) -> Iterator[str]:
    """By somebody of this workspace, on exactly this; nobody here may let it pass without."""
    good = {
        item
        for item, (who, digest) in request.ticked.items()
        if digest == facts["digest"] and who not in NEVER
    }
    if not good >= set(law.items):
        yield f"#{request.number}: only {sorted(good)} was ticked"


def _authors(repository: str, release: str, base: str, evidence: Evidence) -> set[str]:
    git = evidence.git[repository]
    new = git.reachable(release) - git.reachable(base) if base else set()
    return {git.commits[sha].author.login or "" for sha in new | {release}}


def _green(started: Started, release: str, law: Law, at: datetime, evidence: Evidence) -> Iterator[str]:
    """By the one workflow whose word counts."""
    runs = [run for run in evidence.checked[started.repository] if run.path == CI and run.head_sha == release]
    jobs = [job for run in runs for job in run.latest.jobs]
    good = {
        job.name
        for job in jobs
        if job.conclusion is Conclusion.SUCCESS and job.completed_at is not None and job.completed_at <= at
    }
    if not good >= set(law.checks):
        yield f"{release[:7]} is green in {sorted(good)} only"


def _merged(started: Started, release: str, at: datetime, evidence: Evidence, diary: Diary) -> Iterator[str]:
    name = started.repository
    moved = [each.tip for each in evidence.moves if each.repository == name and each.at <= at]
    tip = moved[-1] if moved else diary.tips[name]
    if release not in evidence.git[name].reachable(tip):
        yield f"{release[:7]} was not on main"


def _shown(request: Request, facts: dict[str, Any], evidence: Evidence) -> Iterator[str]:
    """Some card with a button for this digest also said which commit it is."""
    told = [each for each in evidence.shown if facts["digest"] in each]
    if not any(facts["release_sha"][:7] in each and f"#{request.number}" in each for each in told):
        yield "nobody was shown what it is"


def _links(records: tuple[Record, ...]) -> Iterator[str]:
    """Everybody here is called the same at GitHub."""
    for record in records:
        if record.event == "AccountLinked" and IDS.get(record.facts["login"]) != record.facts["person"]:
            yield f"{record.facts['person']} was linked with {record.facts['login']}"


def _secrets(evidence: Evidence, diary: Diary) -> Iterator[str]:
    kept = [record.line for record in evidence.trail] + [*evidence.shown, *evidence.requests.values()]
    kept += [str(started.run.inputs) for started in evidence.runs]
    for secret in diary.secrets:
        if any(secret in each for each in kept):
            yield f"a secret was kept: {secret[:6]}..."


def _law(text: str, service: str) -> Law:
    rules = YAML(typ="safe").load(text)["services"][service]["environments"]["production"]
    approvals = rules["approvals"]
    number, unit = HOURS.fullmatch(approvals["expires"]).groups()  # type: ignore[union-attr]
    return Law(
        count=approvals["count"],
        groups=tuple(approvals["from"]),
        exclude=tuple(approvals["exclude"]),
        expires=timedelta(hours=int(number) * (24 if unit == "d" else 1)),
        checks=tuple(each if isinstance(each, str) else each["name"] for each in rules["checks"]),
        items=tuple(rules.get("checklist", {}).get("before", ())),
    )
