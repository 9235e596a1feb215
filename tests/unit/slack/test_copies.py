"""What channels hear that subscribed: copies without buttons, notices, summaries; nothing for outsiders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.core.actions import ActionId
from bot.core.catalog import Announce as Ends
from bot.core.circle import NoCircle
from bot.core.effects import Announce, Announcement, Notice, Posted, ShowCard, Summary
from bot.core.errors import CardGone, NeedsHuman
from bot.core.lifecycle import State
from bot.core.owning import Owners
from bot.core.records import Deployment
from bot.core.text import line
from bot.core.values import DeploymentId
from bot.slack.messenger import SlackMessenger
from bot.slack.views.copies import MOST_LINES
from tests.fakes.chat import FakeChannels, FakeChat, FakeHomes
from tests.fakes.links import FakeBook
from tests.fakes.records import Records
from tests.fakes.samples import ADA, LINUS, NOON, TEAM, in_state
from tests.unit.slack.slack_takes import leaves, must_fit, words

FAILED, WAITING = in_state(State.FAILED), in_state(State.WAITING)
ITS_CARD, THERE = Posted("C0APIDEPLO", "9.9"), Posted("C0ELSE0001", "8.8")
COPY = ShowCard(FAILED.id, THERE.channel)
SAID = Announce(FAILED.id, Announcement.FAILED, THERE.channel)


@dataclass
class Told(NoCircle):
    """What a catalog says."""

    ends: Ends = Ends.ALL
    open_to_others: bool = False

    async def notified(self, deployment: Deployment) -> Owners:  # noqa: ARG002
        return Owners("sre", (ADA,))

    def announces(self, deployment: Deployment) -> Ends:  # noqa: ARG002
        return self.ends

    def external(self, deployment: Deployment) -> bool:  # noqa: ARG002
        return self.open_to_others


def messenger(
    chat: FakeChat,
    *rows: Deployment,
    told: Told | None = None,
    card: Posted | None = ITS_CARD,
    **channels: Any,
) -> SlackMessenger:
    found = rows or (FAILED,)
    queries = Records(list(found), {each.id: card for each in found if card})
    link = "https://chat.test/{}/{}".format
    return SlackMessenger(
        chat,
        queries,
        FakeHomes(),
        FakeChannels(**channels),
        FakeBook(),
        circle=told or Told(),
        permalink=lambda posted: link(posted.channel, posted.ts),
    )


def buttons(message: Any) -> list[str]:
    return [leaf["action_id"] for leaf in leaves(message) if leaf.get("type") == "button"]


@pytest.mark.parametrize("state", State)
async def test_a_copy_shows_the_same_and_only_leads_to_the_card(state: State) -> None:
    chat, known = FakeChat(), in_state(state)
    await messenger(chat, known).deliver(TEAM, "op", ShowCard(known.id, THERE.channel), None)
    posted, _, thread, message = chat.posted[0]
    assert (posted.channel, thread) == (THERE.channel, None)
    assert buttons(message) == [ActionId.OPEN_RUN]
    assert "https://chat.test/C0APIDEPLO/9.9" in str(message)
    assert str(message["text"]).startswith(f"#{known.number} ")
    must_fit(dict(message))


async def test_it_is_edited_and_posted_again_when_it_was_deleted() -> None:
    chat = FakeChat()
    to_slack = messenger(chat)
    assert await to_slack.deliver(TEAM, "op", COPY, THERE) == THERE
    assert (len(chat.edits), chat.posted) == (1, [])
    chat.gone = True
    with pytest.raises(CardGone):
        await to_slack.deliver(TEAM, "op", COPY, THERE)


async def test_where_the_card_itself_stands_nothing_is_copied() -> None:
    chat = FakeChat()
    to_slack = messenger(chat, names={ITS_CARD.channel: "#api-deploys"})
    by_name = ShowCard(FAILED.id, "#api-deploys")
    assert await to_slack.deliver(TEAM, "op", by_name, None) == ITS_CARD
    assert await to_slack.deliver(TEAM, "op", by_name, ITS_CARD) == ITS_CARD
    said = Announce(FAILED.id, Announcement.FAILED, "#api-deploys")
    assert await to_slack.deliver(TEAM, "op", said, ITS_CARD) is None
    assert (chat.posted, chat.edits) == ([], [])


async def test_what_is_said_stands_in_the_thread_of_the_copy_and_rings_for_the_asker_alone() -> None:
    chat = FakeChat()
    await messenger(chat).deliver(TEAM, "op", SAID, THERE)
    posted, _, thread, message = chat.posted[0]
    assert (posted.channel, thread) == (THERE.channel, THERE.ts)
    assert {leaf["user_id"] for leaf in leaves(message) if leaf.get("type") == "user"} == {LINUS.id}
    await messenger(chat).deliver(TEAM, "op", SAID, None)  # its copy was too much, or could not be shown
    posted, _, thread, _ = chat.posted[1]
    assert (posted.channel, thread) == (THERE.channel, None)


@pytest.mark.parametrize("effect", [COPY, SAID, Notice(THERE.channel, line("Locked."))])
async def test_a_channel_that_was_shared_since_gets_nothing(effect: ShowCard | Announce | Notice) -> None:
    chat = FakeChat()
    shared = frozenset({THERE.channel})
    with pytest.raises(NeedsHuman, match="shared with people of other organisations"):
        await messenger(chat, shared=shared).deliver(TEAM, "op", effect, None)
    assert chat.posted == []
    opened = replace(effect, external=True) if isinstance(effect, Notice) else effect
    await messenger(chat, shared=shared, told=Told(open_to_others=True)).deliver(TEAM, "op", opened, None)
    assert len(chat.posted) == 1


async def test_who_asked_is_not_told_of_a_channel_that_only_listens() -> None:
    refusal = NeedsHuman("Nothing can be posted there.")
    assert await messenger(FakeChat()).instead(TEAM, COPY, refusal) is None
    assert await messenger(FakeChat()).instead(TEAM, SAID, refusal) is None
    assert await messenger(FakeChat()).instead(TEAM, ShowCard(FAILED.id), refusal) is not None


@pytest.mark.parametrize("effect", [COPY, SAID, Notice(THERE.channel, line("x")), Summary(THERE.channel)])
async def test_a_lost_answer_is_looked_for_in_that_channel(effect: ShowCard | Announce | Summary) -> None:
    chat = FakeChat()
    await messenger(chat).look_up(TEAM, "op", effect, None, NOON)
    assert [each[0] for each in chat.looks] == [THERE.channel]


@pytest.mark.parametrize(
    ("ends", "heard"),
    [
        (Ends.ALL, {Announcement.FAILED, Announcement.RECOVERED, Announcement.UNKNOWN}),
        (Ends.FAILURES, {Announcement.FAILED, Announcement.UNKNOWN}),
        (Ends.NONE, {Announcement.UNKNOWN}),
    ],
)
async def test_an_environment_says_which_ends_are_said_anew(ends: Ends, heard: set[Announcement]) -> None:
    """A question is no end: it is asked in any case."""
    found = set()
    for what in (Announcement.FAILED, Announcement.RECOVERED, Announcement.UNKNOWN):
        chat = FakeChat()
        await messenger(chat, told=Told(ends)).deliver(TEAM, "op", Announce(FAILED.id, what), ITS_CARD)
        found |= {what} if chat.posted else set()
    assert found == heard


async def test_a_failure_rings_once_for_those_whom_the_environment_names() -> None:
    chat = FakeChat()
    for known, what in ((FAILED, Announcement.FAILED), (in_state(State.REFUSED), Announcement.FAILED)):
        await messenger(chat, known).deliver(TEAM, "op", Announce(known.id, what), ITS_CARD)
    failed, refused = [each[3] for each in chat.posted]
    assert {leaf["user_id"] for leaf in leaves(failed) if leaf.get("type") == "user"} == {LINUS.id, ADA.id}
    assert "For sre" in words(dict(failed))
    assert "For sre" not in words(dict(refused))


async def test_a_summary_says_first_what_waits_for_somebody() -> None:
    chat = FakeChat()
    other = replace(WAITING, id=DeploymentId("other"), number=8)
    held = (
        Notice(THERE.channel, line("Linus has locked api in staging.")),
        ShowCard(other.id, THERE.channel),
        COPY,
        SAID,
    )
    await messenger(chat, FAILED, other).deliver(TEAM, "op", Summary(THERE.channel, held), None)
    message = dict(chat.posted[0][3])
    assert message["text"].startswith("3 more events in the last minute: #7 api to staging: failed")
    said = words(message)
    assert said.index("#7 api") < said.index("Linus has locked") < said.index("#8 api")
    assert "/state" in said
    must_fit(message)


async def test_a_summary_is_never_too_long_and_keeps_what_others_may_not_read() -> None:
    chat = FakeChat()
    many = [replace(FAILED, id=DeploymentId(f"d{number}"), number=number) for number in range(100)]
    told = Summary(THERE.channel, tuple(ShowCard(each.id, THERE.channel) for each in many))
    await messenger(chat, *many).deliver(TEAM, "op", told, None)
    message = dict(chat.posted[0][3])
    assert f"and {100 - MOST_LINES} more." in words(message)
    must_fit(message)
    shared = messenger(chat, *many, shared=frozenset({THERE.channel}))
    assert await shared.deliver(TEAM, "op", told, None) is None
    assert len(chat.posted) == 1
