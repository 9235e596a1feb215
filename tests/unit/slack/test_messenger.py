"""From an effect to a message in Slack: always the newest state, within the limits, and where it belongs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.core.actions import ActionId
from bot.core.circle import NoCircle
from bot.core.effects import Announce, Announcement, Answer, Posted, ShowCard, Tell
from bot.core.errors import BlocksRefused, Bug, CardGone, HistoryClosed, NeedsHuman
from bot.core.lifecycle import State
from bot.core.linking import Account, Link
from bot.core.owning import Owners
from bot.core.ports import Queries
from bot.core.records import Deployment, Leaving
from bot.core.text import Text, line
from bot.core.values import SLIPWAY, Actor, ActorKind, DeploymentId, Kind
from bot.core.verdicts import GateState, Verdict
from bot.slack.messenger import SKEW, SlackMessenger
from tests.fakes.chat import FakeChannels, FakeChat, FakeHomes
from tests.fakes.links import FakeBook
from tests.fakes.samples import ADA, LINUS, NOON, SHA_A, SHA_B, TEAM, commit, in_state, resolution, wish
from tests.unit.slack.slack_takes import leaves, must_fit, words

RUNNING = in_state(State.RUNNING)
CARD = ShowCard(RUNNING.id)
STANDS = Posted("C1", "9.9")


@dataclass
class Records:
    """Only what the messenger asks for."""

    deployment: Deployment
    other: Deployment | None = None

    async def deployment_by_id(self, workspace: str, id: DeploymentId) -> Deployment | None:
        known = [each for each in (self.deployment, self.other) if each is not None]
        return next((each for each in known if (workspace, id) == (each.workspace, each.id)), None)


class Known(NoCircle):
    """Ada owns it."""

    async def owners(self, deployment: Deployment) -> Owners:  # noqa: ARG002
        return Owners("sre", (ADA,))


class Open(NoCircle):
    """People of other organisations may read of it."""

    def external(self, deployment: Deployment) -> bool:  # noqa: ARG002
        return True


def messenger(
    chat: FakeChat,
    deployment: Deployment = RUNNING,
    shared: frozenset[str] = frozenset(),
    book: FakeBook | None = None,
    circle: NoCircle | None = None,
) -> SlackMessenger:
    queries: Queries = Records(deployment)  # type: ignore[assignment]
    return SlackMessenger(chat, queries, FakeHomes(), FakeChannels(shared), book or FakeBook(), circle=circle)


def has_plan(message: Any) -> bool:
    return any(leaf.get("type") == "plan" for leaf in leaves(message))


async def test_a_card_is_posted_to_its_channel_and_then_edited() -> None:
    chat = FakeChat()
    shown = await messenger(chat).deliver(TEAM, "op", CARD, None)
    ((posted, operation, thread, message),) = chat.posted
    assert shown == posted == Posted("#api-deploys", "1.0")
    assert (operation, thread) == ("op", None)
    must_fit(dict(message))
    ended = in_state(State.SUCCEEDED)
    assert await messenger(chat, ended).deliver(TEAM, "op", CARD, STANDS) == STANDS
    assert "deployed" in chat.edits[0]["text"]


async def test_a_card_that_was_deleted_is_not_posted_before_that_is_marked() -> None:
    chat = FakeChat(gone=True)
    with pytest.raises(CardGone):
        await messenger(chat).deliver(TEAM, "op", CARD, STANDS)
    assert chat.posted == []


async def test_a_card_is_covered_where_people_from_outside_read_by_now() -> None:
    """A request may wait for days, and nobody asks us before a channel is shared."""
    chat, shared = FakeChat(), frozenset({STANDS.channel, RUNNING.channel})
    with pytest.raises(NeedsHuman, match="shared with people of other organisations"):
        await messenger(chat, shared=shared).deliver(TEAM, "op", CARD, None)
    failed = in_state(State.FAILED)
    said = Announce(failed.id, Announcement.FAILED)
    with pytest.raises(NeedsHuman, match="shared with people of other organisations"):
        await messenger(chat, failed, shared).deliver(TEAM, "op", said, STANDS)
    assert chat.posted == []
    assert await messenger(chat, failed, shared).deliver(TEAM, "op", CARD, STANDS) == STANDS
    edited = chat.edits[0]
    must_fit(dict(edited))
    assert f"/state #{failed.number}" in words(dict(edited))
    await messenger(chat, failed, shared, circle=Open()).deliver(TEAM, "op", CARD, STANDS)
    assert failed.wish.service in words(dict(chat.edits[1]))
    for part in (failed.wish.service, failed.requested_by.name, "failed"):
        assert part not in words(dict(edited)) + str(edited["text"])


async def test_an_edit_is_never_called_a_repeat() -> None:
    chat = FakeChat()
    await messenger(chat).deliver(TEAM, "op", CARD, STANDS, repeated=True)
    assert "repeat" not in words(dict(chat.edits[0]))


async def test_without_the_plan_block_the_card_falls_back_and_stays_so() -> None:
    chat = FakeChat(refusals=[BlocksRefused("plan")])
    to_slack = messenger(chat)
    await to_slack.deliver(TEAM, "op", CARD, None)
    await to_slack.deliver(TEAM, "op", CARD, None)
    assert [has_plan(message) for _, _, _, message in chat.posted] == [False, False]
    assert "smoke test" in words(dict(chat.posted[0][3]))


async def test_other_blocks_that_are_refused_are_our_mistake() -> None:
    chat = FakeChat(refusals=[BlocksRefused("header"), BlocksRefused("header")])
    with pytest.raises(BlocksRefused):
        await messenger(chat).deliver(TEAM, "op", CARD, None)


@pytest.mark.parametrize("effect", [CARD, Announce(RUNNING.id, Announcement.FAILED)])
async def test_what_may_be_a_repeat_says_so_where_people_read(effect: ShowCard | Announce) -> None:
    chat = FakeChat()
    known = STANDS if isinstance(effect, Announce) else None
    await messenger(chat).deliver(TEAM, "op", effect, known, repeated=True)
    message = dict(chat.posted[0][3])
    assert "may be a repeat" in message["text"]
    assert "may be a repeat" in words(message)
    must_fit(message)


async def test_only_an_open_question_rings_for_the_owners() -> None:
    for state, what, rung in (
        (State.UNKNOWN, Announcement.UNKNOWN, {LINUS.id, ADA.id}),
        (State.VERIFYING, Announcement.UNVERIFIED, {LINUS.id, ADA.id}),
        (State.FAILED, Announcement.FAILED, {LINUS.id}),
    ):
        chat, known = FakeChat(), in_state(state)
        queries: Queries = Records(known)  # type: ignore[assignment]
        to_slack = SlackMessenger(chat, queries, FakeHomes(), FakeChannels(), FakeBook(), circle=Known())
        await to_slack.deliver(TEAM, "op", Announce(known.id, what), STANDS)
        message = dict(chat.posted[0][3])
        assert {leaf["user_id"] for leaf in leaves(message) if leaf.get("type") == "user"} == rung


@pytest.mark.parametrize("by", [SLIPWAY, Actor(ActorKind.OPERATOR, "root@host", "root@host")])
@pytest.mark.parametrize("what", [Announcement.FAILED, Announcement.ALERT, Announcement.UNDONE])
async def test_a_rollback_that_nobody_of_the_chat_asked_for_rings_for_those_it_concerns(
    by: Actor, what: Announcement
) -> None:
    undone = in_state(State.FAILED)
    back = in_state(State.REFUSED, wish=wish(kind=Kind.ROLLBACK))
    back = replace(back, id=DeploymentId("back"), requested_by=by, undoes=undone.id)
    chat, queries = FakeChat(), Records(back, undone)
    to_slack = SlackMessenger(chat, queries, FakeHomes(), FakeChannels(), FakeBook(), circle=Known())  # type: ignore[arg-type]
    await to_slack.deliver(TEAM, "op", Announce(back.id, what), STANDS)
    message = dict(chat.posted[0][3])
    rung = {leaf["user_id"] for leaf in leaves(message) if leaf.get("type") == "user"}
    assert rung == (set() if what is Announcement.UNDONE else {LINUS.id, ADA.id})
    assert "take the answer" not in words(message)


async def test_where_its_card_can_not_be_shown_they_are_told_directly() -> None:
    undone = in_state(State.FAILED)
    back = in_state(State.REFUSED, wish=wish(kind=Kind.ROLLBACK))
    back = replace(back, id=DeploymentId("back"), requested_by=SLIPWAY, undoes=undone.id)
    chat, queries = FakeChat(), Records(back, undone)
    to_slack = SlackMessenger(chat, queries, FakeHomes(), FakeChannels(), FakeBook())  # type: ignore[arg-type]
    told = await to_slack.instead(TEAM, ShowCard(back.id), NeedsHuman("Nothing can be posted in #x."))
    assert told is not None
    assert told.person == undone.requested_by.id
    assert f"The card of #{back.number} can't be shown" in told.text.plain()
    await to_slack.deliver(TEAM, "op", Announce(back.id, Announcement.FAILED), None)
    assert chat.posted[0][0].channel == undone.requested_by.id


async def test_an_announcement_stands_in_the_cards_thread() -> None:
    chat = FakeChat()
    failed = in_state(State.FAILED)
    await messenger(chat, failed).deliver(TEAM, "op", Announce(failed.id, Announcement.FAILED), STANDS)
    posted, _, thread, message = chat.posted[0]
    assert (posted.channel, thread) == ("C1", "9.9")
    assert {"type": "user", "user_id": "U0LINUS001"} in leaves(dict(message))


async def test_without_a_card_an_announcement_goes_to_the_requester() -> None:
    chat = FakeChat()
    failed = in_state(State.FAILED)
    await messenger(chat, failed).deliver(TEAM, "op", Announce(failed.id, Announcement.FAILED), None)
    posted, _, thread, _ = chat.posted[0]
    assert (posted.channel, thread) == (failed.requested_by.id, None)
    by_token = replace(failed, requested_by=Actor(ActorKind.TOKEN, "ci", "ci"))
    with pytest.raises(NeedsHuman, match="no person"):
        await messenger(chat, by_token).deliver(TEAM, "op", Announce(failed.id, Announcement.FAILED), None)


@pytest.mark.parametrize("effect", [CARD, Announce(RUNNING.id, Announcement.ALARM)])
async def test_the_requester_is_told_of_what_no_channel_shows(effect: ShowCard | Announce) -> None:
    chat = FakeChat()
    refusal = NeedsHuman(
        "Nothing can be posted in #x.", "Slack says not_in_channel.", "Invite Slipway there."
    )
    tell = await messenger(chat).instead(TEAM, effect, refusal)
    assert tell is not None
    assert tell.person == RUNNING.requested_by.id
    said = tell.text.plain()
    assert f"The card of #{RUNNING.number} can't be shown in #api-deploys." in said
    assert "Invite Slipway there." in said
    await messenger(chat).deliver(TEAM, "op", tell, None, repeated=True)
    posted, operation, thread, message = chat.posted[0]
    assert (posted.channel, operation, thread) == (tell.person, "op", None)
    assert "may be a repeat" in words(dict(message))
    must_fit(dict(message))


async def test_nobody_is_told_of_what_nobody_asked_for_or_only_one_could_see() -> None:
    refusal = NeedsHuman("No.")
    by_token = replace(RUNNING, requested_by=Actor(ActorKind.TOKEN, "ci", "ci"))
    assert await messenger(FakeChat(), by_token).instead(TEAM, CARD, refusal) is None
    for effect in (Answer("U1", "C1", line("x")), Tell("U1", line("x"))):
        assert await messenger(FakeChat()).instead(TEAM, effect, refusal) is None


async def test_an_answer_is_for_one_person() -> None:
    chat = FakeChat()
    answer = Answer("U1", "C1", line("Hello"), "http://respond", ActionId.OPEN_FORM, "deploy")
    assert await messenger(chat).deliver(TEAM, "op", answer, None) is None
    ((channel, person, message, url),) = chat.whispers
    assert (channel, person, url) == ("C1", "U1", "http://respond")
    (offer,) = [leaf for leaf in leaves(dict(message)) if leaf.get("type") == "button"]
    assert (offer["action_id"], offer["value"]) == ("open_form", "deploy")
    assert chat.posted == []


async def test_an_answer_of_any_length_arrives() -> None:
    chat = FakeChat()
    long = Text(line("x" * 100).lines * 2000)
    await messenger(chat).deliver(TEAM, "op", Answer("U1", "C1", long), None)
    must_fit(dict(chat.whispers[0][2]))


async def test_where_an_earlier_try_is_looked_for() -> None:
    chat = FakeChat()
    to_slack = messenger(chat)
    await to_slack.deliver(TEAM, "op", CARD, None)
    assert await to_slack.look_up(TEAM, "op", CARD, None, NOON) == Posted("#api-deploys", "1.0")
    assert (
        await to_slack.look_up(TEAM, "op", Announce(RUNNING.id, Announcement.FAILED), STANDS, NOON)
        is not None
    )
    assert await to_slack.look_up(TEAM, "other", CARD, None, NOON) is None
    assert chat.looks == [
        ("#api-deploys", "op", NOON - SKEW, None),
        ("C1", "op", NOON - SKEW, "9.9"),
        ("#api-deploys", "other", NOON - SKEW, None),
    ]


@pytest.mark.parametrize(
    "effect",
    [Answer("U1", "C1", line("x")), Tell("U1", line("x")), Announce(RUNNING.id, Announcement.FAILED)],
)
async def test_where_nobody_can_look_absent_is_never_said(effect: Answer | Tell | Announce) -> None:
    chat = FakeChat()
    with pytest.raises(HistoryClosed):
        await messenger(chat).look_up(TEAM, "op", effect, None, NOON)
    assert chat.looks == []


async def test_an_answer_that_may_be_a_repeat_says_so() -> None:
    chat = FakeChat()
    await messenger(chat).deliver(TEAM, "op", Answer("U1", "C1", line("x")), None, repeated=True)
    assert "may be a repeat" in words(dict(chat.whispers[0][2]))


async def test_an_effect_of_nothing_is_our_mistake() -> None:
    other = replace(RUNNING, id=DeploymentId("other"))
    with pytest.raises(Bug):
        await messenger(FakeChat(), other).deliver(TEAM, "op", CARD, None)


async def test_what_slack_says_goes_through() -> None:
    chat = FakeChat(refusals=[HistoryClosed("no scope")])
    with pytest.raises(HistoryClosed):
        await messenger(chat).deliver(TEAM, "op", CARD, None)


@pytest.mark.parametrize(
    ("shared", "read"), [(frozenset({"#audit"}), "in short"), (frozenset(), "all of it")]
)
async def test_people_from_outside_read_the_discreet_words(shared: frozenset[str], read: str) -> None:
    chat = FakeChat()
    told = Tell("#audit", line("all of it"), discreet=line("in short"))
    await messenger(chat, shared=shared).deliver(TEAM, "op", told, None)
    assert chat.posted[0][3]["text"] == read


async def test_a_reminder_that_comes_too_late_is_never_posted() -> None:
    chat = FakeChat()
    remind = Announce(RUNNING.id, Announcement.REMINDER)
    wanted = Verdict("approvals", GateState.WAITING, "Waiting for 1 approval of sre.", who="sre")
    ended = in_state(State.REJECTED, verdicts=(wanted,))
    assert await messenger(chat, ended).deliver(TEAM, "op", remind, STANDS) is None
    assert chat.posted == []
    waiting = in_state(State.WAITING, verdicts=(wanted,))
    await messenger(chat, waiting).deliver(TEAM, "op", remind, STANDS)
    ((_, _, thread, message),) = chat.posted
    assert thread == STANDS.ts
    assert "For sre: \nWaiting for 1 approval of sre." in words(dict(message))


def undone() -> Deployment:
    """A rollback that took a commit of Ada's away, and one of an account that nobody linked."""
    hers, other = (replace(commit(each), author_id=number) for each, number in ((SHA_A, "5"), (SHA_B, "6")))
    found = resolution(leaves=Leaving((other, replace(hers, author="ada-l")), (), 2))
    return in_state(State.SUCCEEDED, wish=wish(kind=Kind.ROLLBACK), resolution=found)


