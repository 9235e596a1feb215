"""The servers that are measured, each in a process of its own."""

from enum import StrEnum


class Contestant(StrEnum):
    """Who is measured, and against whom; each is the module of that name."""

    SLIPWAY = "slipway"
    BOLT = "bolt"
    AIOHTTP = "bare"
    LOOPBACK = "loopback"
    TALKER = "talker"
