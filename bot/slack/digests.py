"""Carries digests to Slack: read anew for their window, and in the richest look that the workspace takes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.core.catalog import Catalog
from bot.core.chat_ports import Channels, Chat, Pictures
from bot.core.digesting import Reading, Wanted, gather
from bot.core.digests import Digest
from bot.core.effects import PostDigest, Posted, Tell
from bot.core.errors import BlocksRefused, ChannelClosed, NeedsHuman, Transient, UserError
from bot.core.happenings import Happenings
from bot.core.ports import Queries
from bot.core.text import line, lines
from bot.slack.limits import check
from bot.slack.views.bars import bars
from bot.slack.views.blocks import Message
from bot.slack.views.digest import MOST_POINTS, Look, digest_message, told_days

log = logging.getLogger(__name__)

NAME = "deploys-by-day.png"
PAUSES = (2.0, 4.0)  # seconds that Slack gets to work on a picture
Marked = Callable[[Message], Mapping[str, object]]


class DigestPoster:
    """The part of the messenger that posts digests. `close` is called for a channel that is no more."""

    def __init__(
        self,
        chat: Chat,
        queries: Queries,
        happenings: Happenings,
        channels: Channels,
        catalog: Callable[[], Catalog],
        permalink: Callable[[Posted], str],
        close: Callable[[str, str, str], Awaitable[None]],
        pictures: Pictures,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._chat = chat
        self._queries = queries
        self._happenings = happenings
        self._channels = channels
        self._catalog = catalog
        self._permalink = permalink
        self._close = close
        self._pictures = pictures
        self._sleep = sleep
        self._look = Look.CHART

    async def post(self, workspace: str, operation: str, effect: PostDigest, marked: Marked) -> Posted | None:
        """Nothing where there is nothing left to tell: the channel may have been shared meanwhile."""
        reading = Reading(workspace, self._catalog(), self._queries, self._happenings, self._channels)
        wanted = Wanted(effect.channel, effect.schedule, effect.services, by_catalog=effect.by_catalog)
        found = await gather(reading, wanted, effect.window)
        if found.quiet:
            return None
        while self._look is not Look.WORDS:
            try:
                return await self._say(workspace, operation, effect, marked, found)
            except BlocksRefused as refused:
                log.warning("Slack does not take the %s of a digest: %s", self._look.name.lower(), refused)
                self._look = Look(self._look - 1)
        return await self._say(workspace, operation, effect, marked, found)

    async def _say(
        self, workspace: str, operation: str, effect: PostDigest, marked: Marked, found: Digest
    ) -> Posted:
        """A picture may be refused until Slack has worked on it; then the digest goes without."""
        picture = "" if self._look is Look.CHART else await self._picture(workspace, found)
        for pause in PAUSES if picture else ():
            try:
                return await self._send(workspace, operation, effect, marked, found, picture)
            except BlocksRefused:
                await self._sleep(pause)
        return await self._send(workspace, operation, effect, marked, found)

    async def _send(
        self,
        workspace: str,
        operation: str,
        effect: PostDigest,
        marked: Marked,
        found: Digest,
        picture: str = "",
    ) -> Posted:
        message = marked(digest_message(found, effect.job, self._permalink, self._look, picture))
        check(message)
        return await self._chat.post(workspace, effect.channel, message, operation)

    async def _picture(self, workspace: str, found: Digest) -> str:
        """Its id; none of a day, and none where Slack takes no files: the text has the numbers as well."""
        if not found.days:
            return ""
        days = found.days[-MOST_POINTS:]
        try:
            return await self._pictures.upload(workspace, NAME, bars(days), told_days(days))
        except (NeedsHuman, Transient) as error:
            log.warning("a digest goes without its picture: %s", error)
            return ""

    async def refused(
        self, workspace: str, effect: PostDigest, refusal: NeedsHuman | UserError
    ) -> Tell | None:
        """What people asked for ends with its channel; of the catalog's the audit channel hears."""
        why = f"{refusal.what} {refusal.why}".strip()
        if isinstance(refusal, ChannelClosed) and not effect.by_catalog:
            await self._close(workspace, effect.channel, why)
            return None
        whom = self._catalog().channels.audit if effect.by_catalog else effect.by
        origin = "of slipway.yml" if effect.by_catalog else "that you asked for"
        told = line(f"The digest {origin} in {effect.channel} can't be posted.") + lines(why, refusal.next)
        return Tell(whom, told) if whom else None
