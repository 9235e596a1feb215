"""Carries effects to Slack: loads what is on record now, renders it, checks the limits, hands it over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from bot.core.actions import ActionId
from bot.core.catalog import Announce as Ends
from bot.core.chat_ports import Channels, Chat, Homes
from bot.core.circle import Circle, NoCircle
from bot.core.effects import (
    Announce,
    Announcement,
    Answer,
    Effect,
    Notice,
    PostDigest,
    Posted,
    ShowCard,
    ShowHome,
    ShowRun,
    Summary,
    Tell,
    TellEnd,
    TellLater,
    TellRun,
    Unfurl,
)
from bot.core.errors import BlocksRefused, Bug, CardGone, HistoryClosed, NeedsHuman, UserError
from bot.core.gates.approvals import awaits_votes
from bot.core.lifecycle import State
from bot.core.link_ports import LinkBook
from bot.core.linking import Mint
from bot.core.owning import Owners
from bot.core.policy_version import asked_under
from bot.core.ports import Queries
from bot.core.records import Deployment
from bot.core.ringing import call_of
from bot.core.rolling_back import is_unattended
from bot.core.text import Link, Text, code, line, lines, sentence
from bot.core.undone_authors import MOST, authors_of
from bot.core.values import Actor, ActorKind, DeploymentId
from bot.slack.copies import Copies
from bot.slack.digests import DigestPoster
from bot.slack.ends import OwnEndings
from bot.slack.hushing import Hush
from bot.slack.limits import check
from bot.slack.run_cards import RunCards
from bot.slack.unfurling import Unfurler
from bot.slack.views.announcement import FOR_OTHERS, QUESTIONS, Said, answer, shown, words_of
from bot.slack.views.blocks import Message, button, quiet
from bot.slack.views.card import card
from bot.slack.views.locked import TELL_ME
from bot.slack.views.tail import logged

SKEW = timedelta(minutes=1)  # by which Slack's clock may differ from the one that wrote the mark
REPEAT = "may be a repeat"
FOR_OWNERS = QUESTIONS | {Announcement.STUCK}
UNTOLD = {  # which ends an environment does not want to hear anew
    Ends.ALL: frozenset[Announcement](),
    Ends.FAILURES: frozenset({Announcement.RECOVERED}),
    Ends.NONE: frozenset({Announcement.RECOVERED, Announcement.FAILED, Announcement.LOGGED}),
}
OFFERS = {
    ActionId.OPEN_FORM: "Open the form",
    ActionId.OLDER: "Older",
    ActionId.SAY_IN_FULL: "Schedule it",
    ActionId.TELL_ME: TELL_ME,
    ActionId.HAND_OVER: "Let it replace that one",
}


def nowhere(posted: Posted) -> str:  # noqa: ARG001
    """Where no browser finds a message."""
    return ""


class SlackMessenger:
    """The port Messenger over a chat and the views."""

    def __init__(
        self,
        chat: Chat,
        queries: Queries,
        homes: Homes,
        channels: Channels,
        book: LinkBook,
        mint: Mint | None = None,
        circle: Circle | None = None,
        permalink: Callable[[Posted], str] = nowhere,
        digests: DigestPoster | None = None,
        runs: RunCards | None = None,
        hush: Hush | None = None,
        unfurler: Unfurler | None = None,
    ) -> None:
        self._chat = chat
        self._queries = queries
        self._homes = homes
        self._channels = channels
        self._book = book
        self._mint = mint
        self._circle = circle or NoCircle()
        self._copies = Copies(queries, channels, self._circle, permalink, runs)
        self._digests = digests
        self._runs = runs
        self._hush = hush or Hush()
        self._unfurler = unfurler
        self._ends = OwnEndings(queries, self._hush, permalink)
        self._plans = True

    async def deliver(
        self, workspace: str, operation: str, effect: Effect, known: Posted | None, *, repeated: bool = False
    ) -> Posted | None:
        """Show it, and say where it stands."""
        match effect:
            case ShowCard():
                return await self._show(workspace, operation, effect, known, repeated=repeated)
            case Announce():
                return await self._announce(workspace, operation, effect, known, repeated=repeated)
            case ShowRun():
                marked = partial(_marked, repeated=repeated)
                return await self._run_cards().show(workspace, operation, effect, known, marked)
            case TellRun():
                marked = partial(_marked, repeated=repeated)
                return await self._run_cards().tell(workspace, operation, effect, known, marked)
            case Notice() | Summary():
                return await self._report(workspace, operation, effect, repeated=repeated)
            case Answer():
                return await self._answer(workspace, operation, effect, repeated=repeated)
            case Unfurl():
                if self._unfurler is not None:
                    await self._unfurler.show(workspace, effect)
                return None
            case ShowHome(person):
                await self._homes.show(workspace, person)
                return None
            case Tell():
                return await self._tell(workspace, operation, effect, repeated=repeated)
            case TellEnd():
                text = await self._ends.told(workspace, effect, partial(self._deployment, workspace))
                return await self._direct(workspace, operation, effect.person, text, repeated=repeated)
            case TellLater():
                text = await self._ends.later(workspace, effect, partial(self._deployment, workspace))
                return await self._direct(workspace, operation, effect.person, text, repeated=repeated)
            case PostDigest():
                marked = partial(_marked, repeated=repeated)
                return await self._poster().post(workspace, operation, effect, marked)

    async def look_up(
        self, workspace: str, operation: str, effect: Effect, known: Posted | None, since: datetime
    ) -> Posted | None:
        """The message that a try since then may have posted."""
        match effect:
            case ShowCard(id, copied_to):
                channel = copied_to or (await self._deployment(workspace, id)).channel
                return await self._chat.find(workspace, channel, operation, since - SKEW)
            case Announce():
                if known is not None:
                    return await self._chat.find(workspace, known.channel, operation, since - SKEW, known.ts)
                if not effect.channel:
                    raise HistoryClosed("it went by direct message")
                return await self._chat.find(workspace, effect.channel, operation, since - SKEW)
            case TellRun() if known is not None:
                return await self._chat.find(workspace, known.channel, operation, since - SKEW, known.ts)
            case ShowRun() | TellRun() | Notice() | Summary() | PostDigest():
                return await self._chat.find(workspace, effect.channel, operation, since - SKEW)
            case ShowHome() | Unfurl():
                return None  # to show it again changes nothing
            case Answer() | Tell() | TellEnd() | TellLater():
                raise HistoryClosed("nobody can look for what only one person sees")

    async def instead(self, workspace: str, effect: Effect, refusal: NeedsHuman | UserError) -> Tell | None:
        """Tell the requester of what can't be shown in its channel."""
        match effect:
            case ShowCard() | Announce():
                if effect.channel:
                    return None  # whoever asked for it is not who subscribed
                if isinstance(effect, Announce) and effect.what is Announcement.LOGGED:
                    return None  # the link of the run leads to it
                deployment = await self._deployment(workspace, effect.deployment)
                asked = deployment.requested_by
                if asked.kind is not ActorKind.PERSON:
                    before = await self._who_asked_before(deployment)
                    if before is None:
                        return None
                    asked = before
                what = f"The card of #{deployment.number} can't be shown in {deployment.channel}."
                why = lines(f"{refusal.what} {refusal.why}".strip(), refusal.next)
                where = sentence(f"`/state #{deployment.number}` shows it to you all the same.")
                return Tell(asked.id, line(what) + why + where)
            case PostDigest():
                return await self._poster().refused(workspace, effect, refusal)
            case Answer() | Tell() | TellEnd() | TellLater() | ShowHome() | Notice() | Summary() | Unfurl():
                return None
            case ShowRun() | TellRun():
                return None

    async def _show(
        self, workspace: str, operation: str, effect: ShowCard, known: Posted | None, *, repeated: bool
    ) -> Posted:
        deployment = await self._deployment(workspace, effect.deployment)
        if effect.channel:
            await self._copies.must_stay_inside(deployment, effect.channel)
            card_there = await self._copies.card_there(deployment, effect.channel, known)
            if card_there is not None:
                return card_there
        try:
            return await self._put(operation, deployment, effect.channel, known, repeated=repeated)
        except BlocksRefused:
            if not self._plans:
                raise
            self._plans = False
            return await self._put(operation, deployment, effect.channel, known, repeated=repeated)

    async def _announce(
        self, workspace: str, operation: str, effect: Announce, known: Posted | None, *, repeated: bool
    ) -> Posted | None:
        deployment, what = await self._deployment(workspace, effect.deployment), effect.what
        if what is Announcement.REMINDER and not awaits_votes(deployment):
            return None  # decided while it was on its way
        if what is Announcement.LOGGED:
            return await self._log(deployment, operation, effect, known, repeated=repeated)
        if effect.channel:
            await self._copies.must_stay_inside(deployment, effect.channel)
            if known is not None and await self._copies.card_there(deployment, effect.channel, known):
                return None  # it is said in the thread of the card
            place, said = known or Posted(effect.channel, ""), words_of(deployment, what)
        else:
            if what in UNTOLD[self._circle.announces(deployment)]:
                return None
            if known is not None:
                await self._copies.must_stay_inside(deployment, known.channel)
            alone = what not in FOR_OTHERS and is_unattended(deployment)
            before = await self._who_asked_before(deployment) if alone else None
            place = known or Posted(_person(before or deployment.requested_by, deployment), "")
            said = await self._own(deployment, what, place, before, alone=alone)
        text = await self._hush.named(workspace, said.text, call_of(deployment, what))
        marked = _marked(shown(Said(said.title, text)), repeated=repeated)
        check(marked)
        return await self._chat.post(workspace, place.channel, marked, operation, place.ts or None)

    async def _log(
        self,
        deployment: Deployment,
        operation: str,
        effect: Announce,
        known: Posted | None,
        *,
        repeated: bool,
    ) -> Posted | None:
        """Below a card or a copy alone, and nowhere in front of people of other organisations."""
        workspace, tail = deployment.workspace, effect.tail
        if tail is None or known is None or effect.what in UNTOLD[self._circle.announces(deployment)]:
            return None
        if await self._channels.outside(workspace, known.channel):
            return None
        if effect.channel and await self._copies.card_there(deployment, effect.channel, known):
            return None  # it is said in the thread of the card
        marked = _marked(logged(deployment, tail), repeated=repeated)
        check(marked)
        return await self._chat.post(workspace, known.channel, marked, operation, known.ts)

    async def _own(
        self, deployment: Deployment, what: Announcement, place: Posted, before: Actor | None, *, alone: bool
    ) -> Said:
        """With everybody who is rung: that happens once, in the thread of the card."""
        owners = await self._circle.owners(deployment) if alone or what in FOR_OWNERS else Owners()
        people = await self._authors(deployment, place) if what is Announcement.UNDONE else {}
        failed = what is Announcement.FAILED and deployment.state is State.FAILED
        notified = await self._circle.notified(deployment) if failed else Owners()
        return words_of(deployment, what, owners, people, before, notified)

    async def _report(
        self, workspace: str, operation: str, effect: Notice | Summary, *, repeated: bool
    ) -> Posted | None:
        """What a channel hears that has no card, or too many."""
        if isinstance(effect, Notice):
            message: Message | None = await self._copies.notice(workspace, effect)
        else:
            message = await self._copies.summary(workspace, effect, partial(self._deployment, workspace))
        if message is None:
            return None
        marked = _marked(message, repeated=repeated)
        check(marked)
        return await self._chat.post(workspace, effect.channel, marked, operation)

    async def _put(
        self, operation: str, deployment: Deployment, copied_to: str, known: Posted | None, *, repeated: bool
    ) -> Posted:
        workspace, message = deployment.workspace, card(deployment, with_plan=self._plans)
        message = await self._copies.placed(deployment, message, copied_to, known)
        check(message)
        if known is None:
            marked = _marked(message, repeated=repeated)
            check(marked)
            return await self._chat.post(workspace, copied_to or deployment.channel, marked, operation)
        if not await self._chat.edit(workspace, known, message):
            raise CardGone(f"the card of #{deployment.number}")
        return known

    async def _tell(self, workspace: str, operation: str, effect: Tell, *, repeated: bool) -> Posted:
        """Who reads a channel is looked up now: it may have been shared since the words were written."""
        text = effect.text
        if effect.discreet.lines and await self._channels.outside(workspace, effect.person):
            text = effect.discreet
        if effect.code_of:
            text += line(code(self._secrets().code(effect.code_of)))
        named = await self._hush.named(workspace, text, effect.call)
        message = _marked(answer(named, []), repeated=repeated)
        check(message)
        return await self._chat.post(workspace, effect.person, message, operation)

    async def _direct(
        self, workspace: str, operation: str, person: str, text: Text, *, repeated: bool
    ) -> Posted | None:
        """Nothing to say is said by silence."""
        if not text.lines:
            return None
        marked = _marked(answer(text, []), repeated=repeated)
        check(marked)
        return await self._chat.post(workspace, person, marked, operation)

    async def _who_asked_before(self, deployment: Deployment) -> Actor | None:
        """For what it takes away; they were told that it goes back."""
        if deployment.undoes is None:
            return None
        asked = (await self._deployment(deployment.workspace, deployment.undoes)).requested_by
        return asked if asked.kind is ActorKind.PERSON else None

    async def _authors(self, deployment: Deployment, place: Posted) -> Mapping[str, str]:
        """Who holds the accounts that wrote it. People of other organisations are not told whose they are."""
        policy, workspace = asked_under(deployment), deployment.workspace
        if policy is None or await self._channels.outside(workspace, place.channel):
            return {}
        provider, found = policy.repository.provider, {}
        for each in authors_of(deployment.resolution)[:MOST]:
            link = await self._book.holder(workspace, provider, each.account) if each.account else None
            if link is not None:
                found[link.account.user_id] = link.person
        return found

    async def _answer(
        self, workspace: str, operation: str, effect: Answer, *, repeated: bool
    ) -> Posted | None:
        buttons = []
        if effect.offer:
            offer = ActionId(effect.offer)
            label = effect.offer_label or OFFERS[offer]
            buttons.append(button(offer, label, effect.offer_value, style="primary"))
        text = effect.text
        if effect.link_of:
            text += line(Link(self._secrets().address(effect.link_of), "Link my GitHub user"))
        message = _marked(answer(text, buttons, effect.choices, effect.below), repeated=repeated)
        check(message)
        if not effect.channel and not effect.response_url:  # they are in no channel, but on their home tab
            return await self._chat.post(workspace, effect.person, message, operation)
        await self._chat.whisper(workspace, effect.channel, effect.person, message, effect.response_url)
        return None

    def _poster(self) -> DigestPoster:
        if self._digests is None:
            raise Bug("a digest where nobody posts them")
        return self._digests

    def _run_cards(self) -> RunCards:
        if self._runs is None:
            raise Bug("a card of a run where nobody shows them")
        return self._runs

    def _secrets(self) -> Mint:
        """What the store never had is added at the last moment."""
        if self._mint is None:
            raise NeedsHuman("Linking is no longer set up.", "GITHUB_CLIENT_SECRET was taken out.")
        return self._mint

    async def _deployment(self, workspace: str, id: DeploymentId) -> Deployment:
        found = await self._queries.deployment_by_id(workspace, id)
        if found is None:
            raise Bug(f"an effect of a deployment that is not there: {id}")
        return found


def _person(asked: Actor, deployment: Deployment) -> str:
    """Whom it is told directly where its card can't be shown."""
    if asked.kind is not ActorKind.PERSON:
        raise NeedsHuman(f"Nobody can be told of #{deployment.number}.", f"{asked.name} is no person.")
    return asked.id


def _marked(message: Message, *, repeated: bool) -> Mapping[str, object]:
    if not repeated:
        return message
    return message | {
        "text": f"{message['text']} ({REPEAT})",
        "blocks": [*message["blocks"], quiet(f"This {REPEAT}: Slack did not say whether it took the first.")],
    }
