"""A picture of a digest's days as a PNG: two bars for each day, their numbers above and the day's below.

The two are told apart by their place and their number as well as by their colour.
"""

from __future__ import annotations

import struct
import zlib

from bot.core.digests import Day

PALETTE = (0xFFFFFF, 0xB8C0C4, 0x2F6F9F, 0xC2410C, 0x1F2933)  # paper, axis, deploys, failures, ink
PAPER, AXIS, DEPLOYS, FAILURES, INK = range(len(PALETTE))
GROUP, BAR, GAP = 64, 26, 4  # pixels of a day, of a bar, and between two
HEIGHT, FOOT, HEAD = 200, 24, 20
PIXEL = 2  # of a digit's dot
_GLYPHS = {  # three dots wide and five high, from the top
    "0": (7, 5, 5, 5, 7),
    "1": (2, 6, 2, 2, 7),
    "2": (7, 1, 7, 4, 7),
    "3": (7, 1, 7, 1, 7),
    "4": (5, 5, 7, 1, 1),
    "5": (7, 4, 7, 1, 7),
    "6": (7, 4, 7, 5, 7),
    "7": (7, 1, 1, 1, 1),
    "8": (7, 5, 7, 5, 7),
    "9": (7, 5, 7, 1, 7),
}


class _Paper:
    """Rows of colours, by their place in the palette."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows = [bytearray([PAPER] * width) for _ in range(HEIGHT)]

    def fill(self, left: int, top: int, width: int, height: int, colour: int) -> None:
        """A rectangle."""
        for row in self.rows[top : top + height]:
            row[left : left + width] = bytes([colour]) * width

    def write(self, middle: int, top: int, number: int) -> None:
        """A number, around its middle."""
        text = str(number)
        left = max(0, min(middle - len(text) * 2 * PIXEL, self.width - len(text) * 4 * PIXEL))
        for place, digit in enumerate(text):
            for line, dots in enumerate(_GLYPHS[digit]):
                for column in range(3):
                    if dots & (4 >> column):
                        at = left + (place * 4 + column) * PIXEL
                        self.fill(at, top + line * PIXEL, PIXEL, PIXEL, INK)


def bars(days: tuple[Day, ...]) -> bytes:
    """The picture of these days."""
    paper = _Paper(GROUP * max(1, len(days)))
    ground, most = HEIGHT - FOOT, max([1, *(max(each.deploys, each.failures) for each in days)])
    for place, day in enumerate(days):
        left = place * GROUP + (GROUP - 2 * BAR - GAP) // 2
        for number, colour in ((day.deploys, DEPLOYS), (day.failures, FAILURES)):
            height = number * (ground - HEAD) // most
            paper.fill(left, ground - height, BAR, height, colour)
            paper.write(left + BAR // 2, ground - height - 7 * PIXEL, number)
            left += BAR + GAP
        paper.write(place * GROUP + GROUP // 2, ground + 4 * PIXEL, day.day.day)
    paper.fill(0, ground, paper.width, 1, AXIS)
    return _png(paper)


def _png(paper: _Paper) -> bytes:
    header = struct.pack(">IIBBBBB", paper.width, HEIGHT, 8, 3, 0, 0, 0)  # eight bits, by palette
    colours = b"".join(each.to_bytes(3) for each in PALETTE)
    rows = b"".join(b"\0" + row for row in paper.rows)  # each as it is, after no other
    parts = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(kind, data) for kind, data in parts)


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
