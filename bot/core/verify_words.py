"""What is measured of a release, as people read it on the card and where they ask for it."""

from __future__ import annotations

from bot.core.lifecycle import State
from bot.core.records import Deployment
from bot.core.text import NOTHING, Icon, Link, Moment, Span, Text, bold, line
from bot.core.verifications import Measured, Outcome, has_begun
from bot.core.visible import clip

LOOKS: dict[Outcome, str] = {
    Outcome.MEASURING: "mag",
    Outcome.PASSED: "white_check_mark",
    Outcome.FAILED: "x",
    Outcome.INCONCLUSIVE: "question",
}
NAME, SAID, AT_MOST = 100, 160, 10


def measured_text(deployment: Deployment) -> Text:
    """One line for each: what it is, what was found, and until when it is measured."""
    measured = deployment.verifications
    if not has_begun(measured):
        return NOTHING
    text = line(bold("Verification"))
    for each in measured[:AT_MOST]:
        text += line(*_spans(each, deployment))
    more = len(measured) - AT_MOST
    return text + line(f"… and {more} more") if more > 0 else text


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
