"""Cards of runs in channels that hear of them: the last attempt as it stands, and nothing for outsiders."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.effects import Notice, Posted, ShowRun, Summary, TellRun
from bot.core.errors import BlocksRefused, Bug, CardGone, NeedsHuman
from bot.core.following import RunChange, RunRecord
from bot.core.linking import Account, Link
from bot.core.runs import RunStatus
from bot.core.tails import Tail
from bot.core.text import line
from bot.slack.messenger import REPEAT, SKEW, SlackMessenger
from bot.slack.run_cards import RunCards
from tests.fakes.chat import FakeChannels, FakeChat, FakeHomes
from tests.fakes.links import FakeBook
from tests.fakes.records import Records
from tests.fakes.runs import FakeRuns
from tests.fakes.samples import LINUS, NOON, TEAM, catalog, service
from tests.unit.slack.slack_takes import leaves
from tests.unit.slack.test_run_card_view import BUILD, DONE, REF, TEST, record

FIRST = record(RunStatus.FAILURE, BUILD, TEST, **DONE)
SECOND = record(RunStatus.RUNNING, BUILD, attempt=2)
THERE = Posted("C0ELSE0001", "8.8")
TAIL = Tail("test", "Run pytest", "https://github.com/acme/api/runs/1", ("1 failed",))
SHOW, SAY = ShowRun(REF, THERE.channel), TellRun(REF, 1, RunChange.FAILED, THERE.channel)
HIS = Link(LINUS.id, Account("github", "42", "grace"), NOON)


def messenger(
    chat: FakeChat, *records: RunRecord, external: bool = False, links: tuple[Link, ...] = (), **channels: Any
) -> SlackMessenger:
    known = catalog(service(), service("web", external=external))
    told, book, there = (
        FakeRuns(list(records or (FIRST, SECOND))),
        FakeBook(list(links)),
        FakeChannels(**channels),
    )
    cards = RunCards(chat, told, there, book, lambda: known)
    return SlackMessenger(chat, Records([]), FakeHomes(), there, book, runs=cards)


async def test_it_is_posted_once_and_edited_to_the_last_attempt() -> None:
    chat = FakeChat()
    assert await messenger(chat, FIRST).deliver(TEAM, "op", SHOW, None) is not None
    posted, operation, thread, message = chat.posted[0]
    assert (posted.channel, operation, thread) == (THERE.channel, "op", None)
    assert "CI on main of acme/api: failed in test" in message["text"]
    assert await messenger(chat).deliver(TEAM, "op", SHOW, THERE) == THERE
    assert "attempt 2: running" in chat.edits[0]["text"]
    assert len(chat.posted) == 1


async def test_one_that_was_deleted_is_posted_again_and_one_that_is_forgotten_stays() -> None:
    chat = FakeChat(gone=True)
    with pytest.raises(CardGone):
        await messenger(chat).deliver(TEAM, "op", SHOW, THERE)
    lost = replace(SHOW, run=replace(REF, external_id="9"))
    assert await messenger(chat).deliver(TEAM, "op", lost, THERE) == THERE
    assert await messenger(chat).deliver(TEAM, "op", replace(SAY, attempt=7), THERE) is None
    assert chat.posted == []


async def test_what_it_wrote_stands_below_its_card_and_nowhere_else() -> None:
    chat, wrote = FakeChat(), replace(SAY, tail=TAIL)
    assert await messenger(chat).deliver(TEAM, "op", wrote, None) is None, "without a card it has no place"
    shared = messenger(chat, external=True, shared=frozenset({THERE.channel}))
    assert await shared.deliver(TEAM, "op", wrote, THERE) is None, "logs stay inside"
    assert chat.posted == []
    await messenger(chat, links=(HIS,)).deliver(TEAM, "op", wrote, THERE)
    _, _, thread, message = chat.posted[0]
    assert message["text"] == "CI on main of acme/api: how test › Run pytest failed."
    assert (thread, message["reply_broadcast"]) == (THERE.ts, False)
    assert "1 failed" in str(message["blocks"])
    assert LINUS.id not in str(message["blocks"])


async def test_what_is_said_is_of_its_attempt_and_stands_in_the_thread() -> None:
    chat = FakeChat()
    await messenger(chat, links=(HIS,)).deliver(TEAM, "op", SAY, THERE)
    posted, _, thread, message = chat.posted[0]
    assert (posted.channel, thread) == (THERE.channel, THERE.ts)
    assert "CI on main of acme/api failed in test" in message["text"]
    assert [leaf["user_id"] for leaf in leaves(message) if leaf.get("type") == "user"] == [LINUS.id]
    await messenger(chat).deliver(TEAM, "op", SAY, None)  # its card was too much, or could not be shown
    posted, _, thread, message = chat.posted[1]
    assert (posted.channel, thread) == (THERE.channel, None)
    assert not [leaf for leaf in leaves(message) if leaf.get("type") == "user"], "nobody linked the account"


@pytest.mark.parametrize("effect", [SHOW, SAY])
async def test_a_channel_that_was_shared_gets_only_what_is_open_to_all(effect: ShowRun | TellRun) -> None:
    chat, shared = FakeChat(), frozenset({THERE.channel})
    with pytest.raises(NeedsHuman, match="shared with people of other organisations"):
        await messenger(chat, shared=shared).deliver(TEAM, "op", effect, None)
    assert chat.posted == []
    await messenger(chat, shared=shared, external=True, links=(HIS,)).deliver(TEAM, "op", effect, None)
    (_, _, _, message) = chat.posted[0]
    assert not [leaf for leaf in leaves(message) if leaf.get("type") == "user"], (
        "whose account it is stays here"
    )


async def test_in_a_summary_each_run_is_a_line() -> None:
    held = (
        SHOW,
        SAY,
        Notice(THERE.channel, line("Locked.")),
        replace(SHOW, run=replace(REF, external_id="9")),
    )
    told = Summary(THERE.channel, held)
    chat = FakeChat()
    await messenger(chat, FIRST).deliver(TEAM, "op", told, None)
    assert chat.posted[0][3]["text"].startswith(
        "2 more events in the last minute: CI on main of acme/api: failed"
    )
    shared = messenger(chat, FIRST, shared=frozenset({THERE.channel}))
    assert await shared.deliver(TEAM, "op", told, None) is None


async def test_a_workspace_without_plans_gets_words() -> None:
    chat = FakeChat(refusals=[BlocksRefused("plan")])
    to_slack = messenger(chat, FIRST)
    await to_slack.deliver(TEAM, "op", SHOW, None)
    await to_slack.deliver(TEAM, "op", SHOW, THERE)
    for shown in (chat.posted[-1][3], chat.edits[-1]):
        assert [each["type"] for each in shown["blocks"]].count("plan") == 0
        assert "test: failed at “Run pytest”" in str(shown)
    with pytest.raises(BlocksRefused):
        chat.refusals = [BlocksRefused("no block at all")]
        await to_slack.deliver(TEAM, "op", SHOW, None)


async def test_a_lost_answer_is_looked_for_where_it_would_stand() -> None:
    chat, since = FakeChat(), NOON + timedelta(minutes=1)
    to_slack = messenger(chat)
    for effect, known in ((SHOW, None), (SAY, None), (SAY, THERE)):
        await to_slack.look_up(TEAM, "op", effect, known, since)
    places = [(THERE.channel, None), (THERE.channel, None), (THERE.channel, THERE.ts)]
    assert [(channel, thread) for channel, _, _, thread in chat.looks] == places
    assert {since for _, _, since, _ in chat.looks} == {since - SKEW}
    await to_slack.deliver(TEAM, "op", SAY, THERE, repeated=True)
    assert REPEAT in chat.posted[-1][3]["text"]


async def test_nobody_is_told_instead_as_nobody_asked() -> None:
    refusal = NeedsHuman("Nothing can be posted there.")
    assert await messenger(FakeChat()).instead(TEAM, SHOW, refusal) is None
    assert await messenger(FakeChat()).instead(TEAM, SAY, refusal) is None


async def test_where_nobody_shows_them_it_is_our_mistake() -> None:
    to_slack = SlackMessenger(FakeChat(), Records([]), FakeHomes(), FakeChannels(), FakeBook())
    with pytest.raises(Bug):
        await to_slack.deliver(TEAM, "op", SHOW, None)