async def test_those_who_wrote_what_left_are_mentioned_by_the_accounts_that_they_linked() -> None:
    chat, back = FakeChat(), undone()
    book = FakeBook([Link(ADA.id, Account("github", "5", "ada-l"), NOON)])
    tell = Announce(back.id, Announcement.UNDONE)
    await messenger(chat, back, book=book).deliver(TEAM, "op", tell, STANDS)
    ((posted, _, thread, message),) = chat.posted
    must_fit(dict(message))
    assert (posted.channel, thread) == ("C1", "9.9")
    assert [leaf["user_id"] for leaf in leaves(message) if leaf.get("type") == "user"] == [ADA.id]
    assert book.asked == ["5", "6"]
    assert "grace" in words(dict(message)), "who has linked nothing is named all the same"


async def test_people_of_other_organisations_do_not_read_whose_account_it_is() -> None:
    chat, back = FakeChat(), undone()
    book = FakeBook([Link(ADA.id, Account("github", "5", "ada-l"), NOON)])
    tell = Announce(back.id, Announcement.UNDONE)
    await messenger(chat, back, frozenset({"C1"}), book, Open()).deliver(TEAM, "op", tell, STANDS)
    message = dict(chat.posted[0][3])
    assert "user_id" not in str(message)
    assert "ada-l" in words(message), "the card names it as well"


async def test_nobody_is_looked_up_for_what_is_announced_otherwise() -> None:
    chat, back, book = FakeChat(), undone(), FakeBook()
    failed = Announce(back.id, Announcement.FAILED)
    await messenger(chat, back, book=book).deliver(TEAM, "op", failed, STANDS)
    assert book.asked == []
