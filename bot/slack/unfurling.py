"""Shows below a link what stands behind it, where everybody who reads there may see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.catalog import Catalog
from bot.core.chat_ports import Channels, Unfurls
from bot.core.effects import Posted, Unfurl
from bot.core.errors import NeedsHuman, UserError
from bot.core.following_ports import RunBook
from bot.core.ports import Directory, Queries, Watch
from bot.core.run_links import RunLink
from bot.core.runs import RunRef
from bot.core.unfurling import may_be_shown, read_link, run_here
from bot.core.values import Person
from bot.slack.limits import check
from bot.slack.views.blocks import Block
from bot.slack.views.unfurls import of_deployment, of_run


@dataclass(frozen=True, slots=True)
class Unfurler:
    """Everything is read when it is shown; what nobody may see, or nobody knows, is left as it is."""

    watch: Watch
    queries: Queries
    runs: RunBook
    directory: Directory
    channels: Channels
    unfurls: Unfurls
    catalog: Callable[[], Catalog]
    permalink: Callable[[Posted], str]
    web: str  # where the pages of our GitHub are

    async def show(self, workspace: str, effect: Unfurl) -> None:
        """Twice is the same as once."""
        link = read_link(effect.url, self.web)
        ref = run_here(link, self.catalog()) if link else None
        if link is None or ref is None or not await self.channels.inside(workspace, effect.channel):
            return
        try:
            person = await self.directory.person(workspace, effect.person)
        except (NeedsHuman, UserError):
            return  # whom the directory does not know sees nothing
        made = await self._made(workspace, link, ref, person)
        if made:
            check({"text": "", "blocks": made})
            await self.unfurls.unfurl(workspace, Posted(effect.channel, effect.ts), effect.url, made)

    async def _made(self, workspace: str, link: RunLink, ref: RunRef, person: Person) -> list[Block]:
        catalog = self.catalog()
        found = await self.watch.of_run(workspace, ref)
        of_attempt = [each for each in found if each.run and link.attempt in (None, each.run.attempt)]
        if of_attempt:
            last = of_attempt[-1]
            if not may_be_shown(person, ref, last.wish.service, catalog):
                return []
            card = await self.queries.card_of(workspace, last.id)
            return of_deployment(last, self.permalink(card) if card else "")
        records = await self.runs.attempts(workspace, ref)
        known = [each for each in records if link.attempt in (None, each.run.attempt)]
        if not known or not may_be_shown(person, ref, "", catalog):
            return []
        return of_run(known[-1])
