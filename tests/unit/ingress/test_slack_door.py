"""What Slack gets for each request, and what is kept of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from bot.core.ingress import Answer, Outcome, Tally
from bot.core.records import Source
from bot.slack.deliveries import FORM_SHOWS_ERRORS, Incoming, Kind, classify
from bot.slack.guard import Guard
from bot.slack.ingress import Reception, SlackDoor
from bot.slack.replays import Replays
from tests.unit.ingress.keepers import Shelf
from tests.unit.ingress.signing import NOW, SECRET, command, event, interaction, slack_headers

ERRORS = {"response_action": "errors", "errors": {"reason": "Say why."}}


class Around:
    """A door and everything behind it."""

    def __init__(self, answer: Mapping[str, Any] | None = None, home: str = "T1") -> None:
        self.tally = Tally()
        self.shelf = Shelf()
        self.asked: list[tuple[Incoming, int]] = []
        self._answer = answer
        reception = Reception(self.shelf, self._inline, lambda: home)
        self.door = SlackDoor(Guard((SECRET,), lambda: NOW), reception, self.tally)

    async def _inline(self, incoming: Incoming) -> Mapping[str, Any] | None:
        self.asked.append((incoming, len(self.shelf.receipts)))
        return self._answer

    async def send(self, body: bytes, **headers: str) -> Answer:
        return await self.door({**slack_headers(body), **headers}, body)

    def count(self, outcome: Outcome) -> int:
        return self.tally.count(Source.SLACK, outcome)


async def test_a_command_is_stored_and_then_acknowledged_with_nothing_said() -> None:
    around = Around()
    answer = await around.send(command(), **{"Content-Type": "application/x-www-form-urlencoded"})
    assert answer == Answer(200)
    (receipt,) = around.shelf.receipts
    assert (receipt.workspace, receipt.kind, receipt.delivery_key) == ("T1", "command", "1.2.abc")
    assert receipt.body == command()
    assert receipt.signature == slack_headers(command())["X-Slack-Signature"]
    assert receipt.headers == (("Content-Type", "application/x-www-form-urlencoded"),)
    assert around.count(Outcome.STORED) == 1


async def test_the_same_request_twice_is_refused_and_counted() -> None:
    around = Around()
    await around.send(command())
    assert (await around.send(command())).status == 401
    assert len(around.shelf.receipts) == 1
    assert around.count(Outcome.REPLAYED) == 1


async def test_a_retry_by_slack_is_acknowledged_and_stored_once() -> None:
    around = Around()
    await around.send(event())
    again = slack_headers(event(), at=NOW + 60)
    answer = await around.door({**again, "X-Slack-Retry-Num": "1"}, event())
    assert answer == Answer(200)
    assert len(around.shelf.receipts) == 1
    assert around.count(Outcome.SEEN) == 1


async def test_a_first_sight_of_a_retry_is_kept() -> None:
    around = Around()
    await around.send(event(), **{"X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "http_timeout"})
    (receipt,) = around.shelf.receipts
    assert dict(receipt.headers)["X-Slack-Retry-Num"] == "2"


async def test_a_forged_request_is_refused_counted_and_its_body_never_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    around = Around()
    body = command(text="hunter2")
    with caplog.at_level(logging.DEBUG):
        answer = await around.door(slack_headers(body, secret="wrong"), body)
    assert answer.status == 401
    assert around.count(Outcome.FORGED) == 1
    assert around.shelf.receipts == []
    assert "hunter2" not in caplog.text


async def test_a_signed_body_that_makes_no_sense_gets_a_plain_sentence_and_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    around = Around()
    with caplog.at_level(logging.DEBUG):
        answer = await around.send(b"payload=hunter2")
    assert answer == Answer(400, b"The body is not JSON.")
    assert around.count(Outcome.MALFORMED) == 1
    assert "hunter2" not in caplog.text


async def test_a_database_that_is_down_is_not_acknowledged() -> None:
    around = Around(ERRORS)
    around.shelf.down = True
    assert (await around.send(interaction("view_submission"))).status == 503
    assert around.count(Outcome.UNAVAILABLE) == 1


async def test_a_form_is_kept_together_with_what_was_answered() -> None:
    around = Around(ERRORS)
    answer = await around.send(interaction("view_submission"))
    assert answer.content_type == "application/json"
    assert json.loads(answer.body) == ERRORS
    ((incoming, stored),) = around.asked
    assert (incoming.kind, stored) == (Kind.VIEW_SUBMISSION, 0)
    (receipt,) = around.shelf.receipts
    assert FORM_SHOWS_ERRORS in receipt.headers


async def test_a_form_without_an_answer_closes() -> None:
    around = Around(None)
    assert await around.send(interaction("view_submission")) == Answer(200)
    assert FORM_SHOWS_ERRORS not in around.shelf.receipts[0].headers


async def test_a_form_that_is_sent_once_more_is_kept_once() -> None:
    """Slack shows a form on when our answer is late, and whoever sends it again would deploy twice."""

    def sent(trigger: str, reason: str = "customers can't pay", view: str = "V1") -> bytes:
        state = {"values": {"reason": {"reason": {"value": reason}}}}
        return interaction("view_submission", trigger_id=trigger, view={"id": view, "state": state})

    around = Around(None)
    for body in (sent("1.1"), sent("1.2")):
        assert await around.send(body) == Answer(200)
    assert len(around.shelf.receipts) == 1
    for body in (sent("1.3", reason="something else"), sent("1.4", view="V2")):
        await around.send(body)
    assert len(around.shelf.receipts) == 3
    told = Around(ERRORS)
    for body in (sent("1.1"), sent("1.2")):
        assert json.loads((await told.send(body)).body) == ERRORS


async def test_an_option_list_is_answered_and_not_stored() -> None:
    around = Around({"options": []})
    answer = await around.send(interaction("block_suggestion", value="ap"))
    assert json.loads(answer.body) == {"options": []}
    assert around.shelf.receipts == []


@pytest.mark.parametrize("body", [command(), event(), interaction("view_submission")])
async def test_what_is_meant_for_another_workspace_is_left_alone(body: bytes) -> None:
    """What a person tried is kept for our own trail, and nobody is answered; events are not even that."""
    around = Around(ERRORS, home="T2")
    assert await around.send(body) == Answer(200)
    kept = [(each.workspace, each.delivery_key) for each in around.shelf.receipts]
    assert kept == ([] if body == event() else [("T2", f"T1:{classify(body).key}")])
    assert around.asked == []
    assert around.count(Outcome.FOREIGN) == 1


async def test_a_replayed_search_is_refused_although_nothing_was_stored() -> None:
    around = Around({"options": []})
    await around.send(interaction("block_suggestion"))
    assert (await around.send(interaction("block_suggestion"))).status == 401
    assert len(around.asked) == 1


async def test_a_click_is_never_answered_inline() -> None:
    around = Around(ERRORS)
    assert await around.send(interaction("block_actions")) == Answer(200)
    assert around.asked == []


async def test_slack_may_verify_the_address() -> None:
    around = Around()
    answer = await around.send(b'{"type": "url_verification", "challenge": "3eZb"}')
    assert answer == Answer(200, b"3eZb")
    assert around.count(Outcome.ANSWERED) == 1


async def test_slack_may_check_the_certificate() -> None:
    assert await Around().send(b"ssl_check=1&token=x") == Answer(200)


def test_a_signature_is_forgotten_when_the_guard_refuses_it_anyway() -> None:
    now = 0.0
    replays = Replays(lambda: now)
    assert not replays.seen("a")
    now = 599.0
    assert replays.seen("a")
    now = 601.0
    assert not replays.seen("a")


def test_replays_never_fill_the_memory() -> None:
    replays = Replays(lambda: 0.0, most=3)
    for number in range(10):
        assert not replays.seen(str(number))
    assert replays.seen("9")
    assert not replays.seen("0")
