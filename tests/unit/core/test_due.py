"""When a deployment is to start, from what people write, also where clocks are turned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.due import FURTHEST, GRACE, Due, in_full, read_due, reads_as_time
from bot.core.errors import UserError
from bot.core.expiring import expired
from bot.core.lifecycle import State
from tests.fakes.samples import NOON, frozen, in_state, wish

LONDON = "Europe/London"
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MONDAY = at("2026-03-02 12:00")  # a Monday, 14:00 in Helsinki


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("13:00", "2026-03-03 11:00"),  # in Helsinki it is past that already
        ("15:00", "2026-03-02 13:00"),
        ("14:00", "2026-03-03 12:00"),  # this very minute is not later
        ("tomorrow 09:00", "2026-03-03 07:00"),
        ("today 3pm", "2026-03-02 13:00"),
        ("today 3 PM", "2026-03-02 13:00"),
        ("noon", "2026-03-03 10:00"),
        ("tuesday noon", "2026-03-03 10:00"),
        ("tue 9am", "2026-03-03 07:00"),
        ("monday 9am", "2026-03-09 07:00"),
        ("monday 15:00", "2026-03-02 13:00"),
        ("next monday 15:00", "2026-03-09 13:00"),
        ("next friday 15:00", "2026-03-06 13:00"),
        ("2026-04-01 14:00", "2026-04-01 11:00"),  # in summer
        ("tomorrow 09:00 UTC", "2026-03-03 09:00"),
        ("tomorrow 09:00 europe/london", "2026-03-03 09:00"),
        ("next monday 9 am America/New_York", "2026-03-09 13:00"),
        ("tomorrow 09:00 Japan", "2026-03-03 00:00"),
        ("tuesday 9 am cet", "2026-03-03 08:00"),
    ],
)
def test_what_a_time_means(text: str, due: str) -> None:
    assert reads_as_time(text)
    assert read_due(text, MONDAY, "Europe/Helsinki").at == at(due)


@pytest.mark.parametrize(
    "text",
    [
        "", "9", "soon", "tomorrow", "monday", "09:00 v1.4.1", "production 09:00", "2026-13-01 09:00",
        "25:00", "2026-02-29 09:00", "tomorrow 09:00 main", "someday 09:00", "next tomorrow 09:00",
        "m 9am", "day 9am",
    ],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    assert not reads_as_time(text)
    with pytest.raises(UserError, match="is no time") as refused:
        read_due(text, MONDAY, LONDON)
    assert "09:00" in refused.value.next


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("today 09:00", "Mon 2 Mar 2026, 09:00 (Europe/London) has passed."),
        ("2026-03-01 09:00", "has passed"),
        ("2027-03-01 09:00", "too far away"),
        ("9999-12-31 23:00 America/New_York", "too far away"),
        ("9999-12-31 23:00 UTC", "too far away"),
        ("0001-01-01 00:00 Asia/Tokyo", "has passed"),
        ("0001-01-01 00:00 UTC", "has passed"),
        ("09:00 Europe/Londn", "Did you mean `Europe/London`?"),
    ],
)
def test_a_time_that_can_not_be_meant(text: str, says: str) -> None:
    with pytest.raises(UserError) as refused:
        read_due(text, MONDAY, LONDON)
    assert says in str(refused.value)
    assert refused.value.next


@pytest.mark.parametrize(
    ("text", "due", "said"),
    [
        # 29 March, 01:00 to 02:00 does not exist in London
        ("2026-03-29 00:59", "2026-03-29 00:59", "Sun 29 Mar 2026, 00:59 (Europe/London)"),
        ("2026-03-29 01:30", "2026-03-29 01:00", "Sun 29 Mar 2026, 02:00 (Europe/London)"),
        ("2026-03-29 02:00", "2026-03-29 01:00", "Sun 29 Mar 2026, 02:00 (Europe/London)"),
        ("2026-03-29 09:00", "2026-03-29 08:00", "Sun 29 Mar 2026, 09:00 (Europe/London)"),
    ],
)
def test_a_time_that_is_skipped_is_the_turn_itself(text: str, due: str, said: str) -> None:
    found = read_due(text, MONDAY, LONDON)
    assert (found.at, found.said) == (at(due), said)


def test_a_time_that_comes_twice_is_taken_the_first_time() -> None:
    autumn = at("2026-10-24 12:00")
    assert read_due("tomorrow 01:30", autumn, LONDON).at == at("2026-10-25 00:30")
    assert read_due("tomorrow 02:00", autumn, LONDON).at == at("2026-10-25 02:00")
    assert read_due("tomorrow 09:00", autumn, LONDON).at - autumn == timedelta(
        hours=21
    )  # 09:00 is an hour later


def test_a_zone_that_nobody_knows_is_none() -> None:
    assert read_due("13:00", MONDAY, "Mars/Olympus") == Due(at("2026-03-02 13:00"), "UTC")


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("2026-03-09 09:00 Europe/London", True),
        ("2026-03-09 9am utc", True),
        ("2026-03-09 09:00", False),
        ("tomorrow 09:00 Europe/London", False),
        ("09:00", False),
        ("nonsense", False),
    ],
)
def test_when_nothing_is_left_to_guess(text: str, full: bool) -> None:
    assert in_full(text) is full


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"]
    ),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
    st.times(),
)
@example("Europe/London", datetime(2026, 3, 28, 23, 59), datetime(2026, 1, 1, 1, 30).time())  # noqa: DTZ001
@example("Europe/London", datetime(2026, 10, 25, 0, 45), datetime(2026, 1, 1, 1, 30).time())  # noqa: DTZ001
@example("America/Santiago", datetime(2026, 9, 5, 20, 0), datetime(2026, 1, 1, 0, 30).time())  # noqa: DTZ001
def test_a_bare_time_is_the_next_minute_at_which_the_clock_shows_it_or_jumps_over_it(
    zone: str, now: datetime, clock: datetime
) -> None:
    now = now.replace(second=0, microsecond=0, tzinfo=UTC)
    due = read_due(f"{clock:%H:%M}", now, zone).at
    wanted = clock.strftime("%H:%M")
    seen: set[str] = set()
    minute = now
    while True:  # the oracle walks minute by minute and knows nothing but what the wall clock reads
        before, minute = minute, minute + MINUTE
        read, last = (each.astimezone(ZoneInfo(zone)) for each in (minute, before))
        jumped = (
            last.strftime("%Y-%m-%d %H:%M") < f"{read:%Y-%m-%d} {wanted}" < read.strftime("%Y-%m-%d %H:%M")
        )
        again = f"{read:%Y-%m-%d %H:%M}" in seen or read.fold == 1  # the second time in the same night
        if (read.strftime("%H:%M") == wanted and not again) or jumped:
            break
        seen.add(f"{read:%Y-%m-%d %H:%M}")
    assert due == minute


@given(st.datetimes(datetime(2026, 3, 3), datetime(2026, 5, 1)), st.sampled_from([LONDON, "Asia/Kolkata"]))  # noqa: DTZ001
def test_what_is_written_reads_the_same_again(moment: datetime, zone: str) -> None:
    due = Due(moment.replace(second=0, microsecond=0, tzinfo=UTC), zone)
    assert in_full(due.written)
    assert read_due(due.written, MONDAY, "UTC") == due


def test_what_is_written_is_read_again_in_every_zone() -> None:
    for zone in available_timezones():  # many have no slash
        due = Due(at("2026-03-20 12:00"), zone)
        assert in_full(due.written), zone
        assert read_due(due.written, MONDAY, LONDON) == due


def test_it_does_not_run_past_its_grace() -> None:
    due = Due(NOON, LONDON)
    waiting = frozen(wish=wish(due=due), note="production is frozen.")
    assert expired(waiting, NOON + GRACE - MINUTE) is None
    over = expired(waiting, NOON + GRACE)
    assert over is not None
    assert over[0] == (
        "It was due on Mon 2 Mar 2026, 12:00 (Europe/London) and did not start within 30m, "
        "so it does not run. What held it: production is frozen."
    )
    assert waiting.request is not None
    assert waiting.request.expires_at == NOON + GRACE
    assert expired(in_state(State.WAITING), NOON + FURTHEST) is None
