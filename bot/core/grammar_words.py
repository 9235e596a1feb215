"""The words that mean something in the chat grammar, so that no service or environment may be called so."""

from __future__ import annotations

from enum import StrEnum


class GrammarWord(StrEnum):
    """Key words, fillers and what some commands take in the place of a name."""

    TO = "to"
    IN = "in"
    ON = "on"
    FROM = "from"
    AT = "at"
    FOR = "for"
    SINCE = "since"
    BEFORE = "before"
    BY = "by"
    BECAUSE = "because"
    DRY_RUN = "dry-run"
    DRILL = "drill"
    EMERGENCY = "emergency"
    EVERYTHING = "everything"
    ALL = "all"
    LIFT = "lift"
    FIXED = "fixed"
    RUN = "run"
    NOW = "now"
    OFF = "off"
    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"
    SNOOZE = "snooze"
    HELP = "help"
    STATE = "state"
    STATUS = "status"
