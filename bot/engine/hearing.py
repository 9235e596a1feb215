"""Tells subscribers: in the commit in which something happens, channels that hear of it get their effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass

from bot.core.catalog import Catalog
from bot.core.effects import Announce, Announcement, Effect, Notice, ShowCard, ShowRun, TellRun
from bot.core.following import RunChange, RunRecord
from bot.core.hearing import Recorded
from bot.core.notices import broad, notices
from bot.core.ports import UnitOfWork
from bot.core.run_news import Heard, news_of, services_of, told_of_run
from bot.core.subscriptions import Filter, News, Subscription, Topic
from bot.core.tails import Tail
from bot.core.told import Subject, Told, concerned, succeeded, told_of, told_of_locks
from bot.engine.my_settings import tell_ends


@dataclass(frozen=True, slots=True)
class _Listener:
    """One subscription, of the chat or of the catalog."""

    channel: str
    names: frozenset[str]  # the channel by its id and as people call it
    filter: Filter
    fixed: bool

    def hears(self, catalog: Catalog, news: News) -> bool:
        """What not everybody may know of is heard only where the catalog says so by name."""
        if not self.filter.hears(news):
            return False
        if news.service is None:
            return True
        service = catalog.service(news.service)
        if service is None or service.visible_to is None:
            return service is not None
        return self.may_name({service.name})

    def may_name(self, hidden: Set[str]) -> bool:
        """Whether the catalog itself tells this channel of one of these."""
        return self.fixed and not hidden.isdisjoint(self.filter.services)


async def hear(
    catalog: Callable[[], Catalog],
    uow: UnitOfWork,
    recorded: Sequence[Recorded],
    effects: Sequence[Effect],
) -> None:
    """Called right before the commit. Where nobody listens and nothing recovered, nothing is added."""
    events = [event for event, _ in recorded]
    await tell_ends(uow, events)
    locks, ids, wide = told_of_locks(recorded), concerned(events, effects), broad(events)
    if not locks and not ids and not wide:
        return
    known = catalog()
    listeners = _listeners(known, await uow.subscriptions.all())
    for id in ids if listeners else succeeded(events):
        subject = await uow.subjects.subject(id)
        if subject is not None:
            await _tell(uow, known, subject, told_of(subject, events, effects), listeners)
    for told in locks:
        await _tell_of_lock(uow, known, told, listeners)
    for notice in notices(known, wide, listeners):
        await uow.show(notice)


def _listeners(catalog: Catalog, kept: Iterable[Subscription]) -> tuple[_Listener, ...]:
    """A channel that the catalog names is the one of that name in which somebody subscribed."""
    on = [each for each in kept if not each.off]
    ids = {each.name: each.channel for each in on if each.name}
    found = [
        _Listener(each.channel, frozenset({each.channel, each.name}) - {""}, each.filter, fixed=False)
        for each in on
    ]
    for each in catalog.subscriptions:
        channel = ids.get(each.channel, each.channel)
        found.append(_Listener(channel, frozenset({channel, each.channel}), each.filter, fixed=True))
    return tuple(found)


async def _tell(
    uow: UnitOfWork,
    catalog: Catalog,
    subject: Subject,
    told: Sequence[Told],
    listeners: Sequence[_Listener],
) -> None:
    if any(each.topic is Topic.RECOVERED for each in told):
        await uow.show(Announce(subject.id, Announcement.RECOVERED))
    heard: dict[str, list[Told]] = {}
    for listener in listeners:
        if subject.channel in listener.names:
            continue  # its card stands there, and is announced there
        for each in told:
            news = News(each.topic, subject.service, subject.environment, subject.branch, subject.workflow)
            if listener.hears(catalog, news):
                heard.setdefault(listener.channel, []).append(each)
    for channel, found in sorted(heard.items()):
        await uow.show(ShowCard(subject.id, channel))
        tail = next((each.tail for each in found if each.tail is not None), None)
        for what in _announced(found):
            await uow.show(Announce(subject.id, what, channel, tail if what is Announcement.LOGGED else None))


def _announced(told: Sequence[Told]) -> tuple[Announcement, ...]:
    """Each once; that it works again says more than that somebody went back."""
    found = dict.fromkeys(each.announcement for each in told if each.announcement is not None)
    if Announcement.RECOVERED in found:
        found.pop(Announcement.WENT_BACK, None)
    return tuple(found)


async def _tell_of_lock(
    uow: UnitOfWork, catalog: Catalog, told: Told, listeners: Sequence[_Listener]
) -> None:
    scope = told.scope
    news, places = News(told.topic, scope.service, scope.environment), scope.places(catalog)
    external = all(service.external for service, _ in places)
    hidden = {service.name for service, _ in places if service.visible_to is not None}
    secret = bool(places) and all(service.name in hidden for service, _ in places)  # an environment may be
    channels = {
        each.channel
        for each in listeners
        if each.hears(catalog, news) and (not secret or each.may_name(hidden))
    }
    for channel in sorted(channels):
        await uow.show(Notice(channel, told.text, external))


async def hear_of_run(
    catalog: Catalog, uow: UnitOfWork, record: RunRecord, changes: Sequence[RunChange]
) -> frozenset[RunChange]:
    """Channels that ask for this of one of its services get its card, each once, and what must be heard.

    Answers with what anybody hears of.
    """
    heard, run = await _who_hears(catalog, uow, record, changes), record.run
    for channel in sorted({channel for channel, _ in heard}):
        await uow.show(ShowRun(run.ref, channel))
    for (channel, change), each in heard.items():
        if each.aloud:
            await uow.show(TellRun(run.ref, run.attempt, change, channel))
    return frozenset(change for _, change in heard)


async def hear_what_it_wrote(catalog: Catalog, uow: UnitOfWork, record: RunRecord, tail: Tail) -> None:
    """The same channels, once it was read; one that asked in between gets the card that it stands below."""
    for channel, change in await _who_hears(catalog, uow, record, (RunChange.FAILED,)):
        await uow.show(ShowRun(record.run.ref, channel))
        await uow.show(TellRun(record.run.ref, record.run.attempt, change, channel, tail))


async def _who_hears(
    catalog: Catalog, uow: UnitOfWork, record: RunRecord, changes: Sequence[RunChange]
) -> dict[tuple[str, RunChange], Heard]:
    told = told_of_run(catalog, record, changes)
    if not told:
        return {}
    services = services_of(catalog, record.run.ref, record.about.path if record.about else "")
    listeners = _listeners(catalog, await uow.subscriptions.all())
    return {
        (listener.channel, each.change): each
        for each in told
        for service in services
        for listener in listeners
        if listener.hears(catalog, news_of(record, service, each.topic))
    }
