"""Which card an alert belongs on, when it is over, and which places it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.alert_rules import AlertKeeper, AlertRule, AlertSource, overlap
from bot.core.alerts import Alert, shown
from bot.core.catalog import Environment
from bot.core.lifecycle import BEFORE_DISPATCH, ENDS, State
from bot.core.pinning import MOST, alerts_against, all_places, host, places, updates, watched
from bot.core.records import Attempt, Deployment
from tests.fakes.samples import NOON, catalog, in_state, pinned, policy, service

MAIN = AlertSource("main", "https://prometheus.test", AlertKeeper.PROMETHEUS)
RULE = AlertRule((("service", "backend"),), MAIN, timedelta(minutes=30), fails_verification=True)
LABELS = (("alertname", "HighErrorRate"), ("service", "backend"))


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def alert(since: float = 1, name: str = "HighErrorRate", **changes: Any) -> Alert:
    labels = (("alertname", name), ("service", "backend"))
    return replace(Alert(name, labels, later(since), "0.07", "7 % fail"), **changes)


def sent(state: State, number: int = 7, at: float = 0, ended: float | None = 3, **changes: Any) -> Deployment:
    """Sent at this minute after noon, and over at that one if its state is an end."""
    found = in_state(state, **changes)
    over = later(ended) if state in ENDS and ended is not None else None
    identity: Any = f"0195f000-0000-7000-8000-{number:012}"
    attempt = Attempt.FOUND
    return replace(found, id=identity, number=number, attempt=attempt, attempted_at=later(at), ended_at=over)


SENT_ENDS = sorted(ENDS)
UNDER_WAY = (State.DISPATCHING, State.RUNNING, State.CANCELLING, State.UNKNOWN)


def test_a_deployment_that_verifies_has_it() -> None:
    one = sent(State.VERIFYING)
    assert host(alert(), RULE, [one]) is one


@pytest.mark.parametrize("state", SENT_ENDS)
def test_one_that_was_sent_has_it_for_as_long_as_it_is_watched(state: State) -> None:
    one = sent(state, ended=3)
    assert host(alert(since=1), RULE, [one]) is one
    assert host(alert(since=33), RULE, [one]) is one
    assert host(alert(since=33.1), RULE, [one]) is None


def test_what_fired_before_it_was_sent_is_none_of_its_doing() -> None:
    assert host(alert(since=-0.1), RULE, [sent(State.VERIFYING)]) is None
    assert host(alert(since=0), RULE, [sent(State.VERIFYING)]) is not None
    older = sent(State.SUCCEEDED, 6, at=-20, ended=-18)
    assert host(alert(since=-0.1), RULE, [sent(State.VERIFYING), older]) is older


@pytest.mark.parametrize("state", UNDER_WAY)
def test_while_the_newest_is_under_way_nobody_knows(state: State) -> None:
    older = sent(State.SUCCEEDED, 6, at=-20, ended=-18)
    assert host(alert(), RULE, [sent(state), older]) is None


@pytest.mark.parametrize("state", sorted(BEFORE_DISPATCH))
def test_one_that_was_never_sent_hides_nothing(state: State) -> None:
    older = sent(State.SUCCEEDED, 6, at=-20, ended=-18)
    waiting = replace(in_state(state), number=8)
    assert host(alert(), RULE, [waiting, older]) is older
    assert host(alert(), RULE, [replace(in_state(State.REFUSED), ended_at=later(0.5)), older]) is older


def test_the_last_one_sent_has_it_whatever_its_number() -> None:
    early, late = sent(State.SUCCEEDED, 9, at=0, ended=1), sent(State.SUCCEEDED, 8, at=2, ended=3)
    assert host(alert(since=4), RULE, [early, late]) is late


def test_what_landed_past_us_has_it_too() -> None:
    landed = replace(in_state(State.BYPASSED), landed_at=later(0), ended_at=later(-60))
    assert host(alert(since=29), RULE, [landed]) is landed
    assert host(alert(since=31), RULE, [landed]) is None


def test_it_is_pinned_with_its_numbers_and_once() -> None:
    one = sent(State.VERIFYING)
    [made] = updates([alert()], RULE, [one], later(6))
    [kept] = made.alerts
    told = (kept.name, kept.value, kept.summary, kept.since)
    assert told == ("HighErrorRate", "0.07", "7 % fail", later(1))
    assert (kept.source, kept.seen_at, kept.fails, kept.fires) == ("main", later(6), True, True)
    assert made.first
    assert made.begun == (kept,)
    held = replace(one, alerts=made.alerts)
    assert updates([alert()], RULE, [held], later(7)) == ()
    assert alerts_against(held) == (kept,)


def test_when_its_source_says_nothing_of_it_it_is_over() -> None:
    held = sent(State.SUCCEEDED, alerts=(pinned(fingerprint=alert().fingerprint, fails=True),))
    [made] = updates([], RULE, [held], later(9))
    assert [each.resolved_at for each in made.alerts] == [later(9)]
    assert (made.begun, made.first, len(made.over)) == ((), False, 1)
    assert alerts_against(replace(held, alerts=made.alerts)) == ()


def test_one_that_comes_back_is_the_same_and_rings_no_more() -> None:
    over = pinned(fingerprint=alert().fingerprint, resolved_at=later(4))
    [made] = updates([alert(since=5)], RULE, [sent(State.SUCCEEDED, alerts=(over,))], later(6))
    [kept] = made.alerts
    assert (kept.fires, kept.since, made.first) == (True, later(5), False)


def test_it_stays_on_its_card_when_another_release_comes() -> None:
    held = sent(State.SUCCEEDED, 6, at=-9, ended=-8, alerts=(pinned(fingerprint=alert().fingerprint),))
    assert updates([alert(since=1)], RULE, [sent(State.VERIFYING), held], later(6)) == ()


def test_what_is_silenced_is_not_pinned_and_does_not_end() -> None:
    quiet = alert(silenced=True)
    one = sent(State.SUCCEEDED)
    assert updates([quiet], RULE, [one], later(6)) == ()
    held = replace(one, alerts=(pinned(fingerprint=quiet.fingerprint),))
    assert updates([quiet], RULE, [held], later(6)) == ()


def test_a_card_has_room_for_so_many() -> None:
    many = [alert(name=f"A{number}") for number in range(MOST + 3)]
    [made] = updates(many, RULE, [sent(State.VERIFYING)], later(6))
    assert len(made.alerts) == MOST


def test_what_is_over_gives_way_to_what_fires() -> None:
    many = [alert(name=f"A{number}") for number in range(MOST)]
    [full] = updates(many, RULE, [sent(State.VERIFYING)], later(6))
    crowded = replace(full.deployment, alerts=full.alerts)
    [over] = updates(many[1:], RULE, [crowded], later(7))
    quieter = replace(crowded, alerts=over.alerts)
    [made] = updates([*many[1:], alert(name="Another")], RULE, [quieter], later(8))
    assert len(made.alerts) == MOST
    assert all(each.fires for each in made.alerts)
    assert "Another" in {each.name for each in made.alerts}


def test_it_counts_by_either_policy() -> None:
    mild = replace(RULE, fails_verification=False)
    under = catalog(service("api", Environment("staging", policy(alerts=RULE))))
    strict = sent(State.VERIFYING, known=under)
    [made] = updates([alert()], mild, [strict], later(6))
    assert made.alerts[0].fails
    [made] = updates([alert()], mild, [sent(State.VERIFYING)], later(6))
    assert not made.alerts[0].fails


def test_what_others_wrote_is_one_line_that_hides_nothing() -> None:
    token = "ghp_" + "a" * 36
    odd = alert(name=" \n", summary=f"a\u202eb\n\x00 {token}", value="1" * 99)
    [made] = updates([odd], RULE, [sent(State.VERIFYING)], later(6))
    [kept] = made.alerts
    assert kept.name == "An alert without a name"
    assert kept.summary == "a\\u202eb \\u0000 [redacted]"
    assert len(kept.value) == 40
    assert shown("\ud800", 10) == "\\ud800"


def test_a_clock_that_is_ahead_makes_no_future() -> None:
    [made] = updates([alert(since=20)], RULE, [sent(State.VERIFYING)], later(6))
    assert made.alerts[0].since == later(6)


def test_another_look_is_worth_it_until_all_is_over() -> None:
    assert not watched(RULE, [], NOON)
    assert not watched(RULE, [in_state(State.WAITING)], NOON)
    assert watched(RULE, [sent(State.RUNNING)], later(600))
    assert watched(RULE, [sent(State.SUCCEEDED, ended=3)], later(33))
    assert not watched(RULE, [sent(State.SUCCEEDED, ended=3)], later(34))
    assert watched(RULE, [sent(State.SUCCEEDED, ended=3, alerts=(pinned(),))], later(600))
    over = pinned(resolved_at=later(4))
    assert not watched(RULE, [sent(State.SUCCEEDED, ended=3, alerts=(over,))], later(600))


def test_labels_lead_to_every_place_that_asks_for_no_others() -> None:
    rules = {
        "staging": replace(RULE, match=(("environment", "staging"), ("service", "backend"))),
        "production": RULE,
    }
    known = catalog(
        service("api", *(Environment(name, policy(alerts=rule)) for name, rule in rules.items())),
        service("web", Environment("staging", policy())),
    )
    assert places(known, LABELS) == (("api", "production"),)
    both = (("api", "staging"), ("api", "production"))
    assert places(known, (*LABELS, ("environment", "staging"))) == both
    assert places(known, (("service", "frontend"),)) == ()
    assert places(known, ()) == ()


def test_labels_overlap_unless_one_of_them_differs() -> None:
    assert overlap((("a", "1"),), (("b", "2"),))
    assert overlap((("a", "1"), ("b", "2")), (("a", "1"),))
    assert not overlap((("a", "1"), ("b", "2")), (("b", "3"),))


def test_a_fingerprint_is_of_the_labels_alone() -> None:
    assert alert(since=1).fingerprint == alert(since=2, value="9").fingerprint
    assert alert().fingerprint != alert(name="Other").fingerprint
    turned = replace(alert(), labels=tuple(reversed(alert().labels)))
    assert turned.fingerprint == alert().fingerprint
    tricky = [(("a", "1\nb='2'"),), (("a", "1"), ("b", "2"))]
    assert len({replace(alert(), labels=each).fingerprint for each in tricky}) == 2
    assert replace(alert(), labels=(("a", "\ud800"),)).fingerprint


class Compared(str):
    """A word that counts how often it is compared with others."""

    times = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Compared.times += 1
        return str.__eq__(self, other)


def test_in_a_storm_each_place_is_looked_up_once() -> None:
    """It would keep everybody else waiting, and Slack waits for three seconds."""
    rule = AlertRule((("service", "backend"), ("environment", "staging")), MAIN)
    known = catalog(service("api", Environment("staging", policy(alerts=rule))))
    here, name = ("environment", "staging"), ("service", Compared("backend"))
    told = [(here, ("instance", str(number)), name) for number in range(1000)]
    Compared.times = 0
    assert all_places(known, told) == ((("api", "staging"),),) * 1000
    assert Compared.times < 10
    other = (here, ("instance", "1"), ("service", "frontend"))
    assert all_places(known, [other, told[0], ()]) == ((), (("api", "staging"),), ())
