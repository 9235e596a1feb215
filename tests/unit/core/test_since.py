"""Times in the past as people say them, in their own zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.errors import UserError
from bot.core.paging import before_number, number_of, person_id, since_moment
from bot.core.since import parse_since

NOW = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)  # a Wednesday; in Tokyo it is Thursday already


@pytest.mark.parametrize(
    ("text", "zone", "wanted"),
    [
        ("7d", "UTC", NOW - timedelta(days=7)),
        ("1h30m", "UTC", NOW - timedelta(minutes=90)),
        ("today", "UTC", datetime(2026, 3, 4, tzinfo=UTC)),
        ("Yesterday", "UTC", datetime(2026, 3, 3, tzinfo=UTC)),
        ("today", "Asia/Tokyo", datetime(2026, 3, 4, 15, tzinfo=UTC)),
        ("wednesday", "UTC", datetime(2026, 3, 4, tzinfo=UTC)),
        ("thursday", "UTC", datetime(2026, 2, 26, tzinfo=UTC)),
        ("thursday", "Asia/Tokyo", datetime(2026, 3, 4, 15, tzinfo=UTC)),
        ("2026-03-01", "Europe/London", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01 14:00", "Asia/Tokyo", datetime(2026, 3, 1, 5, tzinfo=UTC)),
        ("2026-03-01t14:00:00+01:00", "UTC", datetime(2026, 3, 1, 13, tzinfo=UTC)),
        ("today", "Nowhere/Land", datetime(2026, 3, 4, tzinfo=UTC)),
        ("today", "../etc/passwd", datetime(2026, 3, 4, tzinfo=UTC)),
    ],
)
def test_a_time_that_is_understood(text: str, zone: str, wanted: datetime) -> None:
    assert parse_since(text, NOW, zone) == wanted


@pytest.mark.parametrize(
    "text", ["", "soon", "0d", "2026-13-01", "2026-03-05", "0001-01-01t00:00+23:59", "-1d"]
)
def test_a_time_that_is_not(text: str) -> None:
    assert parse_since(text, NOW, "UTC") is None
    with pytest.raises(UserError, match="no time in the past"):
        since_moment(text, NOW, "UTC")


def test_numbers_and_people() -> None:
    assert [number_of(each) for each in ("42", "#42", "042", "x", "", None)] == [
        42,
        42,
        None,
        None,
        None,
        None,
    ]
    assert before_number(None) is None
    with pytest.raises(UserError, match="no number"):
        before_number("soon")
    assert person_id("<@U024BE7LH|ada>") == person_id("<@U024BE7LH>") == person_id("U024BE7LH") == "U024BE7LH"
    assert [person_id(each) for each in ("ada", "@ada", "<@U1", "<!here>")] == [None] * 4
