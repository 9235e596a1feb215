"""Our own check of Slack's limits is never looser than the stand-in's, which was written on its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.actions import ActionId
from bot.core.text import Icon, Link, Mention, Moment, Style, Text, Words
from bot.slack import limits
from bot.slack.views import blocks
from bot.slack.views.announcement import answer
from tests.unit.slack.slack_takes import must_fit, refusals

EDGES = [0, 29, 30, 31, 75, 76, 100, 101, 150, 151, 200, 201, 300, 301, 2000, 2001, 3000, 3001]
SIZES = st.sampled_from([*[1] * 60, *EDGES])
TEXTS = SIZES.map(lambda size: "x" * size)
PLAIN = st.builds(lambda text: {"type": "plain_text", "text": text}, TEXTS)
IDS = st.sampled_from([*"abcdefghijklmnopqrstuvwxyz", "c" * 255, "d" * 256])
CONFIRM = st.fixed_dictionaries({"title": PLAIN, "text": PLAIN, "confirm": PLAIN, "deny": PLAIN})
BUTTON = st.fixed_dictionaries(
    {"type": st.just("button"), "action_id": IDS, "text": PLAIN},
    optional={"value": TEXTS.filter(bool), "url": TEXTS.filter(bool), "confirm": CONFIRM},
)
LEAF = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, TEXTS),
    st.builds(lambda text: {"type": "link", "url": "https://x.test", "text": text}, TEXTS),
    st.just({"type": "emoji", "name": "rocket"}),
    st.just({"type": "user", "user_id": "U1"}),
    st.just({"type": "date", "timestamp": 1, "format": "{date}", "fallback": "then"}),
)
SECTION = st.builds(
    lambda leaves, times: {"type": "rich_text_section", "elements": leaves * times},
    st.lists(LEAF, max_size=4),
    st.sampled_from([1, 1, 1, 300]),
)
TASK = st.fixed_dictionaries(
    {"type": st.just("task_card"), "task_id": IDS, "title": TEXTS, "status": st.just("pending")}
)
BLOCK = st.one_of(
    st.builds(lambda text: {"type": "header", "text": text}, PLAIN),
    st.builds(
        lambda parts: {"type": "rich_text", "elements": parts}, st.lists(SECTION, min_size=1, max_size=3)
    ),
    st.builds(lambda texts: {"type": "context", "elements": texts}, st.lists(PLAIN, max_size=12)),
    st.builds(lambda buttons: {"type": "actions", "elements": buttons}, st.lists(BUTTON, max_size=27)),
    st.builds(
        lambda title, tasks: {"type": "plan", "title": title, "tasks": tasks},
        TEXTS,
        st.lists(TASK, max_size=3),
    ),
)
NAMED = st.builds(lambda block, name: block | ({"block_id": name} if name else {}), BLOCK, st.just("") | IDS)
MESSAGES = st.builds(
    lambda text, parts, times: {"text": text, "blocks": parts * times},
    st.sampled_from([1, 3999, 4000, 4001]).map(lambda size: "x" * size),
    st.lists(NAMED, min_size=1, max_size=4),
    st.sampled_from([1, 1, 1, 1, 13]),
)


MENTIONS = {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U1"}] * 1000}


@settings(max_examples=400)
@example({"text": "x", "blocks": [{"type": "rich_text", "elements": [MENTIONS]}] * 7})
@given(MESSAGES)
def test_what_we_let_out_slack_takes(message: dict[str, Any]) -> None:
    try:
        limits.check(message)
    except limits.TooBig:
        return
    assert refusals(message) == []


SPANS = st.one_of(
    st.builds(Words, st.text(max_size=60), st.sampled_from(Style)),
    st.builds(Words, st.sampled_from(["<!channel>", "&" * 4000, "\u202e" * 800])),
    st.builds(Link, st.just("https://x.test"), st.text(max_size=60)),
    st.builds(Mention, st.just("U1"), st.text(max_size=200), st.booleans()),
    st.builds(Icon, st.just("rocket")),
    st.builds(Moment, st.just(datetime(2026, 1, 1, tzinfo=UTC))),
)
SAID = st.builds(
    lambda lines, times: Text(tuple(tuple(spans) for spans in lines) * times),
    st.lists(st.lists(SPANS, max_size=5), max_size=6),
    st.sampled_from([1, 1, 50, 400]),
)


@given(SAID, st.booleans())
def test_whatever_we_say_fits_one_message(text: Text, repeated: bool) -> None:
    buttons = [blocks.button(action, "x" * 200, "v") for action in ActionId][: 3 if repeated else 0]
    must_fit(answer(text, buttons))
