"""Which backup goes with a rollback, who may restore it, and that no release comes or goes with that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.asking import freeze
from bot.core.catalog import Environment, Policy
from bot.core.errors import UserError
from bot.core.falling_back import falls_back
from bot.core.gates.migrations import MIGRATIONS
from bot.core.gates.model import FactKind, Known, Verdict
from bot.core.gates.quarantine import QUARANTINE
from bot.core.gates.refs import REFS
from bot.core.gates.requester import REQUESTER
from bot.core.going_back import TakenBack
from bot.core.lifecycle import State
from bot.core.line import goes_before
from bot.core.locks import Scope
from bot.core.mending import Bearing, Kin, Quarantined
from bot.core.overrides import Overridable, Override
from bot.core.pinning import sent_at
from bot.core.policy_version import policy_of
from bot.core.quarantine import Quarantine
from bot.core.records import Attempt, Deployment
from bot.core.request import canonical_json
from bot.core.restorable import Restorable
from bot.core.restore_words import database_text, offers_restore
from bot.core.restoring import on_record, restorable
from bot.core.rolling_back import under
from bot.core.rules import Right, Rights, RollbackPlan
from bot.core.run_reports import Backup, Reported, RunReport
from bot.core.superseding import takes_turns
from bot.core.targets import Arrival
from bot.core.values import DeploymentId, Kind, Person
from bot.core.verdicts import GateState
from tests.fakes.records import Records
from tests.fakes.samples import (
    ADA,
    LINUS,
    NOON,
    PIPELINE,
    SHA_A,
    SRE,
    TEAM,
    actor,
    catalog,
    frozen,
    in_state,
    policy,
    resolution,
    service,
    wish,
)

HOUR = timedelta(hours=1)
RESTORE = replace(PIPELINE, workflow="restore.yml", inputs=(("backup", "{backup}"),), accepts=())
BOTH = Rights(((Right.OVERRIDE_MIGRATIONS, (SRE,)),))
GRACE = Person("U0GRACE001", "Grace", NOON, groups=frozenset({"sre"}))


def backup(number: int) -> Backup:
    return Backup(f"b-{number}", NOON + number * HOUR)


def there(number: int, *, made: bool = False, migrates: bool = False, **changes: object) -> Deployment:
    """One that got there."""
    paths = ("db/migrations/7.sql",) if migrates else ()
    found = in_state(
        State.SUCCEEDED,
        id=DeploymentId(f"there-{number}"),
        number=number,
        resolution=resolution(migrations=paths),
        reported=Reported(RunReport(backup=backup(number))) if made else None,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ([], None),
        ([there(1, made=True)], None),
        ([there(1, migrates=True)], Restorable(1)),
        ([there(1, made=True, migrates=True)], Restorable(1, backup(1), 1)),
        ([there(1, made=True), there(2, migrates=True)], Restorable(2, backup(1), 1)),
        ([there(1, made=True), there(2, made=True, migrates=True)], Restorable(2, backup(2), 2)),
        (
            [there(1, made=True, migrates=True), there(2, made=True, migrates=True)],
            Restorable(1, backup(1), 1),
        ),
        ([there(1, migrates=True), there(2, made=True, migrates=True)], Restorable(1)),
        ([there(1, made=True, state=State.FAILED, migrates=True)], Restorable(1, backup(1), 1)),
        ([there(1, resolution=resolution(truncated=True))], Restorable(1)),
        ([there(1, reported=Reported(RunReport(migrations=("0007",))))], Restorable(1)),
        (
            [there(1, made=True), there(2, reported=Reported(said="broken"), migrates=True)],
            Restorable(2, backup(1), 1),
        ),
    ],
    ids=[
        "nothing",
        "no migration",
        "no backup",
        "its own",
        "one before it",
        "the later of two",
        "not of the second migration",
        "too late",
        "of one that failed",
        "paths cut off",
        "by its own word",
        "a report that is broken",
    ],
)
def test_the_last_backup_without_any_of_these_migrations(
    since: list[Deployment], found: Restorable | None
) -> None:
    assert restorable(since) == found


async def test_it_counts_from_the_release_that_comes_back() -> None:
    rows = [there(1, made=True, migrates=True), there(2), there(3, made=True, migrates=True), there(4)]
    arrivals = [Arrival(each.id, each.number, Kind.DEPLOY, each.state, SHA_A, NOON) for each in rows]
    found = await on_record(Records(rows), TEAM, arrivals, arrivals[1])
    assert found == Restorable(3, backup(3), 3)
    assert await on_record(Records(rows), TEAM, arrivals, arrivals[3]) is None


def guarded(**changes: object) -> Policy:
    return policy(restore=RESTORE, rights=BOTH, migrations=("db/**",), **changes)


def back(state: State = State.SUCCEEDED, found: Restorable | None = None, **changes: object) -> Deployment:
    """A rollback over a migration."""
    known = Environment("staging", guarded(**changes))
    made = in_state(state, wish=wish(kind=Kind.ROLLBACK, restores=found or Restorable(2, backup(1), 1)))
    return replace(made, policy=canonical_json(policy_of(service("api", known), known)).decode())


def restore(**changes: Any) -> Deployment:
    """Ada wants the database back."""
    place = under(Environment("staging", guarded()), Kind.RESTORE)
    known = catalog(service("api", place))
    asked = wish(kind=Kind.RESTORE, inputs=(), restores=Restorable(2, backup(1), 1))
    alone = resolution(base_sha=None, changes=(), compare_url="")
    return frozen(known=known, wish=asked, requested_by=actor(ADA), resolution=alone, **changes)


def test_the_request_names_exactly_that_backup() -> None:
    request = restore().request
    assert request is not None
    assert request.inputs == (("backup", "b-1"),)
    assert (request.workflow, request.kind) == ("restore.yml", Kind.RESTORE)


def test_a_rollback_by_a_pipeline_that_restores_is_told_the_backup_and_refused_without_one() -> None:
    plan = RollbackPlan(
        pipeline=replace(PIPELINE, accepts=(), inputs=(("to", "{sha}"), ("from", "{backup}")))
    )
    place = under(Environment("staging", policy(rollback=plan)), Kind.ROLLBACK)
    asked = frozen(wish=wish(kind=Kind.ROLLBACK, inputs=(), restores=Restorable(2, backup(1), 1)))
    assert asked.resolution is not None
    made = freeze(asked, asked.resolution, service("api", place), place, NOON)
    assert made.inputs == (("from", "b-1"), ("to", SHA_A))
    for restores, why in ((Restorable(2), "before the migrations of #2"), (None, "No migration")):
        bare = replace(asked, wish=replace(asked.wish, restores=restores))
        with pytest.raises(UserError, match=why):
            freeze(bare, asked.resolution, service("api", place), place, NOON)


@pytest.mark.parametrize("state", State)
def test_only_what_went_back_or_is_held_by_the_rule_offers_it(state: State) -> None:
    closed = (Verdict(MIGRATIONS.name, GateState.WAITING, "Closed."),)
    assert offers_restore(back(state)) is (state is State.SUCCEEDED)
    held = state in (State.SUCCEEDED, State.WAITING, State.REFUSED)
    assert offers_restore(replace(back(state), verdicts=closed)) is held or state is State.REQUESTED


def test_nothing_else_offers_it() -> None:
    assert not offers_restore(back(found=Restorable(2)))
    plain = back()
    assert not offers_restore(replace(plain, wish=replace(plain.wish, kind=Kind.DEPLOY)))
    assert not offers_restore(replace(plain, wish=replace(plain.wish, restores=None)))
    assert not offers_restore(frozen(State.SUCCEEDED, wish=plain.wish))  # the catalog names no pipeline


def test_what_is_said_of_it() -> None:
    said = database_text(Restorable(2, backup(1), 1), NOON + 4 * HOUR).plain()
    assert said == (
        "Database: backup `b-1`, made by #1 at 2026-03-02 13:00 UTC before #2's migrations, 3h ago."
        " What was written since then would be lost."
    )
    assert "before its migrations" in database_text(Restorable(1, backup(1), 1)).plain()
    assert "no backup from before the migrations of #2 is on record" in database_text(Restorable(2)).plain()
    assert database_text(None).lines == ()


def judged(deployment: Deployment, *people: Person) -> Verdict:
    facts = {FactKind.TAKEN_BACK: Known(TakenBack(), NOON), FactKind.LIFTERS: Known(people, NOON)}
    return MIGRATIONS.judge(deployment, guarded(), facts, NOON)


def test_it_takes_a_second_person() -> None:
    asked = restore()
    verdict = judged(asked)
    assert verdict.state is GateState.WAITING
    assert "backup b-1, made by #1" in verdict.what
    assert "other than Ada" in verdict.next

    def spoken(person: Person, held: tuple[str, ...] = verdict.held) -> Deployment:
        word = Override(Overridable.MIGRATIONS, person.id, person.name, asked.digest or "", NOON, "so", held)
        return replace(asked, overrides=(word,))

    assert judged(spoken(ADA), ADA).state is GateState.WAITING
    assert judged(spoken(LINUS), LINUS).state is GateState.WAITING
    assert judged(spoken(GRACE, ("another backup",)), GRACE).state is GateState.WAITING
    assert judged(spoken(GRACE), GRACE).state is GateState.OVERRIDDEN


@pytest.mark.parametrize(("person", "state"), [(ADA, GateState.OPEN), (LINUS, GateState.REFUSED)])
def test_whoever_asked_needs_the_right_until_it_starts(person: Person, state: GateState) -> None:
    verdict = REQUESTER.judge(restore(), guarded(), {FactKind.REQUESTER: Known(person, NOON)}, NOON)
    assert verdict.state is state


def test_what_concerns_releases_does_not_concern_it() -> None:
    asked, now = restore(), {FactKind.REACHABLE: Known(False, NOON)}
    assert REFS.judge(asked, guarded(refs=()), now, NOON).state is GateState.OPEN
    kept = Quarantine("q1", Scope("api"), SHA_A, "main", actor(ADA), "broken", NOON)
    facts = {
        FactKind.QUARANTINES: Known(Quarantined((Kin(kept, Bearing.ITSELF),)), NOON),
        FactKind.LIFTERS: Known((), NOON),
    }
    verdict = QUARANTINE.judge(asked, guarded(), facts, NOON)
    assert (verdict.state, verdict.seen) == (GateState.OPEN, ("q1",))
    assert not takes_turns(asked.wish)
    assert sent_at(replace(asked, attempt=Attempt.SENT, attempted_at=NOON)) is None
    assert not falls_back(back())
    automatic = guarded(rollback=RollbackPlan(automatic=True))
    place = Environment("staging", automatic)
    stored = canonical_json(policy_of(service("api", place), place)).decode()
    assert not falls_back(replace(asked, policy=stored))
    assert falls_back(replace(frozen(), policy=stored))


def test_it_passes_those_that_only_wait() -> None:
    waits = frozen(number=3)
    assert goes_before(replace(restore(), number=9), waits)
    assert not goes_before(waits, replace(restore(), number=9))


def test_nothing_is_measured_afterwards_and_what_runs_stays() -> None:
    place = under(Environment("staging", guarded(checks=())), Kind.RESTORE)
    assert place.policy.verify == ()
    assert place.policy.pipeline == RESTORE
    assert place.policy.alerts is None
