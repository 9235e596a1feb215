"""Settings of people to their effect: who is rung in a thread, and what comes by direct message, and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import Any

import pytest

from bot.core.calls import Call
from bot.core.effects import Announce, Announcement, Effect, Posted, ShowCard, Tell, TellEnd, TellLater
from bot.core.errors import HistoryClosed, Transient
from bot.core.lifecycle import State
from bot.core.my_settings import NIGHT, USUAL, Mentions, MySettings, OwnEnds, QuietHours
from bot.core.ports import Queries
from bot.core.records import Deployment
from bot.core.text import Mention, line
from bot.core.values import DeploymentId
from bot.slack.hushing import Hush
from bot.slack.messenger import SlackMessenger
from bot.slack.run_cards import RunCards
from tests.fakes.chat import FakeChannels, FakeChat, FakeDirectory, FakeHomes
from tests.fakes.links import FakeBook
from tests.fakes.queues import parcel
from tests.fakes.runs import FakeRuns
from tests.fakes.samples import ADA, LINUS, NOON, TEAM, actor, catalog, in_state, service, wish
from tests.unit.slack.slack_takes import leaves, words
from tests.unit.slack.test_messenger import Known
from tests.unit.slack.test_run_cards import FIRST, HIS, SAY

STANDS = Posted("C1", "9.9")
ALL_DAY = QuietHours(time(0), time(23, 59))
ASLEEP = MySettings(quiet=ALL_DAY)
FAILED = in_state(State.FAILED, requested_by=actor(LINUS), ended_at=NOON)
UNKNOWN = replace(FAILED, state=State.UNKNOWN, ended_at=None)


@dataclass
class Chosen:
    """The port HeldSettings."""

    kept: dict[str, MySettings] = field(default_factory=dict)

    async def settings(self, workspace: str, people: Collection[str]) -> Mapping[str, MySettings]:
        assert workspace == TEAM
        return {each: self.kept.get(each, USUAL) for each in people}


@dataclass
class Records:
    """Only what is asked for here."""

    deployments: list[Deployment]
    card: Posted | None = STANDS

    async def deployment_by_id(self, workspace: str, id: DeploymentId) -> Deployment | None:
        return next((each for each in self.deployments if (workspace, id) == (each.workspace, each.id)), None)

    async def card_of(self, workspace: str, id: DeploymentId) -> Posted | None:  # noqa: ARG002
        return self.card


def hush(kept: Mapping[str, MySettings], directory: FakeDirectory | None = None) -> Hush:
    return Hush(Chosen(dict(kept)), directory or FakeDirectory(), lambda: NOON)


async def said(
    effect: Effect,
    kept: Mapping[str, MySettings],
    *deployments: Deployment,
    card: Posted | None = STANDS,
    owned: bool = False,
) -> list[tuple[str, Any]]:
    """Where it was said, and the whole message."""
    chat = FakeChat()
    queries: Queries = Records(list(deployments), card)  # type: ignore[assignment]
    circle = Known() if owned else None
    to_slack = SlackMessenger(
        chat,
        queries,
        FakeHomes(),
        FakeChannels(),
        FakeBook(),
        circle=circle,
        permalink=lambda posted: f"https://chat.test/{posted.channel}",
        hush=hush(kept),
    )
    await to_slack.deliver(TEAM, "op", effect, STANDS if isinstance(effect, Announce) else None)
    return [(posted.channel, dict(message)) for posted, _, _, message in chat.posted]


def rung(message: Any) -> set[str]:
    return {str(leaf["user_id"]) for leaf in leaves(message) if leaf.get("type") == "user"}


async def rung_by(
    deployment: Deployment, what: Announcement, owned: bool = False, **kept: MySettings
) -> set[str]:
    effect, theirs = Announce(deployment.id, what), {"linus": LINUS.id, "ada": ADA.id}
    chosen = {theirs[name]: settings for name, settings in kept.items()}
    ((_, message),) = await said(effect, chosen, deployment, owned=owned)
    assert "Linus" in words(message) or rung(message)
    return rung(message)


async def test_a_failure_rings_for_who_wants_it() -> None:
    assert await rung_by(FAILED, Announcement.FAILED) == {LINUS.id}
    for wanted in (Mentions.NEEDED, Mentions.NEVER):
        assert await rung_by(FAILED, Announcement.FAILED, linus=MySettings(wanted)) == set()
    assert await rung_by(FAILED, Announcement.FAILED, linus=ASLEEP) == set()


async def test_a_copy_in_another_channel_rings_no_more_than_the_thread() -> None:
    effect = Announce(FAILED.id, Announcement.FAILED, "C2")
    for kept, expected in (({}, {LINUS.id}), ({LINUS.id: ASLEEP}, set())):
        ((_, message),) = await said(effect, kept, FAILED, card=None)
        assert rung(message) == expected


async def test_a_question_rings_for_somebody_in_any_case() -> None:
    never = MySettings(Mentions.NEVER)
    assert await rung_by(UNKNOWN, Announcement.UNKNOWN, linus=ASLEEP, owned=True) == {ADA.id}
    assert await rung_by(UNKNOWN, Announcement.UNKNOWN, linus=ASLEEP) == {LINUS.id}
    both = await rung_by(UNKNOWN, Announcement.UNKNOWN, owned=True, linus=never, ada=ASLEEP)
    assert both == {LINUS.id, ADA.id}


async def test_an_emergency_rings_by_night() -> None:
    glass = replace(FAILED, wish=wish(emergency=True, reason="customers can't pay"))
    assert await rung_by(glass, Announcement.FAILED, linus=ASLEEP) == {LINUS.id}
    assert await rung_by(glass, Announcement.EMERGENCY, linus=ASLEEP) == {LINUS.id}


async def test_an_end_comes_with_its_card() -> None:
    ((channel, message),) = await said(
        TellEnd(FAILED.id, LINUS.id), {LINUS.id: MySettings(ends=OwnEnds.FAILURES)}, FAILED
    )
    assert channel == LINUS.id
    assert "#7 api to staging: failed." in words(message)
    assert "https://chat.test/C1" in str(message)


async def test_an_end_that_is_not_wanted_any_more_or_stands_there_is_not_said() -> None:
    effect, wanted = TellEnd(FAILED.id, LINUS.id), {LINUS.id: MySettings(ends=OwnEnds.ALWAYS)}
    assert await said(effect, {}, FAILED) == []
    assert await said(effect, wanted, FAILED, card=Posted("D0LINUS001", "1.1")) == []
    assert len(await said(effect, wanted, FAILED, card=None)) == 1


async def test_in_the_morning_one_message_says_how_it_stands() -> None:
    mended = in_state(
        State.SUCCEEDED,
        number=8,
        id=DeploymentId("two"),
        requested_by=actor(LINUS),
        ended_at=NOON + timedelta(hours=1),
    )
    lock = Tell(LINUS.id, line("Ada has broken your lock."))
    ends = (TellEnd(FAILED.id, LINUS.id), TellEnd(mended.id, LINUS.id))
    later, wanted = TellLater(LINUS.id, (lock, *ends)), {LINUS.id: MySettings(ends=OwnEnds.ALWAYS)}
    ((channel, message),) = await said(later, wanted, FAILED, mended)
    assert channel == LINUS.id
    for part in ("While you had quiet hours:", "broken your lock", "#8 api to staging: deployed."):
        assert part in words(message)
    assert "#7" not in words(message)
    assert await said(TellLater(LINUS.id, ends), {}, FAILED, mended) == [], "nothing is left to say"


async def test_whose_messages_wait_and_until_when() -> None:
    night = hush({LINUS.id: MySettings(quiet=NIGHT)})
    late = NOON.replace(hour=23)
    news = Tell(LINUS.id, line("news"))
    assert await night.quiet_until(parcel(effect=news, claimed_at=late)) == late.replace(
        day=late.day + 1, hour=7, minute=0, second=0, microsecond=0
    )
    assert await night.quiet_until(parcel(effect=news, claimed_at=NOON)) is None
    for other in (replace(news, call=Call.URGENT), Tell(ADA.id, line("news")), ShowCard(FAILED.id)):
        assert await night.quiet_until(parcel(effect=other, claimed_at=late)) is None


async def test_where_nobody_knows_their_zone_nothing_waits() -> None:
    lost = FakeDirectory()
    lost.fails = Transient("it can't be reached.", system="Slack")
    asleep = hush({LINUS.id: ASLEEP}, lost)
    assert await asleep.quiet_until(parcel(effect=Tell(LINUS.id, line("news")))) is None
    text = line(Mention(LINUS.id, "Linus", notify=True))
    assert await asleep.named(TEAM, text, Call.NEWS) == text


async def test_who_chose_nothing_is_not_asked_about() -> None:
    """The directory is a call to Slack: it is made only for those who have quiet hours."""
    lost = FakeDirectory()
    lost.fails = AssertionError("asked")
    text = line(Mention(LINUS.id, "Linus", notify=True))
    assert await hush({}, lost).named(TEAM, text, Call.NEWS) == text


@pytest.mark.parametrize("effect", [TellEnd(FAILED.id, LINUS.id), TellLater(LINUS.id)])
async def test_nobody_can_look_for_what_only_one_person_sees(effect: Effect) -> None:
    queries: Queries = Records([FAILED])  # type: ignore[assignment]
    to_slack = SlackMessenger(FakeChat(), queries, FakeHomes(), FakeChannels(), FakeBook())
    with pytest.raises(HistoryClosed):
        await to_slack.look_up(TEAM, "op", effect, None, NOON)


@pytest.mark.parametrize(
    ("mine", "rung"), [(USUAL, True), (MySettings(mentions=Mentions.NEVER), False), (ASLEEP, False)]
)
async def test_what_is_said_of_a_run_rings_for_whoever_wants_that(mine: MySettings, rung: bool) -> None:
    chat, told = FakeChat(), FakeRuns([FIRST])
    book, known = FakeBook([HIS]), catalog(service())
    cards = RunCards(chat, told, FakeChannels(), book, lambda: known, hush({LINUS.id: mine}))
    await cards.tell(TEAM, "op", SAY, STANDS, lambda message: message)
    (_, _, _, message) = chat.posted[0]
    named = [leaf for leaf in leaves(message) if leaf.get("type") == "user"]
    assert [leaf["user_id"] for leaf in named] == ([LINUS.id] if rung else [])
