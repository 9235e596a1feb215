"""What happens to places without any deployment; a part of `bot.core.events`."""

from __future__ import annotations

from bot.core.freeze_events import FreezeTurned
from bot.core.publishing_events import ReleasePublished
from bot.core.routine_events import RoutineTurned

PlaceEvent = RoutineTurned | FreezeTurned | ReleasePublished
