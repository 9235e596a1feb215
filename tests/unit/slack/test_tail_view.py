"""What a failed run wrote, in the thread of its card, and where it is not said."""

from __future__ import annotations

import pytest

from bot.core.catalog import Announce as Ends
from bot.core.effects import Announce, Announcement, Posted
from bot.core.errors import NeedsHuman
from bot.core.junit import FailedTest, TestCounts
from bot.core.lifecycle import State
from bot.core.log_ends import MOST_TEXT
from bot.core.tails import Tail
from bot.slack.messenger import SlackMessenger
from bot.slack.views.tail import logged, tail_blocks
from tests.fakes.chat import FakeChat
from tests.fakes.samples import TEAM, in_state
from tests.golden import golden
from tests.unit.slack.slack_takes import must_fit
from tests.unit.slack.test_copies import Told, messenger

FAILED = in_state(State.FAILED)
STANDS, COPY = Posted("C0APIDEPLOYS", "1.0"), Posted("C0OTHER", "2.0")
TESTS = TestCounts(312, 2, 3, (FailedTest("t.a.one", "503 != 200"), FailedTest("t.b.two")))
TAIL = Tail(
    "deploy",
    "Roll out",
    "https://github.example.com/acme/api/actions/runs/9/job/7",
    ("waiting <!channel> *now*", "Error: Process completed with exit code 1."),
    TESTS,
)
SAID = Announce(FAILED.id, Announcement.LOGGED, tail=TAIL)


def test_the_end_of_the_log_and_the_tests() -> None:
    made = logged(FAILED, TAIL)
    must_fit(made)
    assert made["reply_broadcast"] is False
    assert "<!channel>" not in made["text"]
    golden("announcement-logged", made)


def test_it_fits_however_much_there_is() -> None:
    failures = tuple(FailedTest("n" * 150, "&" * 200) for _ in range(5))
    lines = tuple("&<>" * 42 for _ in range(MOST_TEXT // 127))
    made = logged(
        FAILED, Tail("j" * 100, "s" * 100, TAIL.url, lines, TestCounts(9_999, 99, 0, failures, False))
    )
    must_fit(made)
    assert "… and 94 more." in str(made["blocks"])
    assert "Some results could not be read." in str(made["blocks"])


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        (Tail(tests=TestCounts(1)), "1 test: all passed."),
        (Tail(tests=TestCounts(7, 0, 2)), "7 tests: 2 skipped."),
        (Tail("deploy", lines=("x",)), "The end of the log of "),
    ],
)
def test_either_part_may_be_missing(tail: Tail, words: str) -> None:
    must_fit(logged(FAILED, tail))
    assert words in str(tail_blocks(tail, "a run"))


async def delivered(
    chat: FakeChat, said: Announce = SAID, known: Posted | None = STANDS, to: SlackMessenger | None = None
) -> Posted | None:
    return await (to or messenger(chat, FAILED)).deliver(TEAM, "op", said, known)


async def test_it_is_a_reply_below_the_card_and_below_a_copy() -> None:
    chat = FakeChat()
    assert await delivered(chat) is not None
    assert (
        await delivered(chat, Announce(FAILED.id, Announcement.LOGGED, COPY.channel, TAIL), COPY) is not None
    )
    assert [(where.channel, thread) for where, _, thread, _ in chat.posted] == [
        (STANDS.channel, STANDS.ts),
        (COPY.channel, COPY.ts),
    ]


@pytest.mark.parametrize("external", [True, False])
@pytest.mark.parametrize("known", [STANDS, COPY])
async def test_people_of_other_organisations_never_read_it(known: Posted, external: bool) -> None:
    """Not even where the catalog lets them read of the service."""
    chat = FakeChat()
    shared = frozenset({STANDS.channel, COPY.channel})
    to = messenger(chat, FAILED, shared=shared, told=Told(open_to_others=external))
    said = SAID if known is STANDS else Announce(FAILED.id, Announcement.LOGGED, COPY.channel, TAIL)
    assert await delivered(chat, said, known, to) is None
    assert chat.posted == []


async def test_where_no_card_stands_and_where_no_end_is_said_it_is_not_either() -> None:
    chat = FakeChat()
    assert await delivered(chat, known=None) is None
    assert await delivered(chat, Announce(FAILED.id, Announcement.LOGGED)) is None
    assert await delivered(chat, to=messenger(chat, FAILED, told=Told(Ends.NONE))) is None
    assert chat.posted == []


async def test_nobody_is_told_that_it_could_not_be_shown() -> None:
    assert await messenger(FakeChat(), FAILED).instead(TEAM, SAID, NeedsHuman("No.")) is None
