"""Lists with buttons: what a person sees of them, within Slack's limits, whatever the names are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.actions import ActionId
from bot.core.effects import Answer
from bot.core.text import line
from bot.core.verdicts import GateState, Verdict
from bot.slack.messenger import OFFERS, SlackMessenger
from bot.slack.views.announcement import answer
from commands.approvals import WITH_BUTTONS
from tests.fakes.chat import FakeChannels, FakeChat, FakeHomes
from tests.fakes.links import FakeBook
from tests.fakes.samples import ADA, TEAM, actor, resolution, wish
from tests.unit.commands.test_approvals import listed, waiting
from tests.unit.slack.slack_takes import leaves, must_fit, words


def buttons(message: Any) -> list[tuple[str, str]]:
    return [
        (leaf["action_id"], leaf["value"]) for leaf in leaves(dict(message)) if leaf.get("type") == "button"
    ]


async def test_each_has_its_own_two_buttons_and_the_text_says_it_all() -> None:
    reply = await listed(waiting(7), waiting(8), waiting(9, requested_by=actor(ADA)))
    chat = FakeChat()
    effect = Answer(ADA.id, "C1", reply.text, choices=reply.choices, below=reply.below)
    messenger = SlackMessenger(chat, None, FakeHomes(), FakeChannels(), FakeBook())  # type: ignore[arg-type]
    await messenger.deliver(TEAM, "op", effect, None)
    ((_, _, message, _),) = chat.whispers
    must_fit(dict(message))
    first, second = (each.value for each in reply.choices)
    wanted = [
        (action.value, value) for value in (first, second) for action in (ActionId.APPROVE, ActionId.REJECT)
    ]
    assert buttons(message) == wanted
    for said in ("Waits for you", "#7", "#8", "Waits for others", "#9"):
        assert said in str(message["text"])
        assert said in words(dict(message))


@pytest.mark.parametrize("name", ["x" * 5000, "<!channel> *b* & `c`", "\u202egnp.exe", "\n\n" * 500])
async def test_no_names_break_the_limits_or_become_markup(name: str) -> None:
    wanted = (Verdict("approvals", GateState.WAITING, name, name),)
    long = resolution(release=replace(resolution().release, title=name))
    changes: dict[str, Any] = {"verdicts": wanted, "wish": wish(reason=name), "resolution": long}
    own = [waiting(number, **changes) for number in range(1, WITH_BUTTONS + 5)]
    by_ada: dict[str, Any] = {"requested_by": replace(actor(ADA), name=name)}
    theirs = [waiting(number, **(changes | by_ada)) for number in range(100, 300)]
    reply = await listed(*own, *theirs)
    made = answer(reply.text, [], reply.choices, reply.below)
    must_fit(made)
    assert len(buttons(made)) == 2 * WITH_BUTTONS
    assert not any(leaf.get("type") == "mrkdwn" for leaf in leaves(made))


async def test_a_list_too_long_for_one_message_loses_whole_lines_at_its_end() -> None:
    below = sum((line("y" * 1000) for _ in range(20)), line("others"))
    reply = await listed(waiting())
    made = answer(reply.text, [], reply.choices, below)
    must_fit(made)
    assert "more lines" in words(made)


def test_every_offer_says_what_it_does() -> None:
    offered = {ActionId.OPEN_FORM, ActionId.OLDER, ActionId.SAY_IN_FULL, ActionId.TELL_ME, ActionId.HAND_OVER}
    assert set(OFFERS) == offered
    assert len(set(OFFERS.values())) == len(offered)
