"""The end of a failed step's log, as people get to see it."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time

import pytest

from bot.core.log_ends import LONGEST_LINE, MOST_LINES, MOST_TEXT, Span, end_of_log, words_of_others
from bot.core.redaction import Redactor

PLAIN = Redactor()
ANY_TIME = Span()


def at(second: int) -> datetime:
    return datetime(2026, 3, 2, 9, 0, second, tzinfo=UTC)


def log(*rows: str, start: int = 0, pace: int = 0) -> bytes:
    """Each line at its second."""
    lines = [f"{at(start + pace * place):%Y-%m-%dT%H:%M:%S}.1234567Z {row}" for place, row in enumerate(rows)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


HEAD = (
    "##[group]Run make deploy",
    "\x1b[36;1mmake deploy\x1b[0m",
    "shell: /usr/bin/bash -e {0}",
    "##[endgroup]",
)


def test_it_is_what_the_step_wrote_below_its_heading() -> None:
    written = log(
        "of another step",
        *HEAD,
        "\x1b[31mwaiting\x1b[0m",
        "",
        "------",
        "10%\r55%\r100%",
        "##[group]Details",
        "\tat deploy.sh:42",
        "##[endgroup]",
        "##[debug]of no use",
        "##[warning]slow",
        "##[error]Process completed with exit code 1.",
        "##[group]Run actions/cache",
        "post",
    )
    assert end_of_log(written, PLAIN, ANY_TIME) == (
        "waiting",
        "100%",
        "Details",
        "    at deploy.sh:42",
        "Warning: slow",
        "Error: Process completed with exit code 1.",
    )


def test_the_times_of_the_step_tell_which_error_is_meant() -> None:
    rows = ("first", "##[error]forgiven", "second", "##[error]the one", "tidying up", "##[error]afterwards")
    written = log(*rows, pace=10)
    assert end_of_log(written, PLAIN, Span(at(20), at(30)))[-1] == "Error: the one"
    assert end_of_log(written, PLAIN, Span(at(20), at(30)))[0] == "second"
    assert end_of_log(written, PLAIN, ANY_TIME)[-1] == "Error: afterwards"
    nowhere = Span(datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC))
    assert end_of_log(written, PLAIN, nowhere)[-1] == "Error: afterwards"


def test_a_log_without_any_mark_ends_with_its_last_lines() -> None:
    assert end_of_log(b"one\ntwo\n", PLAIN, ANY_TIME) == ("one", "two")
    assert end_of_log(b"", PLAIN, ANY_TIME) == ()
    assert end_of_log(b"one\ntwo\n", PLAIN, ANY_TIME, cut=True) == ("two",)


def test_it_is_bounded_in_lines_and_characters() -> None:
    many = end_of_log(log(*(f"line {number}" for number in range(100))), PLAIN, ANY_TIME)
    assert many == tuple(f"line {number}" for number in range(100 - MOST_LINES, 100))
    long = end_of_log(log(*("x" * 5_000 for _ in range(30))), PLAIN, ANY_TIME)
    assert all(len(each) <= LONGEST_LINE for each in long)
    assert MOST_TEXT - LONGEST_LINE < sum(map(len, long)) <= MOST_TEXT


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("a ``` block `ends`", "a ''' block 'ends'"),
        ("\u202eright to left\u200b", "right to left"),
        ("\x1b]8;;https://evil.test\x07click\x1b]8;;\x07", "click"),
        ("bell\x07 back\x08space \x00nothing", "bell backspace nothing"),
        ("<!channel> <@U1>", "<!channel> <@U1>"),  # the block in which it stands takes it as it is
        ("caf\u00e9 \u2713", "caf\u00e9 \u2713"),
    ],
)
def test_nothing_in_it_is_a_control_or_ends_its_block(row: str, shown: str) -> None:
    assert end_of_log(log(row), PLAIN, ANY_TIME) == (shown,)


def test_bytes_that_are_no_text_break_nothing() -> None:
    assert end_of_log(b"\xff\xfe\x00 word\n\x1f\x8b\x08\x00", PLAIN, ANY_TIME)


def test_what_others_say_is_one_line_without_secrets() -> None:
    assert words_of_others("\n  \nfirst password=abc123\nsecond", PLAIN, 100) == "first password=[redacted]"
    assert words_of_others("x" * 50, PLAIN, 10) == "x" * 9 + "…"
    assert words_of_others("", PLAIN, 10) == ""


def test_a_large_log_costs_no_more_than_its_length() -> None:
    small, large = (log(*["word 0123 key: =" * 8] * count) for count in (400, 3_200))
    assert _took(large) < max(_took(small), 0.002) * 40


@pytest.mark.parametrize("part", ["-", "-secret--------------------"])
def test_no_line_is_dear(part: str) -> None:
    """The rules for secrets try few beginnings, whatever stands there."""
    usual, odd = log(*["word 0123 key: = more words"] * 2_400), log(part * (65_536 // len(part)))
    assert _took(odd) < max(_took(usual), 0.002) * 12


def test_the_heading_of_a_key_that_is_none_takes_no_line_away() -> None:
    written = log("before", f"-----BEGIN {'A' * 60} " + "PRIVATE KEY-----", "after")
    assert end_of_log(written, PLAIN, ANY_TIME) == ("before", "[redacted]", "after")


def _took(written: bytes) -> float:
    began = process_time()
    end_of_log(written, PLAIN, ANY_TIME)
    return process_time() - began
