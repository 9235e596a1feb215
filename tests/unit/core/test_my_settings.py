"""What a person chooses, what rings for whom, and which ends they hear of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.core.calls import Call
from bot.core.effects import Announcement, Notice, ShowHome, Tell, TellEnd, TellLater, may_wait
from bot.core.errors import UserError
from bot.core.lifecycle import ENDS, State
from bot.core.my_settings import (
    NIGHT,
    USUAL,
    Change,
    Mentions,
    MySettings,
    OwnEnds,
    QuietFrom,
    QuietHours,
    QuietSwitch,
    QuietUntil,
    changed,
    said,
)
from bot.core.own_ends import Ending, ending_of, hears_of, still_news
from bot.core.quiet_hours import quiet_until
from bot.core.ringing import Reader, call_of, mentioned_in, named, rings
from bot.core.text import Mention, Text, line
from bot.core.values import SLIPWAY, DeploymentId, Kind
from tests.fakes.samples import LINUS, NOON, actor, in_state, wish

BUSY = QuietHours(time(21), time(6, 30))


@pytest.mark.parametrize(
    ("change", "after", "told"),
    [
        (Mentions.NEEDED, MySettings(mentions=Mentions.NEEDED), ("mentions", "needed")),
        (OwnEnds.ALWAYS, MySettings(ends=OwnEnds.ALWAYS), ("own ends", "always")),
        (QuietSwitch.ON, MySettings(quiet=NIGHT), ("quiet hours", "on")),
        (QuietSwitch.OFF, USUAL, ("quiet hours", "off")),
        (
            QuietFrom(time(21)),
            MySettings(quiet=replace(NIGHT, starts=time(21))),
            ("quiet hours from", "21:00"),
        ),
        (QuietUntil(time(6)), MySettings(quiet=replace(NIGHT, ends=time(6))), ("quiet hours until", "06:00")),
    ],
)
def test_each_change_changes_one_thing(change: Change, after: MySettings, told: tuple[str, str]) -> None:
    assert changed(USUAL, change) == after
    assert said(change) == told


def test_to_switch_them_on_again_keeps_the_times() -> None:
    kept = MySettings(Mentions.NEVER, OwnEnds.FAILURES, BUSY)
    assert changed(kept, QuietSwitch.ON) == kept
    assert changed(kept, QuietFrom(time(20))).quiet == replace(BUSY, starts=time(20))


@pytest.mark.parametrize("change", [QuietFrom(time(6, 30)), QuietUntil(time(21))])
def test_hours_that_are_none_or_all_are_refused(change: Change) -> None:
    with pytest.raises(UserError, match="begin and end"):
        changed(MySettings(quiet=BUSY), change)


def at(hour: int, minute: int = 0, day: int = 10, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_over_midnight_and_by_their_own_clock() -> None:
    """In June Berlin is two hours ahead."""
    for now in (at(20), at(23), at(0, day=11), at(4, 59, day=11)):
        assert quiet_until(NIGHT, "Europe/Berlin", now) == at(5, day=11), now
    for now in (at(19, 59), at(5, day=11), at(12, day=11)):
        assert quiet_until(NIGHT, "Europe/Berlin", now) is None, now


def test_within_one_day() -> None:
    lunch = QuietHours(time(12), time(13))
    assert quiet_until(lunch, "UTC", at(12, 30)) == at(13)
    assert quiet_until(lunch, "UTC", at(11, 59)) is None
    assert quiet_until(lunch, "UTC", at(13)) is None


def test_where_clocks_are_turned() -> None:
    """On 25 October 2026 Berlin shows 02:00 to 03:00 twice; on 29 March it never does."""
    early = QuietHours(time(1), time(2, 30))
    twice = [at(0, 15, 25, 10), at(0, 45, 25, 10), at(1, 15, 25, 10)]  # 02:15, 02:45 and 02:15 again
    assert [quiet_until(early, "Europe/Berlin", each) for each in twice] == [at(1, 30, 25, 10)] * 3
    assert quiet_until(early, "Europe/Berlin", at(1, 30, 25, 10)) is None
    assert quiet_until(early, "Europe/Berlin", at(0, 59, 29, 3)) == at(1, 0, 29, 3)
    assert quiet_until(early, "Europe/Berlin", at(1, 0, 29, 3)) is None


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc", "Europe"])
def test_an_odd_zone_counts_as_utc(zone: str) -> None:
    assert quiet_until(NIGHT, zone, at(23)) == at(7, day=11)


RINGS = {  # by call: for whoever says always, needed, never; then the same in quiet hours
    Call.NEWS: (True, False, False, False, False, False),
    Call.TASK: (True, True, False, False, False, False),
    Call.DECISION: (True, True, False, False, False, False),
    Call.URGENT: (True, True, False, True, True, False),
}


@pytest.mark.parametrize("call", Call)
def test_for_whom_it_rings(call: Call) -> None:
    readers = [Reader(MySettings(mentions=each), quiet) for quiet in (False, True) for each in Mentions]
    assert tuple(rings(call, each) for each in readers) == RINGS[call]


ALONE, BO = Mention("U1", "Ada", notify=True), Mention("U3", "Bo")
BOTH: Text = line(ALONE, " and ", Mention("U2", "Linus", notify=True), BO)
DEAF = Reader(MySettings(mentions=Mentions.NEVER))
ASLEEP = Reader(quiet=True)


def test_who_does_not_want_it_stands_there_by_name() -> None:
    assert mentioned_in(BOTH) == {"U1", "U2"}
    assert named(BOTH, Call.NEWS, {}) == BOTH
    quiet = named(BOTH, Call.NEWS, {"U1": DEAF, "U2": ASLEEP})
    assert mentioned_in(quiet) == frozenset()
    assert quiet.plain() == BOTH.plain()
    assert mentioned_in(named(BOTH, Call.DECISION, {"U1": DEAF})) == {"U2"}


@pytest.mark.parametrize("call", Call)
def test_what_nobody_else_hears_is_never_hidden(call: Call) -> None:
    everybody = {"U1": DEAF, "U2": DEAF}
    kept = call in (Call.DECISION, Call.URGENT)
    assert mentioned_in(named(BOTH, call, everybody)) == ({"U1", "U2"} if kept else frozenset())
    assert bool(mentioned_in(named(line(ALONE), call, {"U1": ASLEEP}))) is kept


@pytest.mark.parametrize("what", Announcement)
def test_every_announcement_is_one_call(what: Announcement) -> None:
    plain, emergency = in_state(State.FAILED), in_state(State.FAILED, wish=wish(emergency=True))
    order = list(Call)
    assert order.index(call_of(emergency, what)) >= order.index(call_of(plain, what))


def test_a_way_back_that_failed_does_not_wait() -> None:
    back = in_state(State.FAILED, wish=wish(kind=Kind.ROLLBACK))
    assert call_of(back, Announcement.FAILED) is Call.URGENT
    assert call_of(replace(back, state=State.REFUSED), Announcement.FAILED) is Call.NEWS
    assert call_of(in_state(State.FAILED), Announcement.FAILED) is Call.NEWS


@pytest.mark.parametrize("state", State)
def test_every_end_is_one_of_three(state: State) -> None:
    assert (ending_of(state) is not None) is (state in ENDS)


def hears(state: State, ends: OwnEnds, **changes: object) -> bool:
    return hears_of(in_state(state, **changes), MySettings(ends=ends))


def test_which_ends_they_hear_of() -> None:
    assert [hears(State.FAILED, each) for each in OwnEnds] == [False, True, True]
    assert [hears(State.SUCCEEDED, each) for each in OwnEnds] == [False, False, True]
    assert not hears(State.RUNNING, OwnEnds.ALWAYS)
    assert not hears(State.FAILED, OwnEnds.ALWAYS, requested_by=SLIPWAY)


def test_what_they_stopped_themselves_they_know() -> None:
    mine = {"requested_by": actor(LINUS)}
    assert not hears(State.CANCELLED, OwnEnds.ALWAYS, **mine, cancelled_by=actor(LINUS))
    assert hears(State.CANCELLED, OwnEnds.ALWAYS, **mine, cancelled_by=SLIPWAY)
    assert hears(State.FAILED, OwnEnds.ALWAYS, **mine, cancelled_by=actor(LINUS))
    assert ending_of(State.CANCELLED) is Ending.STOPPED


def test_of_several_ends_at_one_place_the_last_counts() -> None:
    first = in_state(State.FAILED, ended_at=NOON)
    mended = in_state(State.SUCCEEDED, number=8, ended_at=NOON + timedelta(hours=1))
    other = in_state(State.FAILED, number=6, wish=wish(environment="production"), ended_at=NOON)
    assert still_news([mended, first, other]) == (other, mended)


def test_what_waits_for_the_end_of_quiet_hours() -> None:
    told = Tell("U1", line("Your lock was broken."))
    assert may_wait(told) == "U1"
    assert may_wait(replace(told, call=Call.URGENT)) is None
    assert may_wait(Tell("C0DEPLOYS1", line("For all."))) is None
    assert may_wait(TellEnd(DeploymentId("one"), "U2")) == "U2"
    assert may_wait(TellLater("U2")) == "U2"
    assert may_wait(Notice("C1", line("x"))) is None
    assert may_wait(ShowHome("U1")) is None
