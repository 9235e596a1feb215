"""The picture of a digest's days, read back dot by dot by a reader of its own."""

from __future__ import annotations

import struct
import zlib
from datetime import date, timedelta

import pytest

from bot.core.digests import Day
from bot.slack.views.bars import BAR, DEPLOYS, FAILURES, FOOT, GROUP, HEAD, HEIGHT, INK, bars

MONDAY = date(2026, 11, 9)


def days(*numbers: tuple[int, int]) -> tuple[Day, ...]:
    return tuple(Day(MONDAY + timedelta(days=each), *pair) for each, pair in enumerate(numbers))


def parts(png: bytes) -> dict[bytes, bytes]:
    """By kind; each checksum must fit."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = {}, 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        data = png[at + 8 : at + 8 + size]
        (checksum,) = struct.unpack(">I", png[at + 8 + size : at + 12 + size])
        assert checksum == zlib.crc32(kind + data)
        found[kind], at = data, at + 12 + size
    return found


def dots(png: bytes) -> list[bytes]:
    found = parts(png)
    width, height, depth, kind, *rest = struct.unpack(">IIBBBBB", found[b"IHDR"])
    assert (height, depth, kind, rest) == (HEIGHT, 8, 3, [0, 0, 0])
    raw = zlib.decompress(found[b"IDAT"])
    assert len(raw) == (width + 1) * height
    rows = [raw[at : at + width + 1] for at in range(0, len(raw), width + 1)]
    assert all(row[0] == 0 for row in rows)
    assert max(max(row) for row in rows) < len(found[b"PLTE"]) // 3
    return [row[1:] for row in rows]


def tall(rows: list[bytes], place: int, colour: int) -> int:
    """How high the bar of a day is."""
    columns = [[row[place * GROUP + each] for row in rows].count(colour) for each in range(GROUP)]
    widths = [each for each in columns if each]
    assert len(widths) in (0, BAR)
    return max(columns)


def test_bars_are_as_high_as_their_numbers() -> None:
    rows = dots(bars(days((8, 2), (4, 0), (0, 0))))
    most = HEIGHT - FOOT - HEAD
    assert len(rows[0]) == 3 * GROUP
    assert [tall(rows, each, DEPLOYS) for each in range(3)] == [most, most // 2, 0]
    assert [tall(rows, each, FAILURES) for each in range(3)] == [most // 4, 0, 0]


def test_another_number_is_another_picture() -> None:
    """Of bars that are as high as each other."""
    made = {bars(days((number, number))) for number in range(1, 300)}
    assert len(made) == 299


@pytest.mark.parametrize("number", [0, 7, 10, 250, 9999])
def test_numbers_stay_on_the_paper(number: int) -> None:
    rows = dots(bars(days(*[(number, number)] * 20)))
    assert len(rows[0]) == 20 * GROUP
    assert {len(row) for row in rows} == {20 * GROUP}
    assert any(INK in row for row in rows[:HEAD]) is (number > 0)


def test_of_no_day_there_is_an_empty_picture() -> None:
    assert len(dots(bars(()))[0]) == GROUP
