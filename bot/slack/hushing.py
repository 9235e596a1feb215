"""How people are named in what is said now, and whose direct messages wait: by what they chose."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from bot.core.calls import Call
from bot.core.effects import may_wait
from bot.core.errors import NeedsHuman, Transient, UserError
from bot.core.my_settings import MySettings
from bot.core.my_settings_ports import HeldSettings, NobodyChose
from bot.core.ports import Directory
from bot.core.quiet_hours import quiet_until
from bot.core.records import Parcel
from bot.core.ringing import Reader, mentioned_in, named
from bot.core.text import Text

log = logging.getLogger(__name__)


class Hush:
    """Everything is read when a message is made, so what somebody changed holds from the next one on."""

    def __init__(
        self,
        settings: HeldSettings | None = None,
        directory: Directory | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._settings = settings or NobodyChose()
        self._directory = directory
        self._now = now

    async def of(self, workspace: str, person: str) -> MySettings:
        """What they chose."""
        return (await self._settings.settings(workspace, [person]))[person]

    async def named(self, workspace: str, text: Text, call: Call) -> Text:
        """The text as it may be said: whoever does not want to be rung stands there by name."""
        people = mentioned_in(text)
        if not people:
            return text
        chosen, now = await self._settings.settings(workspace, people), self._moment()
        readers = {
            each: Reader(settings, await self._quiet(workspace, each, settings, now) is not None)
            for each, settings in chosen.items()
        }
        return named(text, call, readers)

    async def quiet_until(self, parcel: Parcel) -> datetime | None:
        """When the quiet hours of whom it is for are over; None where it can be said now."""
        person = may_wait(parcel.effect)
        if person is None:
            return None
        settings = await self.of(parcel.workspace, person)
        return await self._quiet(parcel.workspace, person, settings, parcel.claimed_at)

    async def _quiet(
        self, workspace: str, person: str, settings: MySettings, now: datetime | None
    ) -> datetime | None:
        """Where nobody knows their zone, it is said: what is heard too early is better than what is lost."""
        if settings.quiet is None or self._directory is None or now is None:
            return None
        try:
            zone = (await self._directory.person(workspace, person)).zone
        except (Transient, NeedsHuman, UserError) as error:
            log.warning("the zone of %s can't be read, so they have no quiet hours now: %s", person, error)
            return None
        return quiet_until(settings.quiet, zone, now)

    def _moment(self) -> datetime | None:
        return self._now() if self._now else None
