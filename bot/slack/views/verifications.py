"""What is measured of a release after it got there, as the card shows it; it stays when all is over."""

from __future__ import annotations

from bot.core.actions import ActionId
from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.text import Icon, Link, Moment, Span, bold, line
from bot.core.verifications import Measured, Outcome, asks, has_begun
from bot.core.visible import clip
from bot.slack.views import blocks
from bot.slack.views.blocks import Block

LOOKS: dict[Outcome, str] = {
    Outcome.MEASURING: "mag",
    Outcome.PASSED: "white_check_mark",
    Outcome.FAILED: "x",
    Outcome.INCONCLUSIVE: "question",
}
NAME, SAID, AT_MOST = 100, 160, 10


def verifications(deployment: Deployment) -> list[Block]:
    """One line for each: what it is, what was found, and until when it is measured."""
    measured = deployment.verifications
    if not has_begun(measured):
        return []
    text = line(bold("Verification"))
    for each in measured[:AT_MOST]:
        text += line(*_spans(each, deployment))
    if len(measured) > AT_MOST:
        text += line(f"… and {len(measured) - AT_MOST} more")
    return [blocks.rich(text, "verifications")]


def _spans(measured: Measured, deployment: Deployment) -> list[Span | str]:
    """Without what the note below says already."""
    what = clip(measured.what, NAME)
    name: Span | str = Link(measured.url, what) if measured.url else what
    if measured.outcome is Outcome.MEASURING and deployment.state is not State.VERIFYING:
        return [Icon("white_circle"), " ", name, " · not measured to its end"]
    spans: list[Span | str] = [Icon(LOOKS[measured.outcome]), " ", name]
    if measured.said and measured.said not in deployment.note:
        spans.append(f" · {clip(measured.said, SAID)}")
    if measured.outcome is Outcome.MEASURING and measured.until is not None:
        spans += [" · until ", Moment(measured.until)]
    return spans


def word_buttons(deployment: Deployment, value: str) -> list[Block]:
    """While nobody can say whether it works but a person."""
    if not asks(deployment.state, deployment.verifications):
        return []
    wish = deployment.wish
    sure = blocks.confirm(
        f"#{deployment.number} does not work?",
        f"{wish.service} in {wish.environment} is recorded as failed, and the next in line may go.",
        "It does not work",
        "Back",
    )
    return [
        blocks.button(ActionId.IT_WORKS, "It works", value),
        blocks.button(ActionId.IT_DOES_NOT_WORK, "It does not work", value, style="danger", confirm=sure),
        blocks.button(ActionId.MEASURE_AGAIN, "Measure again", value, style="primary"),
    ]
