"""What the code host published; a part of `bot.core.events`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReleasePublished:
    """A release of the repository of this service; one for each of its services. `at` is ISO 8601."""

    service: str
    repository: str
    tag: str
    name: str
    by: str
    at: str
    url: str
    notes: str  # their beginning
    before: str  # the tag of the release before it
    compare: str  # where the two are compared; empty where there is none before it
    runs_in: str  # where it runs already
