"""Which alerts belong to an environment, as the catalog says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

Labels = tuple[tuple[str, str], ...]
WATCH = timedelta(minutes=30)


class AlertKeeper(StrEnum):
    """Who can be asked whether an alert fires."""

    PROMETHEUS = "prometheus"
    ALERTMANAGER = "alertmanager"


@dataclass(frozen=True, slots=True)
class AlertSource:
    """Where a hint is confirmed; `labels` are those that a Prometheus adds only to what it sends."""

    name: str
    url: str
    keeper: AlertKeeper
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert with these labels belongs here, for so long after the end of a deployment."""

    match: Labels
    confirm: AlertSource
    watch: timedelta = WATCH
    fails_verification: bool = False

    def takes(self, labels: Labels) -> bool:
        """Whether each label that is asked for is there."""
        return all(pair in labels for pair in self.match)


def overlap(one: Labels, other: Labels) -> bool:
    """Whether an alert could have the labels of both: unless they want one label to be two things."""
    wanted = dict(one)
    return all(wanted.get(name, value) == value for name, value in other)
