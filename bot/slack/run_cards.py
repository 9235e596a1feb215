"""Posts and edits the cards of runs that nobody asked us for, in the channels that hear of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.core.catalog import Catalog
from bot.core.chat_ports import Channels, Chat
from bot.core.effects import Heard, Posted, ShowRun, TellRun
from bot.core.errors import BlocksRefused, CardGone
from bot.core.following import RunChange, RunRecord
from bot.core.following_ports import RunBook
from bot.core.link_ports import LinkBook
from bot.core.ringing import call_of_run
from bot.core.run_news import services_of
from bot.core.runs import RunRef
from bot.core.tails import Tail
from bot.slack.hushing import Hush
from bot.slack.inside import must_stay_inside
from bot.slack.limits import check
from bot.slack.views.blocks import Message
from bot.slack.views.copies import Brief
from bot.slack.views.run_card import attempt_name, run_brief, run_card, run_reply, run_words
from bot.slack.views.tail import how_it_failed

Marked = Callable[[Message], Mapping[str, object]]


class RunCards:
    """The part of the messenger for them; each is rendered from what is on record when it is shown."""

    def __init__(
        self,
        chat: Chat,
        runs: RunBook,
        channels: Channels,
        book: LinkBook,
        catalog: Callable[[], Catalog],
        hush: Hush | None = None,
    ) -> None:
        self._chat = chat
        self._runs = runs
        self._channels = channels
        self._book = book
        self._catalog = catalog
        self._hush = hush or Hush()
        self._plans = True

    async def show(
        self, workspace: str, operation: str, effect: ShowRun, known: Posted | None, marked: Marked
    ) -> Posted | None:
        """The last attempt as it stands now; CardGone when the message was deleted."""
        record = await self._last(workspace, effect.run)
        if record is None:
            return known  # it was forgotten after more than a year
        await self._must_stay_inside(workspace, record, effect.channel)
        try:
            return await self._put(workspace, operation, effect, known, record, marked)
        except BlocksRefused:
            if not self._plans:
                raise
            self._plans = False
            return await self._put(workspace, operation, effect, known, record, marked)

    async def tell(
        self, workspace: str, operation: str, effect: TellRun, known: Posted | None, marked: Marked
    ) -> Posted | None:
        """In the thread of its card, or for itself where that could not be shown."""
        found = await self._runs.attempts(workspace, effect.run)
        record = next((each for each in found if each.run.attempt == effect.attempt), None)
        if record is None:
            return None
        if effect.tail is not None:
            return await self._log(workspace, operation, record, effect.tail, known, marked)
        await self._must_stay_inside(workspace, record, effect.channel)
        place = known or Posted(effect.channel, "")
        person = await self._author(workspace, record, place.channel)
        words = run_words(record, effect.change, person)
        words = await self._hush.named(workspace, words, call_of_run(effect.change))
        message = marked(run_reply(record, effect.change, words))
        check(message)
        return await self._chat.post(workspace, place.channel, message, operation, place.ts or None)

    async def _log(
        self,
        workspace: str,
        operation: str,
        record: RunRecord,
        tail: Tail,
        known: Posted | None,
        marked: Marked,
    ) -> Posted | None:
        """Below a card alone, and nowhere in front of people of other organisations."""
        if known is None or await self._channels.outside(workspace, known.channel):
            return None
        message = marked(how_it_failed(attempt_name(record), tail))
        check(message)
        return await self._chat.post(workspace, known.channel, message, operation, known.ts)

    async def briefs(self, workspace: str, held_back: Sequence[Heard], *, outside: bool) -> list[Brief]:
        """A line for each run, of those that these readers may know of."""
        found = []
        told = [each for each in held_back if isinstance(each, ShowRun | TellRun)]
        for ref in dict.fromkeys(each.run for each in told):
            record = await self._last(workspace, ref)
            if record is not None and (self._is_external(record) or not outside):
                found.append(run_brief(record, _said(told, ref)))
        return found

    async def _put(
        self,
        workspace: str,
        operation: str,
        effect: ShowRun,
        known: Posted | None,
        record: RunRecord,
        marked: Marked,
    ) -> Posted:
        message = run_card(record, with_plan=self._plans)
        check(message)
        if known is None:
            first = marked(message)
            check(first)
            return await self._chat.post(workspace, effect.channel, first, operation)
        if not await self._chat.edit(workspace, known, message):
            raise CardGone(f"the card of run {effect.run.external_id}")
        return known

    async def _last(self, workspace: str, ref: RunRef) -> RunRecord | None:
        found = await self._runs.attempts(workspace, ref)
        return found[-1] if found else None

    async def _must_stay_inside(self, workspace: str, record: RunRecord, channel: str) -> None:
        if not self._is_external(record):
            await must_stay_inside(self._channels, workspace, channel)

    def _is_external(self, record: RunRecord) -> bool:
        path = record.about.path if record.about else ""
        return any(each.external for each in services_of(self._catalog(), record.run.ref, path))

    async def _author(self, workspace: str, record: RunRecord, channel: str) -> str | None:
        """Who linked the account that started it; people of other organisations are not told whose it is."""
        account = record.about.actor_id if record.about else ""
        if not account or await self._channels.outside(workspace, channel):
            return None
        link = await self._book.holder(workspace, record.run.ref.provider, account)
        return link.person if link else None


def _said(told: Sequence[ShowRun | TellRun], ref: RunRef) -> list[RunChange]:
    news = [each for each in told if isinstance(each, TellRun) and each.tail is None]
    return [each.change for each in news if each.run == ref]
