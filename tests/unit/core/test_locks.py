"""What a lock covers, whom it keeps out, what its gate says, and who may lock and break."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from bot.core.catalog import Catalog, Channels, Environment
from bot.core.errors import Bug, Denied, UserError
from bot.core.gates.lock import LOCK
from bot.core.gates.model import FactKind, GateState, Known, Unreadable, Verdict, passes
from bot.core.lock_words import place_value, read_place, scope_of
from bot.core.locks import Held, Lock, Scope, against
from bot.core.mending import Bearing, Kin, Quarantined
from bot.core.people import Who
from bot.core.policy import Permission, authorise_scope
from bot.core.quarantine import Quarantine
from bot.core.rules import Right, Rights
from bot.core.values import SLIPWAY, Kind, Person
from tests.fakes.locks import locked
from tests.fakes.samples import (
    ADA,
    GUEST,
    LINUS,
    NOON,
    OWNERS,
    SHA_B,
    SHA_C,
    SRE,
    actor,
    catalog,
    frozen,
    policy,
    service,
    wish,
)

EVERYTHING, API, STAGING, API_STAGING = Scope(), Scope("api"), Scope(None, "staging"), Scope("api", "staging")
WEB, API_PRODUCTION = Scope("web", "staging"), Scope("api", "production")
SCOPES = (EVERYTHING, API, STAGING, API_STAGING, WEB, API_PRODUCTION)
COVERS = {
    *((EVERYTHING, each) for each in SCOPES),
    *((each, each) for each in SCOPES),
    (API, API_STAGING),
    (API, API_PRODUCTION),
    (STAGING, API_STAGING),
    (STAGING, WEB),
}
HOUR = timedelta(hours=1)


HOLD = Lock("h1", API_STAGING, SLIPWAY, "after rollback #9", NOON, NOON + HOUR, spares=SHA_C)
LEFT = Quarantine("q1", API, SHA_C, "v1.4.2", SLIPWAY, "rolled back by #9", NOON)


NOTHING_KEPT_OUT = Known(Quarantined(), NOON)


def kin(bearing: Bearing, of: Quarantine = LEFT) -> Known:
    return Known(Quarantined((Kin(of, bearing),)), NOON)


def judged(
    *locks: Lock,
    at: datetime = NOON,
    breakers: Who = (),
    kind: Kind = Kind.DEPLOY,
    kept_out: Known | Unreadable = NOTHING_KEPT_OUT,
) -> Verdict:
    """Linus wants api in staging."""
    rights = Rights(((Right.BREAK_LOCK, breakers),))
    facts = {FactKind.LOCKS: Known(Held(locks), NOON), FactKind.QUARANTINES: kept_out}
    wants = frozen(requested_by=actor(LINUS), wish=wish(kind=kind))
    return LOCK.judge(wants, policy(rights=rights, owners=(OWNERS,)), facts, at)


def test_the_hold_after_a_rollback_says_what_it_does_not_stop() -> None:
    verdict = judged(HOLD, breakers=(SRE,))
    assert verdict.state is GateState.WAITING
    assert verdict.what == "Slipway has locked api in staging."
    assert "“after rollback #9”" in verdict.why
    assert "payments can end it with `/unlock api staging`, sre can break it." in verdict.next
    assert "A release that mends what was rolled back does not wait for it." in verdict.next
    assert verdict.who == "payments, sre"
    assert passes(judged(HOLD, at=NOON + HOUR)), "it ends by itself"


def test_it_stops_no_other_rollback() -> None:
    verdict = judged(HOLD, kind=Kind.ROLLBACK)
    assert passes(verdict)
    assert verdict.what == "The hold after a rollback stops no other rollback."
    assert not passes(judged(HOLD, locked(API), kind=Kind.ROLLBACK)), "what a person locked does"


@pytest.mark.parametrize("bearing", Bearing)
def test_only_what_mends_the_release_that_left_goes(bearing: Bearing) -> None:
    verdict = judged(HOLD, kept_out=kin(bearing))
    assert passes(verdict) is (bearing is Bearing.MENDED)
    assert verdict.seen == (("h1",) if bearing is Bearing.MENDED else ())
    assert not passes(judged(HOLD, locked(API), kept_out=kin(bearing))), "what a person locked holds"


def test_a_fix_of_something_else_waits_and_so_does_what_nobody_can_read() -> None:
    assert not passes(judged(HOLD, kept_out=kin(Bearing.MENDED, replace(LEFT, sha=SHA_B))))
    assert not passes(judged(HOLD, kept_out=Unreadable("nobody answers")))
    with pytest.raises(Bug):
        judged(HOLD, kept_out=Known(False, NOON))


@pytest.mark.parametrize(("one", "other"), list(product(SCOPES, SCOPES)), ids=str)
def test_what_covers_and_meets_what(one: Scope, other: Scope) -> None:
    assert one.covers(other) is ((one, other) in COVERS)
    meets = any(one.covers(each) and other.covers(each) for each in (API_STAGING, WEB, API_PRODUCTION))
    assert one.meets(other) is other.meets(one) is meets


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_the_gate_keeps_others_out_of_what_is_covered(scope: Scope) -> None:
    assert passes(judged(locked(scope))) is not scope.covers(API_STAGING)
    assert passes(judged(locked(scope, actor(LINUS))))


def test_the_gate_says_who_why_since_and_until_and_who_can_end_it() -> None:
    verdict = judged(locked(STAGING, lasts=HOUR), breakers=(SRE,))
    assert verdict.state is GateState.WAITING
    assert verdict.what == "Ada has locked every service in staging."
    for told in ("incident 4711", "from 2026-03-02 12:00 UTC", "until 2026-03-02 13:00 UTC"):
        assert told in verdict.why
    assert "`/unlock staging`" in verdict.next
    assert verdict.who == "Ada, sre"
    assert "until it is unlocked" in judged(locked(API)).why
    assert judged(locked(API)).who == "Ada"


def test_what_tells_of_no_locks_opens_nothing() -> None:
    with pytest.raises(Bug):
        LOCK.judge(
            frozen(),
            policy(),
            {FactKind.LOCKS: Known(False, NOON), FactKind.QUARANTINES: NOTHING_KEPT_OUT},
            NOON,
        )


def test_a_lock_that_is_past_its_end_is_none() -> None:
    lock = locked(API_STAGING, lasts=HOUR)
    assert not passes(judged(lock, at=NOON + HOUR - timedelta(microseconds=1)))
    assert passes(judged(lock, at=NOON + HOUR))


def test_the_owner_of_one_lock_still_waits_for_that_of_another() -> None:
    assert not passes(judged(locked(API_STAGING, actor(LINUS)), locked(EVERYTHING)))
    assert "holds the lock" in judged(locked(API, actor(LINUS))).what


def test_the_longest_lock_is_named_first() -> None:
    short, long, endless = (locked(API, lasts=HOUR), locked(STAGING, lasts=2 * HOUR), locked(EVERYTHING))
    found = against((short, endless, long), actor(LINUS), API_STAGING, NOON)
    assert found == (endless, long, short)


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_a_button_carries_its_place(scope: Scope) -> None:
    assert read_place(place_value(scope)) == scope


@pytest.mark.parametrize("text", ["", "x", "1", "[]", "null", '{"s":1,"e":null}', '{"s":"api"}', "[" * 9999])
def test_a_button_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="not one of ours"):
        read_place(text)


def test_the_places_that_words_mean() -> None:
    known = catalog()
    assert scope_of(known, "lock", False, "api", "staging") == API_STAGING
    assert scope_of(known, "lock", True, None, None) == EVERYTHING
    with pytest.raises(UserError, match="What do you want to lock"):
        scope_of(known, "lock", False, None, None)
    with pytest.raises(UserError, match="can't both be meant"):
        scope_of(known, "lock", True, None, "staging")
    with pytest.raises(UserError, match="no `production` of `web`"):
        scope_of(known, "lock", False, "web", "production")


@pytest.mark.parametrize(
    ("person", "scope", "may"),
    [
        (LINUS, API_STAGING, True),
        (LINUS, API, False),  # its production is for the SRE group
        (LINUS, STAGING, True),
        (LINUS, EVERYTHING, False),
        (ADA, EVERYTHING, True),
        (GUEST, API_STAGING, False),
    ],
)
def test_who_locks_must_be_allowed_to_in_each_place(person: Person, scope: Scope, may: bool) -> None:
    known = Catalog((service(), service("web", Environment("staging", policy()))), Channels(default="#d"))
    if may:
        assert authorise_scope(Permission.LOCK, person, known, scope).source
    else:
        with pytest.raises(Denied, match="You can't lock api in"):
            authorise_scope(Permission.LOCK, person, known, scope)


def test_a_wide_lock_names_nothing_that_is_hidden() -> None:
    hidden = service("vault", Environment("production", policy(who=(SRE,))), visible_to=(SRE,))
    known = Catalog((service("api", Environment("production", policy())), hidden), Channels(default="#d"))
    with pytest.raises(Denied) as refused:
        authorise_scope(Permission.LOCK, LINUS, known, Scope(None, "production"))
    assert "so widely" in refused.value.what
    assert "vault" not in str(refused.value)


def test_breaking_takes_the_right_of_every_place() -> None:
    granted = Rights(((Right.BREAK_LOCK, (SRE,)),))
    places = (Environment("staging", policy(rights=granted)), Environment("production", policy()))
    known = Catalog((service("api", *places),), Channels(default="#d"), rights=granted)
    assert authorise_scope(Permission.BREAK_LOCK, ADA, known, API_STAGING).source == "sre"
    with pytest.raises(Denied, match="You can't break locks on api in production"):
        authorise_scope(Permission.BREAK_LOCK, ADA, known, API)
    with pytest.raises(Denied, match="You can't break locks on api in staging"):
        authorise_scope(Permission.BREAK_LOCK, LINUS, known, API_STAGING)
